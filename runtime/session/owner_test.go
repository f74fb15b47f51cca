package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A club is one process of a site whose sessions have owners.
type club struct {
	t       testing.TB
	clock   *clock
	store   *faultyStore
	members *member.Sessions
	cfg     session.Config
}

const ann, bob = int64(300), int64(301)

func newClub(t testing.TB, edit ...func(*session.Config)) *club {
	t.Helper()
	c := &club{t: t, clock: &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}}
	c.store = newFaultyStore(c.clock.Now)
	c.cfg = concurrency.Config()
	c.cfg.Cookie.Insecure = false
	c.cfg.Now = c.clock.Now
	for _, e := range edit {
		e(&c.cfg)
	}
	c.members = manager(t, c.store, c.cfg, member.NewSessions)
	return c
}

// twin is another process of the same site.
func (c *club) twin(edit ...func(*session.Config)) *club {
	t := *c
	for _, e := range edit {
		e(&t.cfg)
	}
	t.members = manager(c.t, t.store, t.cfg, member.NewSessions)
	return &t
}

func manager[S any](
	t testing.TB, store session.Store, cfg session.Config, open func(session.Store, session.Config) (*session.Manager[S], error),
) *session.Manager[S] {
	t.Helper()
	m, err := open(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// loadFrom begins a request of a guest.
func loadFrom[S any](t testing.TB, m *session.Manager[S], g *guest) (*S, *httptest.ResponseRecorder) {
	t.Helper()
	w := httptest.NewRecorder()
	s, err := m.Load(w, g.request())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s, w
}

type saver interface{ Save() error }

// visitOf is a whole request: load, change, save; the guest keeps the cookies.
func visitOf[S any](t testing.TB, m *session.Manager[S], g *guest, change func(*S)) *S {
	t.Helper()
	s, w := loadFrom(t, m, g)
	change(s)
	if err := any(s).(saver).Save(); err != nil {
		t.Fatalf("Save: %v", err)
	}
	g.keep(w.Result())
	return s
}

func (c *club) load(g *guest) (*member.Session, *httptest.ResponseRecorder) {
	c.t.Helper()
	return loadFrom(c.t, c.members, g)
}

func (c *club) visit(g *guest, change func(*member.Session)) *member.Session {
	c.t.Helper()
	return visitOf(c.t, c.members, g, change)
}

// login is a browser in which somebody has logged in.
func (c *club) login(user int64) *guest {
	c.t.Helper()
	g := new(guest)
	c.visit(g, func(s *member.Session) { s.SetUserID(user) })
	c.clock.advance(time.Millisecond)
	return g
}

func (c *club) user(g *guest) int64 {
	c.t.Helper()
	s, _ := c.load(g)
	return s.UserID()
}

func (c *club) of(user int64) session.Owner[member.Session] {
	return member.SessionsOf(c.members, user)
}

// devices returns the Devices of somebody's sessions, the latest login first.
func (c *club) devices(user int64) (all []string) {
	c.t.Helper()
	list, err := c.of(user).List(context.Background())
	if err != nil {
		c.t.Fatalf("List: %v", err)
	}
	for _, s := range list {
		all = append(all, s.Meta().Device)
	}
	return all
}

func (c *club) device(g *guest) string {
	c.t.Helper()
	s, _ := c.load(g)
	return s.Meta().Device
}

func (c *club) wantUser(g *guest, want int64) {
	c.t.Helper()
	if got := c.user(g); got != want {
		c.t.Errorf("the browser is user %d, want %d", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

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

func TestARosterThatIsMissingOrDoesNotOpenHasEndedItsSessions(t *testing.T) {
	for name, change := range map[string]func(c *club, key string){
		"missing": func(c *club, key string) { delete(c.store.records, key) },
		"damaged": func(c *club, key string) { c.store.records[key].value[50] ^= 1 },
		"empty": func(c *club, key string) {
			c.store.records[key] = faultyRecord{version: 1 << 40, end: c.clock.Now().Add(time.Hour)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := c.login(ann)
			other := c.login(bob)
			c.store.mu.Lock()
			change(c, c.rosterKey(g))
			c.store.mu.Unlock()
			c.wantUser(g, 0)
			c.wantUser(other, bob)
			again := c.login(ann)
			c.wantUser(again, ann)
			c.wantUser(g, 0)
		})
	}
}

// rosterKey is where the store has the roster of a browser's session.
func (c *club) rosterKey(g *guest) string {
	c.t.Helper()
	ring, err := token.NewRing("member", "__Host-session", c.cfg.Secrets)
	must(c.t, err)
	claims, ok := ring.Verify(g.token())
	if !ok || claims.Roster == (token.Roster{}) {
		c.t.Fatalf("the token names no roster: %v", claims)
	}
	return ring.RosterKey(c.cfg.KeyPrefix, claims.Roster)
}

func TestARosterThatCannotBeAskedIsAnOutage(t *testing.T) {
	for name, set := range map[string]func(c *club, key string){
		"down": func(c *club, key string) {
			c.store.before = func(_, k string) error {
				if k == key {
					return errDown
				}
				return nil
			}
		},
		"lying": func(c *club, key string) {
			c.store.reply = func(k string, value []byte) []byte {
				if k != key {
					return value
				}
				for other, r := range c.store.records {
					if other != key {
						return slices.Clone(r.value)
					}
				}
				return value
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := c.login(ann)
			s, _ := c.load(g)
			key := c.rosterKey(g)
			set(c, key)
			if _, err := c.members.Load(httptest.NewRecorder(), g.request()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Load = %v", err)
			}
			if _, err := c.members.Open(t.Context(), g.token()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Open = %v", err)
			}
			if _, err := c.of(ann).List(t.Context()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("List = %v", err)
			}
			if err := c.of(ann).EndAll(t.Context()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("EndAll = %v", err)
			}
			if err := c.of(ann).EndOthers(t.Context(), s); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("EndOthers = %v", err)
			}
			fresh, w := c.load(new(guest))
			fresh.SetUserID(ann)
			if err := fresh.Save(); !errors.Is(err, session.ErrUnavailable) || setsCookie(w.Header()) {
				t.Errorf("a login: %v", err)
			}
			s.SetEmail("x")
			if err := s.Save(); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("a renewal: %v", err)
			}
			c.store.reply = nil
			c.store.heal()
			c.wantUser(g, ann)
			if n := len(c.devices(ann)); n != 1 {
				t.Errorf("%d devices", n)
			}
		})
	}
}

func TestAListIsWholeOrAnError(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.login(ann)
	s, _ := c.load(g)
	key := c.members.StoreKey(s)
	c.store.fail(func(_, k string) error {
		if k == key {
			return errDown
		}
		return nil
	}, nil)
	if _, err := c.of(ann).List(t.Context()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("List = %v", err)
	}
}

func TestWhatIsListedTakesOneTripAndOnlyItIsTouched(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.clock.advance(10 * time.Minute)
	c.store.trips()
	c.wantUser(g, ann)
	wantTrips(t, c.store, get, get, touch)
	c.wantUser(g, ann)
	wantTrips(t, c.store, get, get)
	c.visit(g, func(s *member.Session) { s.AddVisits(1) })
	wantTrips(t, c.store, get, get, swap)

	c.clock.advance(10 * time.Minute)
	c.store.fail(always(errDown, remove), nil)
	must(t, c.of(ann).EndAll(t.Context()))
	c.store.heal()
	c.store.trips()
	c.wantUser(g, 0)
	wantTrips(t, c.store, get, get)
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

func TestATokenNamesItsRoster(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	if n := len("__Host-session=") + len(g.token()); n >= 160 {
		t.Errorf("a cookie of %d bytes", n)
	}
	visitor := new(guest)
	c.visit(visitor, func(s *member.Session) { s.AddVisits(1) })
	if n := len(visitor.token()); n != token.Size {
		t.Errorf("a token of %d bytes for a visitor without an account", n)
	}
	ring, err := token.NewRing("member", "__Host-session", c.cfg.Secrets)
	must(t, err)
	claims, _ := ring.Verify(g.token())
	claims.Roster[0] ^= 1
	forged := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
	c.wantUser(forged, 0) // a record whose roster is another than its token's
	claims.Roster = token.Roster{}
	bare := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
	c.store.trips()
	c.wantUser(bare, ann)
	wantTrips(t, c.store, get, get)
	must(t, c.of(ann).EndAll(t.Context()))
	c.wantUser(bare, 0)
}

// Who could write to the store and knew a secret, or a binary with a fault, might list a session anywhere.
func TestOnlyTheRosterOfItsOwnRecordKeepsASessionAlive(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	ring, err := token.NewRing("member", "__Host-session", c.cfg.Secrets)
	must(t, err)
	claims, _ := ring.Verify(g.token())
	s, _ := c.load(g)
	sum := token.SumOf(c.members.StoreKey(s))
	plain := append([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, sum[:]...)
	plain = append(plain, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
	must(t, c.of(ann).EndOthers(t.Context(), s))
	for name, roster := range map[string]token.Roster{"its own": claims.Roster, "another": {1, 2, 3}} {
		key := ring.RosterKey("", roster)
		_ = c.store.Delete(t.Context(), key)
		must(t, c.store.Add(t.Context(), key, ring.Seal(nil, key, plain), time.Hour))
		claims.Roster = roster
		bare := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
		if got, want := c.user(bare) == ann, name == "its own"; got != want {
			t.Errorf("listed on %s roster: %v", name, got)
		}
	}
}

func TestARosterGoesByHalfAKilobyteForTenSessions(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	if n := len(c.store.records[c.rosterKey(g)].value); n > 120 {
		t.Errorf("a roster of one takes %d bytes", n)
	}
	for range 4 {
		g = c.login(ann)
	}
	if n := len(c.store.records[c.rosterKey(g)].value); n > 330 {
		t.Errorf("a roster of five takes %d bytes", n)
	}
}

func TestMiddlewareAnswersAnOutageOfTheRosterWith503(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	key := c.rosterKey(g)
	c.store.fail(func(_, k string) error {
		if k == key {
			return errDown
		}
		return nil
	}, nil)
	w := httptest.NewRecorder()
	c.members.Handle(func(w http.ResponseWriter, r *http.Request, s *member.Session) error {
		t.Error("the handler ran")
		return nil
	}).ServeHTTP(w, g.request())
	if w.Code != http.StatusServiceUnavailable || setsCookie(w.Header()) {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}
