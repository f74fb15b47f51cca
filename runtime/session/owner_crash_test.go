package session_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A mortalStore is the store as a process has it that dies at one of its calls: before the call reaches the store, or
// before the answer does. Nothing that it calls after that happens.
type mortalStore struct {
	session.Store
	left    atomic.Int64
	reaches bool
}

func (m *mortalStore) call(do func() error) error {
	switch left := m.left.Add(-1); {
	case left > 0:
		return do()
	case left == 0 && m.reaches:
		_ = do()
	}
	return errDown
}

func (m *mortalStore) Get(ctx context.Context, key string) (value []byte, v session.Version, err error) {
	err = m.call(func() error {
		value, v, err = m.Store.Get(ctx, key)
		return err
	})
	return value, v, err
}

func (m *mortalStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return m.call(func() error { return m.Store.Add(ctx, key, value, ttl) })
}

func (m *mortalStore) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return m.call(func() error { return m.Store.Swap(ctx, key, value, v, ttl) })
}

func (m *mortalStore) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return m.call(func() error { return m.Store.Touch(ctx, key, ttl) })
}

func (m *mortalStore) Delete(ctx context.Context, key string) error {
	return m.call(func() error { return m.Store.Delete(ctx, key) })
}

// A crash is a request that is served by a process which dies at each of its calls in turn.
type crash struct {
	name   string
	before func(c *club, g *guest) // what the browser has done already
	do     func(c *club, s *member.Session)
	ends   bool // it may end the session before it touches its record
}

var crashes = []crash{
	{
		name:   "a guest's login",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetEmail("a"); s.AddVisits(1) }) },
		do:     func(c *club, s *member.Session) { s.SetUserID(ann); _ = s.Save() },
	},
	{
		name:   "a login out of nothing",
		before: func(*club, *guest) {},
		do:     func(c *club, s *member.Session) { s.SetUserID(ann); _ = s.Save() },
	},
	{
		name:   "a renewal",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetUserID(ann) }) },
		do:     func(c *club, s *member.Session) { s.SetEmail("new"); _ = s.Save() },
	},
	{
		name:   "a login as another",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetUserID(ann) }) },
		do:     func(c *club, s *member.Session) { s.SetUserID(bob); _ = s.Save() },
	},
	{
		name:   "an owner taken away",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetUserID(ann) }) },
		do:     func(c *club, s *member.Session) { s.ClearUserID(); s.SetNotice("x"); _ = s.Save() },
		ends:   true,
	},
	{
		name:   "a logout",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetUserID(ann) }) },
		do:     func(c *club, s *member.Session) { _ = s.Destroy() },
		ends:   true,
	},
	{
		name:   "a Save",
		before: func(c *club, g *guest) { c.visit(g, func(s *member.Session) { s.SetUserID(ann) }) },
		do:     func(c *club, s *member.Session) { s.AddVisits(1); _ = s.Save() },
	},
	{
		name: "the first Save of a session from before there were owners",
		before: func(c *club, g *guest) {
			visitOf(c.t, c.older(), g, func(s *olderSession) { s.SetUserID(ann) })
		},
		do: func(c *club, s *member.Session) { s.AddVisits(1); _ = s.Save() },
	},
	{
		name: "a renewal of a session from before there were owners",
		before: func(c *club, g *guest) {
			visitOf(c.t, c.older(), g, func(s *olderSession) { s.SetUserID(ann) })
		},
		do: func(c *club, s *member.Session) { s.SetEmail("new"); _ = s.Save() },
	},
}

// Whoever dies at whatever moment: nobody is locked out, and nobody is in who should be out.
func TestAProcessMayDieAtEachStep(t *testing.T) {
	for _, crash := range crashes {
		t.Run(crash.name, func(t *testing.T) {
			for k, died := int64(1), true; died; k++ {
				for _, reaches := range []bool{false, true} {
					died = crash.at(t, k, reaches)
				}
				if k > 30 {
					t.Fatal("it never ends")
				}
			}
		})
	}
}

// at lets the process die at its k-th call, and reports whether it had to.
func (x crash) at(t *testing.T, k int64, reaches bool) (died bool) {
	c := newClub(t)
	desk := c.login(ann)
	g := new(guest)
	x.before(c, g)
	s, _ := c.load(g)
	before, key := s.UserID(), c.members.StoreKey(s)
	c.clock.advance(time.Second)
	version := c.store.records[key].version

	mortal := &mortalStore{Store: c.store, reaches: reaches}
	mortal.left.Store(k)
	dying := *c
	dying.members = manager[member.Session](t, mortal, c.cfg, member.NewSessions)
	at := fmt.Sprintf("%s, at call %d, which reaches the store: %v", x.name, k, reaches)
	tab := g.copy()
	if key == "" {
		tab = new(guest)
	}
	mortal.left.Add(2) // the calls of its load
	s, w := dying.load(tab)
	mortal.left.Store(k)
	x.do(&dying, s)
	died = mortal.left.Load() <= 0
	if !died {
		g.keep(w.Result())
	}
	if t.Failed() {
		return false
	}

	c.wantUser(desk, ann)
	if died {
		user := c.user(g)
		if user != before && user != 0 {
			t.Errorf("%s: the browser is %d", at, user)
		}
		if untouched := c.store.records[key].version == version; key != "" && untouched && user != before && !x.ends {
			t.Errorf("%s: it has ended a session and left its record", at)
		}
		c.survives(at, g)
	}
	c.wantUser(desk, ann)
	third := c.login(ann)
	c.wantUser(third, ann)
	if _, err := c.of(ann).List(t.Context()); err != nil {
		t.Errorf("%s: List: %v", at, err)
	}
	old := g.copy()
	must(t, c.of(ann).EndAll(t.Context()))
	for _, b := range []*guest{old, tab, desk, third} {
		if c.user(b) == ann {
			t.Errorf("%s: somebody is in after EndAll", at)
		}
	}
	c.visit(g, func(s *member.Session) { s.SetUserID(ann) })
	c.wantUser(g, ann)
	return died
}

// survives checks that what a browser is left with works: it can be saved and renewed, and others' logins and renewals
// do not end it.
func (c *club) survives(at string, g *guest) {
	c.t.Helper()
	before := c.user(g)
	other := c.login(ann)
	c.visit(other, func(s *member.Session) { s.Renew() })
	if got := c.user(g); got != before {
		c.t.Errorf("%s: user %d became %d after another's login", at, before, got)
	}
	if s, _ := c.load(g); !s.Meta().New {
		c.visit(g, func(s *member.Session) { s.AddVisits(1) })
		c.visit(g, func(s *member.Session) { s.Renew() })
		c.visit(g, func(s *member.Session) { s.SetEmail("later") })
	}
	if got := c.user(g); got != before {
		c.t.Errorf("%s: user %d became %d after a renewal of its own", at, before, got)
	}
}

func TestWhatAnEndAllHasSwappedHolds(t *testing.T) {
	for k := int64(1); k < 12; k++ {
		for _, reaches := range []bool{false, true} {
			c := newClub(t)
			phone, desk := c.login(ann), c.login(ann)
			mortal := &mortalStore{Store: c.store, reaches: reaches}
			mortal.left.Store(k)
			dying := manager[member.Session](t, mortal, c.cfg, member.NewSessions)
			err := member.SessionsOf(dying, ann).EndAll(t.Context())
			swapped := k > 2 || k == 2 && reaches
			if (err == nil) != (k > 2) {
				t.Errorf("at call %d: %v", k, err)
			}
			want := ann
			if swapped {
				want = 0
			}
			c.wantUser(phone, want)
			c.wantUser(desk, want)
		}
	}
}
