package session_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestALoginTooManyEndsTheOldest(t *testing.T) {
	c := newClub(t)
	var browsers []*guest
	for range 8 {
		browsers = append(browsers, c.login(ann))
	}
	for i, g := range browsers {
		want := int64(0)
		if i >= 3 {
			want = ann
		}
		if got := c.user(g); got != want {
			t.Errorf("login %d of 8 is user %d, want %d", i+1, got, want)
		}
	}
	if n := len(c.devices(ann)); n != 5 {
		t.Errorf("%d are listed", n)
	}
}

func TestALoginTakesThePlaceOfOneThatIsGone(t *testing.T) {
	c := newClub(t)
	var browsers []*guest
	for range 5 {
		browsers = append(browsers, c.login(ann))
	}
	s, _ := c.load(browsers[2])
	key := c.members.StoreKey(s)
	c.store.mu.Lock()
	delete(c.store.records, key)
	c.store.mu.Unlock()
	browsers = append(browsers, c.login(ann))
	for i, g := range browsers {
		want := ann
		if i == 2 {
			want = 0
		}
		if got := c.user(g); got != want {
			t.Errorf("login %d is user %d, want %d", i+1, got, want)
		}
	}
}

func TestARenewalKeepsDeviceAndPlace(t *testing.T) {
	c := newClub(t)
	phone, desk := c.login(ann), c.login(ann)
	device := c.device(phone)
	for i := range 10 {
		before := phone.token()
		c.visit(phone, func(s *member.Session) { s.SetEmail(fmt.Sprint(i)) })
		if phone.token() == before {
			t.Fatal("no new id")
		}
	}
	if got := c.device(phone); got != device {
		t.Errorf("device %s became %s", device, got)
	}
	if got := c.devices(ann); !slices.Equal(got, []string{c.device(desk), device}) {
		t.Errorf("listed: %v", got)
	}
	must(t, c.of(ann).End(t.Context(), device))
	c.wantUser(phone, 0)
}

func TestLoggingInAsTheSameOnceMoreIsARenewal(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	s, _ := c.load(g)
	created, device := s.Meta().Created, s.Meta().Device
	c.clock.advance(time.Minute)
	c.visit(g, func(s *member.Session) { s.SetUserID(ann) })
	s, _ = c.load(g)
	if m := s.Meta(); m.Device != device || !m.Created.Equal(created) {
		t.Errorf("%v, want device %s of %v", m, device, created)
	}
	c.visit(g, func(s *member.Session) { s.SetCart([]string{"a"}) })
	s, w := c.load(g)
	must(t, c.of(ann).EndAll(t.Context()))
	s.SetUserID(ann)
	if err := s.Save(); !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
		t.Errorf("after EndAll: %v", err)
	}
}

func TestWhatAGuestHadStaysAtTheLoginLessSecrets(t *testing.T) {
	c := newClub(t)
	g := new(guest)
	c.visit(g, func(s *member.Session) { s.SetEmail("a@b"); s.SetCSRF("planted"); s.SetCart([]string{"tea"}) })
	created := time.Time{}
	if s, _ := c.load(g); true {
		created = s.Meta().Created
	}
	c.clock.advance(time.Minute)
	c.visit(g, func(s *member.Session) { s.SetUserID(ann) })
	s, _ := c.load(g)
	if s.UserID() != ann || s.Email() != "a@b" || s.HasCSRF() || !slices.Equal(s.Cart(), []string{"tea"}) {
		t.Errorf("%v", s)
	}
	if !s.Meta().Created.After(created) {
		t.Error("a login of a guest who had given an e-mail does not restart Created")
	}
}

func TestNothingOfOneOwnersIsInAnothersSession(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.visit(g, func(s *member.Session) {
		s.SetEmail("ann@b")
		s.SetCSRF("x")
		s.SetCart([]string{"ann's"})
		s.PutPrefs("a", "b")
		s.AddVisits(7)
		s.SetNotice("for ann")
	})
	before := g.copy()
	c.visit(g, func(s *member.Session) { s.SetUserID(bob); s.AppendCart("bob's"); s.AddVisits(1) })
	s, _ := c.load(g)
	got := s.Snapshot()
	if got.UserID != bob || got.Email != "" || got.CSRF != "" || !slices.Equal(got.Cart, []string{"bob's"}) ||
		got.Prefs != nil || got.Visits != 1 || s.HasNotice() {
		t.Errorf("%+v", got)
	}
	if ann := c.devices(ann); ann != nil {
		t.Errorf("Ann's roster lists %v", ann)
	}
	if bob := c.devices(bob); !slices.Equal(bob, []string{s.Meta().Device}) {
		t.Errorf("Bob's roster lists %v", bob)
	}
	c.wantUser(before, 0)
}

func TestWhatIsNobodysAnyMoreIsEmpty(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.visit(g, func(s *member.Session) { s.SetCart([]string{"ann's"}); s.SetEmail("a") })
	before := g.copy()
	c.visit(g, func(s *member.Session) { s.ClearUserID(); s.SetNotice("bye") })
	s, _ := c.load(g)
	if s.HasUserID() || s.HasCart() || s.HasEmail() || s.Meta().Device != "" || s.Meta().New {
		t.Errorf("%v, %v", s, s.Meta())
	}
	if notice, ok := s.TakeNotice(); !ok || notice != "bye" {
		t.Errorf("the notice is %q", notice)
	}
	c.wantUser(before, 0)
	if got := c.devices(ann); got != nil {
		t.Errorf("listed: %v", got)
	}
	c.wantUser(c.login(ann), ann)
}

func TestALogoutLeavesTheRoster(t *testing.T) {
	c := newClub(t)
	phone, desk := c.login(ann), c.login(ann)
	old := phone.copy()
	s, w := c.load(phone)
	must(t, s.Destroy())
	phone.keep(w.Result())
	c.wantUser(old, 0)
	if got := c.devices(ann); !slices.Equal(got, []string{c.device(desk)}) {
		t.Errorf("listed: %v", got)
	}
}

func TestALogoutHasSucceededWhenRecordOrEntryIsGone(t *testing.T) {
	for name, down := range map[string]func(c *club, key string) bool{
		"the record's node is down": func(c *club, key string) bool { return true },
		"the roster's node is down": func(c *club, key string) bool { return false },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := c.login(ann)
			s, _ := c.load(g)
			key, isRecord := c.members.StoreKey(s), down(c, "")
			c.store.fail(func(_, k string) error {
				if (k == key) == isRecord {
					return errDown
				}
				return nil
			}, nil)
			must(t, s.Destroy())
			if n := c.members.Unended(); n != 0 {
				t.Errorf("%d are tried again", n)
			}
			c.store.heal()
			c.wantUser(g, 0)
		})
	}
	t.Run("all is down", func(t *testing.T) {
		c := newClub(t)
		g := c.login(ann)
		s, _ := c.load(g)
		c.store.fail(always(errDown, get, swap, remove), nil)
		if err := s.Destroy(); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("Destroy = %v", err)
		}
		c.store.heal()
		must(t, s.Destroy())
		c.wantUser(g, 0)
	})
}

// A frozenStore does not answer for one key.
type frozenStore struct {
	session.Store
	key string
}

// A logout that a renewal has overtaken ends the login, whatever id it has now, and also where the store has forgotten
// which.
func TestALogoutEndsTheLoginUnderWhateverID(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	s, _ := c.load(g)
	for range 3 {
		c.visit(g, func(s *member.Session) { s.Renew() })
	}
	c.clock.advance(time.Minute) // the tombstones are no more
	c.wantUser(g, ann)
	must(t, s.Destroy())
	c.wantUser(g, 0)
}

func TestALogoutWithTheIDOfBeforeARenewalEndsTheLogin(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	old := g.copy()
	c.visit(g, func(s *member.Session) { s.Renew() })
	s, _ := c.load(old)
	must(t, s.Destroy())
	c.wantUser(g, 0)
	if got := c.devices(ann); got != nil {
		t.Errorf("listed: %v", got)
	}
}

func TestALoginCostsTwoTripsMore(t *testing.T) {
	c := newClub(t)
	g := new(guest)
	c.visit(g, func(s *member.Session) { s.SetUserID(ann) })
	wantTrips(t, c.store, add, get, add)
	other := new(guest)
	c.visit(other, func(s *member.Session) { s.AddVisits(1) })
	wantTrips(t, c.store, add)
	c.visit(other, func(s *member.Session) { s.SetUserID(ann) })
	wantTrips(t, c.store, get, add, get, swap, swap)
	c.visit(other, func(s *member.Session) { s.SetEmail("a") })
	wantTrips(t, c.store, get, get, add, get, swap, swap)
}
