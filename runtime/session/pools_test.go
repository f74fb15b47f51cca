package session_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// pooled is a site whose passers-by are in a store of their own.
func pooled(t *testing.T, edit ...func(*session.Config)) (s *lab, passers, rest *faultyStore) {
	t.Helper()
	s = newLab(t, edit...)
	passers, rest = newFaultyStore(s.t, s.clock.Now), s.store
	m, err := fixture.NewSessions(session.Pools(passers, rest), s.config(edit...))
	if err != nil {
		t.Fatal(err)
	}
	s.sessions = m
	return s, passers, rest
}

func TestPassersByAreInAPoolOfTheirOwnUntilTheyLogIn(t *testing.T) {
	s, passers, rest := pooled(t)
	g := new(guest)
	for _, step := range []struct {
		name          string
		change        func(*fixture.Session)
		passers, rest []string
	}{
		{"creation", visitOnce, []string{add}, nil},
		{"Save", visitOnce, []string{get, swap}, nil},
		{"Count", func(x *fixture.Session) { _, _ = x.CountVisits(1) }, []string{get, swap}, nil},
		{"Take", func(x *fixture.Session) { x.SetNotice("hi"); x.TakeNotice() }, []string{get}, nil},
		{"Renew", func(x *fixture.Session) { x.Renew() }, []string{get, add, swap}, nil},
		{"login", login, []string{get, swap}, []string{add}},
		{"Save of who is logged in", visitOnce, nil, []string{get, swap}},
		{"remembered", func(x *fixture.Session) { x.Remember(true) }, nil, []string{get, add, swap}},
		{"logout by clearing", func(x *fixture.Session) { x.ClearUserID() }, []string{add}, []string{get, swap}},
		{"logout", func(x *fixture.Session) { _ = x.Destroy() }, []string{get, swap, remove}, nil},
	} {
		s.visit(g, step.change)
		t.Run(step.name, func(t *testing.T) {
			wantTrips(t, passers, step.passers...)
			wantTrips(t, rest, step.rest...)
		})
	}
}

func TestATouchGoesToThePoolOfTheSession(t *testing.T) {
	s, passers, rest := pooled(t)
	passer, user := new(guest), new(guest)
	s.visit(passer, visitOnce)
	s.visit(user, login)
	passers.trips()
	rest.trips()
	s.clock.advance(ruleTimes.Idle / 2)
	s.load(passer)
	s.load(user)
	wantTrips(t, passers, get, touch)
	wantTrips(t, rest, get, touch)
}

// A logout that comes with the old id has to find the session in the other pool.
func TestALogoutFollowsARenewalIntoTheOtherPool(t *testing.T) {
	s, passers, _ := pooled(t)
	g := new(guest)
	s.visit(g, login)
	late, _ := s.load(g)
	s.visit(g, func(x *fixture.Session) { x.ClearUserID(); x.AddVisits(1) }) // no login: the tombstone says where it goes on
	if len(passers.records) != 1 {
		t.Fatal("it has not moved")
	}
	if err := late.Destroy(); err != nil {
		t.Fatal(err)
	}
	if x, _ := s.load(g); !x.Meta().New {
		t.Errorf("it lives on: %v", x)
	}
	if len(passers.records) != 0 {
		t.Errorf("%d records are left there", len(passers.records))
	}
}

func TestAnOutageOfOnePoolIsNoneOfTheOther(t *testing.T) {
	s, passers, _ := pooled(t)
	passer, user := new(guest), new(guest)
	s.visit(passer, visitOnce)
	s.visit(user, login)
	passers.fail(always(errDown, get), nil)
	if _, err := s.sessions.Load(nil, passer.request()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("a passer-by: %v", err)
	}
	if got := s.fields(user); got.UserID != 7 {
		t.Errorf("who is logged in: %+v", got)
	}
}

// A pinged store has the calls that not every store has.
type pinged struct {
	session.Store
	err    error
	resets int
}

func (p *pinged) Ping(context.Context) error { return p.err }
func (p *pinged) Reset()                     { p.resets++ }

func TestPoolsPingAndResetBoth(t *testing.T) {
	a, b := new(pinged), new(pinged)
	s := session.Pools(a, b).(interface {
		session.Store
		Ping(context.Context) error
		Reset()
	})
	s.Reset()
	if err := s.Ping(t.Context()); err != nil || a.resets != 1 || b.resets != 1 {
		t.Errorf("%v, %d and %d resets", err, a.resets, b.resets)
	}
	for _, p := range []*pinged{a, b} {
		p.err = errors.New("down")
		if err := s.Ping(t.Context()); !errors.Is(err, p.err) {
			t.Errorf("Ping: %v", err)
		}
		p.err = nil
	}
	outer := struct{ session.Store }{s}
	if got := session.AnonymousPool(outer); got != session.Store(outer) {
		t.Errorf("%T", got)
	}
}
