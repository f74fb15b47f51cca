package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestEndAllEndsEverySessionOfItsOwnerAndNoOther(t *testing.T) {
	c := newClub(t)
	phone, desk, other := c.login(ann), c.login(ann), c.login(bob)
	visitor := new(guest)
	c.visit(visitor, func(s *member.Session) { s.AddVisits(1) })
	records := c.store.size()
	must(t, c.of(ann).EndAll(t.Context()))
	c.wantUser(phone, 0)
	c.wantUser(desk, 0)
	c.wantUser(other, bob)
	if s, _ := c.load(visitor); s.Visits() != 1 {
		t.Error("a visitor's session has ended too")
	}
	if got := c.store.size(); got != records-2 {
		t.Errorf("%d records, want the two of the sessions less than %d", got, records)
	}
	if got := c.devices(ann); got != nil {
		t.Errorf("listed: %v", got)
	}
	again := c.login(ann)
	c.wantUser(again, ann)
	if got := c.devices(ann); len(got) != 1 {
		t.Errorf("listed: %v", got)
	}
}

// The compare-and-swap of the roster alone ends them: the process that did it may die then.
func TestSessionsAreOverAlthoughTheirRecordsLiveOn(t *testing.T) {
	c := newClub(t)
	phone, desk := c.login(ann), c.login(ann)
	c.store.fail(always(errDown, remove), nil)
	must(t, c.of(ann).EndAll(t.Context()))
	c.store.heal()
	if c.store.size() != 3 {
		t.Fatalf("%d records", c.store.size())
	}
	c.wantUser(phone, 0)
	s, _ := c.twin().load(desk)
	if s.HasUserID() || !s.Meta().New {
		t.Errorf("%v, %v", s, s.Meta())
	}
	if _, err := c.members.Open(t.Context(), phone.token()); !errors.Is(err, session.ErrGone) {
		t.Errorf("Open = %v", err)
	}
}

func TestListShowsTheDevicesLatestLoginFirst(t *testing.T) {
	c := newClub(t)
	var want []string
	for i := range 5 {
		g := c.login(ann)
		c.visit(g, func(s *member.Session) { s.SetCart([]string{fmt.Sprint(i)}) })
		want = slices.Insert(want, 0, c.device(g))
	}
	c.login(bob)
	list, err := c.of(ann).List(t.Context())
	must(t, err)
	var got, carts []string
	for _, s := range list {
		m := s.Meta()
		got, carts = append(got, m.Device), append(carts, s.Cart()...)
		if m.Token != "" || m.New || m.ID == "" || !m.Expires.Equal(m.Created.Add(12*time.Hour)) || m.Size == 0 {
			t.Errorf("%v", m)
		}
	}
	if !slices.Equal(got, want) || strings.Join(carts, "") != "43210" {
		t.Errorf("listed %v with %v, want %v", got, carts, want)
	}
}

func TestAListedSessionCanBeSavedAndEnded(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	list, err := c.of(ann).List(t.Context())
	must(t, err)
	s := list[0]
	s.SetEmail("a")
	if err := s.Save(); !errors.Is(err, session.ErrLateSave) {
		t.Errorf("a renewal without a response: %v", err)
	}
	list, err = c.of(ann).List(t.Context())
	must(t, err)
	s = list[0]
	s.AddVisits(3)
	must(t, s.Save())
	if s, _ := c.load(g); s.Visits() != 3 {
		t.Errorf("%v", s)
	}
	must(t, s.Destroy())
	c.wantUser(g, 0)
	if got := c.devices(ann); got != nil {
		t.Errorf("listed: %v", got)
	}
}

func TestAListKeepsNothingAlive(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	for range 6 {
		c.clock.advance(6 * time.Minute)
		c.devices(ann)
	}
	c.wantUser(g, 0)
	if got := c.devices(ann); got != nil {
		t.Errorf("listed: %v", got)
	}
}

func TestEndEndsOneDevice(t *testing.T) {
	c := newClub(t)
	phone, desk, other := c.login(ann), c.login(ann), c.login(bob)
	device := c.device(phone)
	if err := c.of(ann).End(t.Context(), c.device(other)); !errors.Is(err, session.ErrGone) {
		t.Errorf("somebody else's device: %v", err)
	}
	must(t, c.of(ann).End(t.Context(), device))
	c.wantUser(phone, 0)
	c.wantUser(desk, ann)
	c.wantUser(other, bob)
	for _, device := range []string{device, "", "x", strings.Repeat("A", 11)} {
		if err := c.of(ann).End(t.Context(), device); !errors.Is(err, session.ErrGone) {
			t.Errorf("End(%q) = %v", device, err)
		}
	}
}

func TestEndOthersKeepsOne(t *testing.T) {
	c := newClub(t)
	phone, desk, third, other := c.login(ann), c.login(ann), c.login(ann), c.login(bob)
	for name, keep := range map[string]*guest{"another's": other, "a visitor's": {}} {
		s, _ := c.load(keep)
		if err := c.of(ann).EndOthers(t.Context(), s); !errors.Is(err, session.ErrGone) {
			t.Errorf("keep %s: %v", name, err)
		}
	}
	if err := c.of(ann).EndOthers(t.Context(), nil); !errors.Is(err, session.ErrGone) {
		t.Errorf("keep nothing: %v", err)
	}
	ended, _ := c.load(third)
	must(t, c.of(ann).End(t.Context(), c.device(third)))
	if err := c.of(ann).EndOthers(t.Context(), ended); !errors.Is(err, session.ErrGone) {
		t.Errorf("keep one that has ended: %v", err)
	}
	c.wantUser(phone, ann)
	s, _ := c.load(desk)
	must(t, c.of(ann).EndOthers(t.Context(), s))
	c.wantUser(phone, 0)
	c.wantUser(desk, ann)
	c.wantUser(other, bob)
}

func TestNobodyHasNoSessions(t *testing.T) {
	c := newClub(t)
	g := new(guest)
	c.visit(g, func(s *member.Session) { s.SetUserID(0); s.AddVisits(1) })
	c.store.trips()
	nobody := c.of(0)
	list, err := nobody.List(t.Context())
	if list != nil || err != nil {
		t.Errorf("List = %v, %v", list, err)
	}
	if err := nobody.EndAll(t.Context()); err != nil {
		t.Errorf("EndAll: %v", err)
	}
	if err := nobody.End(t.Context(), "x"); !errors.Is(err, session.ErrGone) {
		t.Errorf("End: %v", err)
	}
	if err := nobody.EndOthers(t.Context(), nil); !errors.Is(err, session.ErrGone) {
		t.Errorf("EndOthers: %v", err)
	}
	wantTrips(t, c.store)
	if s, _ := c.load(g); s.Visits() != 1 || s.Meta().Device != "" {
		t.Errorf("%v %v", s, s.Meta())
	}
}

func TestAnOwnerIsNotPrinted(t *testing.T) {
	c := newClub(t)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%x"} {
		if text := fmt.Sprintf(verb, c.of(7777)); strings.Contains(text, "7777") || strings.Contains(text, "1e61") {
			t.Errorf("%s prints %s", verb, text)
		}
	}
}

func TestAfterEndAllARequestUnderWayChangesNothing(t *testing.T) {
	for name, change := range map[string]func(*member.Session) error{
		"a Save":                func(s *member.Session) error { s.AddVisits(1); return s.Save() },
		"a renewal":             func(s *member.Session) error { s.Renew(); return s.Save() },
		"a changed renew field": func(s *member.Session) error { s.SetEmail("a"); return s.Save() },
		"a count":               func(s *member.Session) error { _, err := s.CountVisits(1); return err },
		"no owner any more":     func(s *member.Session) error { s.ClearUserID(); s.SetNotice("x"); return s.Save() },
	} {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, records left: %v", name, dies), func(t *testing.T) {
				c := newClub(t)
				g := c.login(ann)
				s, w := c.load(g)
				if dies {
					c.store.fail(always(errDown, remove), nil)
				}
				must(t, c.of(ann).EndAll(t.Context()))
				c.store.heal()
				err := change(s)
				if err != nil && !errors.Is(err, session.ErrGone) {
					t.Errorf("%v", err)
				}
				if (name[2:6] == "rene" || name[2:6] == "chan") && err == nil {
					t.Error("it could renew")
				}
				if setsCookie(w.Header()) {
					t.Errorf("cookie %v", w.Header())
				}
				g.keep(w.Result())
				c.wantUser(g, 0)
				if got := c.devices(ann); got != nil {
					t.Errorf("listed: %v", got)
				}
			})
		}
	}
}

func (f *frozenStore) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if key == f.key {
		<-ctx.Done()
		return nil, session.Version{}, ctx.Err()
	}
	return f.Store.Get(ctx, key)
}

func TestALogoutEndsTheRecordWhereTheRosterIsFrozen(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	frozen := &frozenStore{Store: c.store}
	c.cfg.SaveTimeout = 2 * time.Second
	s, _ := loadFrom(t, manager(t, frozen, c.cfg, member.NewSessions), g)
	frozen.key = c.rosterKey(g)
	must(t, s.Destroy())
	c.wantUser(g, 0)
}
