package session_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func flipLast(value []byte) []byte {
	value = bytes.Clone(value)
	value[len(value)-1] ^= 1
	return value
}

// Each Kind of what a site without owners can see happens exactly once, and nothing else does beside it.
func TestEachCallTellsItsOutcomeOnce(t *testing.T) {
	none := func(*lab, *guest, *fixture.Session) {}
	loaded := func(f func(x *fixture.Session)) func(*lab, *guest, *fixture.Session) {
		return func(_ *lab, _ *guest, x *fixture.Session) { f(x) }
	}
	save := func(x *fixture.Session) { _ = x.Save() }
	for name, c := range map[string]struct {
		known bool                                 // the guest has a session
		first func(s *lab, g *guest)               // comes before the load
		then  func(*lab, *guest, *fixture.Session) // after it
		want  []session.Kind                       // of both
		err   error
		keys  string
		tries int
	}{
		"a stranger":             {then: loaded(save)},
		"a load":                 {known: true, then: none, want: []session.Kind{session.Loaded}},
		"a save without changes": {known: true, then: loaded(save), want: []session.Kind{session.Loaded}},
		"an evicted session": {known: true, first: func(s *lab, _ *guest) { s.store.evict() }, then: none,
			want: []session.Kind{session.Missed}},
		"a session that was renewed": {known: true, first: func(s *lab, g *guest) {
			old := g.copy()
			s.visit(old, func(x *fixture.Session) { x.Renew() })
			s.events.take()
		}, then: loaded(func(x *fixture.Session) { x.AddVisits(1); save(x) }),
			want: []session.Kind{session.Missed, session.Gone}, err: session.ErrGone, keys: "visits"},
		"a new session": {then: loaded(func(x *fixture.Session) { x.SetPrefs(nil); x.AddVisits(1); save(x) }),
			want: []session.Kind{session.Created}, keys: "prefs visits", tries: 1},
		"changes": {known: true, then: loaded(func(x *fixture.Session) { x.SetNotice("n"); x.AddVisits(1); x.ClearNotice(); save(x) }),
			want: []session.Kind{session.Loaded, session.Saved}, keys: "notice visits", tries: 1},
		"a conflict": {known: true, then: func(s *lab, g *guest, x *fixture.Session) {
			s.twin().visit(g, func(x *fixture.Session) { x.AddVisits(1) })
			s.events.take()
			x.AddVisits(1)
			save(x)
		}, want: []session.Kind{session.Saved}, keys: "visits", tries: 2},
		"a login of a stranger": {then: loaded(func(x *fixture.Session) { x.SetUserID(7); save(x) }),
			want: []session.Kind{session.LoggedIn}, keys: "user_id", tries: 1},
		"a login": {known: true, then: loaded(func(x *fixture.Session) { x.SetUserID(7); save(x) }),
			want: []session.Kind{session.Loaded, session.LoggedIn}, keys: "user_id", tries: 1},
		"a renewal": {known: true, then: loaded(func(x *fixture.Session) { x.Renew(); save(x) }),
			want: []session.Kind{session.Loaded, session.Renewed}, tries: 1},
		"a logout": {known: true, then: loaded(func(x *fixture.Session) { _ = x.Destroy() }),
			want: []session.Kind{session.Loaded, session.Destroyed}, tries: 1},
		"a logout of nobody": {then: loaded(func(x *fixture.Session) { _ = x.Destroy() })},
		"a logout of a session that is over": {known: true, first: func(s *lab, _ *guest) { s.store.evict() },
			then: loaded(func(x *fixture.Session) { _ = x.Destroy() }),
			want: []session.Kind{session.Missed, session.Gone}, err: session.ErrGone},
		"a save of a session that is over": {known: true, then: func(s *lab, _ *guest, x *fixture.Session) {
			s.store.evict()
			x.AddVisits(1)
			save(x)
		}, want: []session.Kind{session.Loaded, session.Gone}, err: session.ErrGone, keys: "visits", tries: 1},
		"a flash": {known: true, then: loaded(func(x *fixture.Session) { x.TakeNotice() }), first: func(s *lab, g *guest) {
			s.visit(g, func(x *fixture.Session) { x.SetNotice("n") })
			s.events.take()
		}, want: []session.Kind{session.Loaded, session.Taken}, keys: "notice", tries: 1},
		"a flash of this request": {known: true, then: loaded(func(x *fixture.Session) { x.SetNotice("n"); x.TakeNotice() }),
			want: []session.Kind{session.Loaded}},
		"a count": {known: true, then: loaded(func(x *fixture.Session) { _, _ = x.CountVisits(1) }),
			want: []session.Kind{session.Loaded, session.Counted}, keys: "visits", tries: 1},
		"a first count": {then: loaded(func(x *fixture.Session) { _, _ = x.CountVisits(1) }),
			want: []session.Kind{session.Created, session.Counted}, keys: "visits", tries: 1},
		"a forged token": {known: true, first: func(_ *lab, g *guest) {
			g.extra = []string{"__Host-session=forged", "__Host-session=forged as well"}
		}, then: none, want: []session.Kind{session.Refused, session.Loaded}},
		"nothing but a forged token": {first: func(_ *lab, g *guest) { g.extra = []string{"__Host-session=forged"} },
			then: none, want: []session.Kind{session.Refused}, err: session.ErrInvalidToken},
		"a token past its lifetime": {known: true, first: func(s *lab, _ *guest) { s.clock.advance(13 * time.Hour) },
			then: none, want: []session.Kind{session.Refused}, err: session.ErrGone},
		"a damaged record": {known: true, first: func(s *lab, _ *guest) { s.store.damage(flipLast) },
			then: none, want: []session.Kind{session.Unreadable, session.Missed}},
		"a record that was damaged since": {known: true, then: func(s *lab, _ *guest, x *fixture.Session) {
			s.store.damage(flipLast)
			x.AddVisits(1)
			save(x)
		}, want: []session.Kind{session.Loaded, session.Unreadable, session.Gone}, err: session.ErrGone, keys: "visits", tries: 1},
		"a store that is down": {known: true, then: func(s *lab, _ *guest, x *fixture.Session) {
			s.store.before = always(errDown, swap)
			x.AddVisits(1)
			save(x)
		}, want: []session.Kind{session.Loaded, session.Failed}, err: session.ErrUnavailable, keys: "visits", tries: 1},
		"a touch that fails": {known: true, first: func(s *lab, _ *guest) {
			s.clock.advance(10 * time.Minute)
			s.store.before = always(errTimeout, touch)
		}, then: none, want: []session.Kind{session.Failed, session.Loaded}},
		"a record that is too large": {known: true, then: loaded(func(x *fixture.Session) { x.SetUserName(strings.Repeat("x", 2<<20)); save(x) }),
			want: []session.Kind{session.Loaded, session.Failed}, err: session.ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			if c.known {
				g = s.known()
			}
			s.events.take()
			if c.first != nil {
				c.first(s, g)
			}
			x, _ := s.load(g)
			c.then(s, g, x)
			e := wantEvents(t, s.events, c.want...)
			if !errors.Is(e.Err, c.err) || (e.Err == nil) != (c.err == nil) {
				t.Errorf("error %v, want %v", e.Err, c.err)
			}
			if got := strings.Join(e.Keys, " "); got != c.keys || e.Tries != c.tries {
				t.Errorf("keys %q and %d tries, want %q and %d", got, e.Tries, c.keys, c.tries)
			}
			if m := x.Meta(); e.Kind == session.Saved && (e.Session != m.ID || e.Bytes != m.Size || m.ID == "") {
				t.Errorf("%+v, and the session is %v", e, m)
			}
		})
	}
}

func TestAStoreThatCannotBeAskedIsAFailedLoad(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.events.take()
	s.store.before = always(errDown, get)
	if _, err := s.sessions.Load(httptest.NewRecorder(), g.request()); err == nil {
		t.Fatal("the load succeeded")
	}
	if e := wantEvents(t, s.events, session.Failed); !errors.Is(e.Err, session.ErrUnavailable) {
		t.Error(e.Err)
	}
}

func TestOpenTellsAsLoadDoes(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.events.take()
	x, err := s.sessions.Open(t.Context(), g.token())
	must(t, err)
	if e := wantEvents(t, s.events, session.Loaded); e.Session != x.Meta().ID {
		t.Errorf("%+v", e)
	}
	_, _ = s.sessions.Open(t.Context(), "forged")
	wantEvents(t, s.events, session.Refused)
	s.store.evict()
	_, _ = s.sessions.Open(t.Context(), g.token())
	wantEvents(t, s.events, session.Missed)
}

func TestAMisfitIsToldOnceWithItsKey(t *testing.T) {
	s := newLab(t)
	g := s.known()
	older := looseSessions(t, s, record.Field{Name: "LastSeen", Key: "last_seen", Type: record.String})
	g.change(t, older, func(c *session.Core) { c.SetString(0, "yesterday") })
	x, _ := s.load(g)
	s.events.take()
	for range 3 {
		_ = x.LastSeen()
	}
	e := wantEvents(t, s.events, session.Misfit)
	if !slices.Equal(e.Keys, []string{"last_seen"}) || e.Session != x.Meta().ID {
		t.Errorf("%+v", e)
	}
}

// failedLogout returns a session whose Destroy has failed, and its Meta.ID. The store is still down.
func (s *lab) failedLogout() (x *fixture.Session, id string) {
	s.t.Helper()
	x, _ = s.load(s.known())
	id = x.Meta().ID
	s.events.take()
	s.store.fail(always(errDown, get, swap, remove), nil)
	_ = x.Destroy()
	wantEvents(s.t, s.events, session.Failed)
	return x, id
}

func TestALogoutThatFailedIsToldOnceWhenItHolds(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		x, id := s.failedLogout()
		s.store.heal()
		must(t, x.Destroy())
		time.Sleep(5 * time.Second) // rounds of what tries to end it too
		if e := wantEvents(t, s.events, session.Destroyed); e.Session != id {
			t.Errorf("%+v", e)
		}
	})
}

func TestMiddlewareTellsWhatItLoadsAndSaves(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.events.take()
	s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for range 2 {
			x, err := s.sessions.Get(r)
			must(t, err)
			x.AddVisits(1)
		}
		_, _ = w.Write([]byte("hello"))
	})).ServeHTTP(httptest.NewRecorder(), g.request())
	wantEvents(t, s.events, session.Loaded, session.Saved)
}

func TestWhatAnOwnerEndsIsRevokedOncePerLogin(t *testing.T) {
	c := newClub(t)
	phone, desk := c.login(ann), c.login(ann)
	c.visit(phone, func(s *member.Session) { s.Renew() }) // two entries of one login
	ids := []string{first(c.load(phone)).Meta().ID, first(c.load(desk)).Meta().ID}
	device := c.device(desk)
	c.login(bob)
	owner := c.events.take()
	login := slices.IndexFunc(owner, func(e session.Event) bool { return e.Kind == session.LoggedIn })
	ofAnn, ofBob := owner[login].Owner, owner[len(owner)-1].Owner
	if ofAnn == "" || ofAnn == ofBob {
		t.Fatalf("owners %q and %q", ofAnn, ofBob)
	}
	must(t, c.of(ann).End(t.Context(), device))
	if e := wantEvents(t, c.events, session.Revoked); e.Session != ids[1] || e.Owner != ofAnn || e.Tries != 1 {
		t.Errorf("%+v, want session %s of %s", e, ids[1], ofAnn)
	}
	_ = c.of(ann).End(t.Context(), device)
	wantEvents(t, c.events, session.Gone)
	must(t, c.of(ann).EndAll(t.Context()))
	if e := wantEvents(t, c.events, session.Revoked); e.Session != ids[0] || e.Owner != ofAnn {
		t.Errorf("%+v, want session %s of %s", e, ids[0], ofAnn)
	}
	c.store.before = always(errDown, get)
	_ = c.of(ann).EndAll(t.Context())
	wantEvents(t, c.events, session.Failed)
}

func TestALoginBeyondTheLimitRevokesTheOldest(t *testing.T) {
	c := newClub(t)
	oldest := first(c.load(c.login(ann))).Meta().ID
	for range 4 {
		c.login(ann)
	}
	c.events.take()
	c.login(ann)
	events := c.events.take()
	if got := kindsOf(events); !slices.Equal(got, []session.Kind{session.Revoked, session.LoggedIn}) ||
		events[0].Session != oldest || events[0].Tries != 1 {
		t.Errorf("%v, %+v", got, events)
	}
}

func TestObserversTellsEachOfSeveral(t *testing.T) {
	a, b := new(watcher), new(watcher)
	session.Observers(nil, a, nil, b).Observe(t.Context(), session.Event{Kind: session.Saved})
	wantEvents(t, a, session.Saved)
	wantEvents(t, b, session.Saved)
	if session.Observers() != nil || session.Observers(nil, nil) != nil {
		t.Error("nobody is an Observer")
	}
	if session.Observers(nil, a) != session.Observer(a) {
		t.Error("one is not itself")
	}
}

func TestEveryKindHasAName(t *testing.T) {
	seen := make(map[string]bool)
	for k := session.Loaded; k <= session.Failed; k++ {
		if name := k.String(); name == "" || name == "none" || name == "unknown" || seen[name] {
			t.Errorf("%d is %q", k, name)
		}
		seen[k.String()] = true
	}
	if session.Kind(0).String() != "none" || (session.Failed+1).String() != "unknown" {
		t.Error("what is no Kind has a name")
	}
}
