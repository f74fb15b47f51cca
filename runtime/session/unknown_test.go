package session_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// The two ways in which a write can time out look the same to whoever sent it.
var timeouts = map[string]func(s *lab, call string){
	"before it was applied": func(s *lab, call string) { s.store.fail(once(call, errTimeout), nil) },
	"after it was applied":  func(s *lab, call string) { s.store.fail(nil, once(call, errTimeout)) },
}

func TestAWriteThatTimedOutIsLookedForAndHappensOnce(t *testing.T) {
	for name, timeout := range timeouts {
		t.Run("update, "+name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			x, _ := s.load(g)
			x.AddVisits(1)
			x.AppendCart(fixture.Item{SKU: "tea"})
			timeout(s, swap)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			if got := s.fields(g); got.Visits != 2 || len(got.Cart) != 1 {
				t.Errorf("stored: %+v", got)
			}
			stored, _ := s.load(g)
			if got, want := x.Meta().Size, stored.Meta().Size; got != want {
				t.Errorf("Meta says %d bytes, stored are %d", got, want)
			}
		})
		t.Run("new session, "+name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			timeout(s, add)
			s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
			if got := s.fields(g); got.Visits != 1 {
				t.Errorf("stored: %+v", got)
			}
		})
		t.Run("login, "+name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			old := g.copy()
			timeout(s, swap)
			resp := s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
			if !setsCookie(resp.Header) {
				t.Fatal("no cookie")
			}
			if got := s.fields(g); got.UserID != 7 || got.Visits != 1 {
				t.Errorf("stored: %+v", got)
			}
			if got := s.fields(old); got.UserID != 0 || got.Visits != 0 {
				t.Errorf("the old id still shows %+v", got)
			}
		})
		t.Run("login's own record, "+name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			timeout(s, add)
			s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
			if got := s.fields(g); got.UserID != 7 || got.Visits != 1 {
				t.Errorf("stored: %+v", got)
			}
		})
		t.Run("logout, "+name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			x, _ := s.load(g)
			timeout(s, swap)
			if err := x.Destroy(); err != nil {
				t.Fatal(err)
			}
			if got := s.fields(g); got.Visits != 0 {
				t.Errorf("the session is still there: %+v", got)
			}
		})
		t.Run("flash, "+name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
			x, _ := s.load(g)
			timeout(s, swap)
			if v, ok := x.TakeNotice(); v != "hi" || !ok {
				t.Errorf("TakeNotice = %q, %v", v, ok)
			}
			if got := s.fields(g); got.Notice != "" {
				t.Error("the flash is still there")
			}
		})
	}
}

// A straggler is a store that does the first swap when the second comes, and has no answer to it.
type straggler struct {
	session.Store
	late func()
}

func (s *straggler) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	if s.late == nil {
		value = bytes.Clone(value)
		s.late = func() { _ = s.Store.Swap(context.WithoutCancel(ctx), key, value, v, ttl) }
		return errTimeout
	}
	s.late()
	s.late = func() {}
	return s.Store.Swap(ctx, key, value, v, ttl)
}

func TestAWriteThatArrivesWhenItIsSentAgainHappensOnce(t *testing.T) {
	s := newLab(t)
	g := s.known()
	m, err := fixture.NewSessions(&straggler{Store: s.store}, s.config())
	if err != nil {
		t.Fatal(err)
	}
	s.sessions = m
	x, _ := s.load(g)
	x.AddVisits(1)
	if err := x.Save(); err != nil {
		t.Errorf("Save = %v", err)
	}
	if got := s.fields(g); got.Visits != 2 {
		t.Errorf("stored: %+v", got)
	}
}

func TestAfterATimeoutAndAnotherWriteOnlyWhatCanBeRepeatedIsRepeated(t *testing.T) {
	for _, c := range []struct {
		name    string
		change  func(*fixture.Session)
		unknown bool
	}{
		{"set", func(x *fixture.Session) { x.SetNotice("ours") }, false},
		{"clear", func(x *fixture.Session) { x.ClearNotice() }, false},
		{"put", func(x *fixture.Session) { x.PutPrefs("k", "ours") }, false},
		{"delete", func(x *fixture.Session) { x.DeletePrefs("k") }, false},
		{"add", func(x *fixture.Session) { x.AddVisits(1) }, true},
		{"append", func(x *fixture.Session) { x.AppendCart(fixture.Item{SKU: "ours"}) }, true},
	} {
		for name, timeout := range timeouts {
			t.Run(c.name+", "+name, func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				s.visit(g, func(x *fixture.Session) { x.SetNotice("old"); x.PutPrefs("k", "old") })
				x, _ := s.load(g)
				c.change(x)
				want := shown(x)
				timeout(s, swap)
				again := s.store.before
				s.store.before = func(call, key string) error {
					if call == get { // Save looks for its write
						s.store.fail(nil, nil)
						s.twin().visit(g, func(x *fixture.Session) { x.SetOTP("theirs") })
						return nil
					}
					if again != nil {
						return again(call, key)
					}
					return nil
				}
				err := x.Save()
				got := s.fields(g)
				if got.OTP != "theirs" {
					t.Errorf("the other write is lost: %+v", got)
				}
				if c.unknown {
					if !errors.Is(err, session.ErrUnknown) {
						t.Errorf("Save = %v, want ErrUnknown", err)
					}
					if len(got.Cart) > 1 || got.Visits > 2 {
						t.Errorf("it was applied twice: %+v", got)
					}
					return
				}
				if err != nil {
					t.Fatal(err)
				}
				if got.Notice != want.Notice || got.Prefs["k"] != want.Prefs["k"] {
					t.Errorf("stored %+v, want %+v and the other write", got, want)
				}
			})
		}
	}
}

func TestAFlashOfWhichNobodyKnowsWhetherItWasTakenIsNotReturned(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
	x, _ := s.load(g)
	s.store.fail(nil, func(call, _ string) error {
		if call != swap {
			return nil
		}
		s.store.fail(nil, nil)
		s.twin().visit(g, func(x *fixture.Session) { x.AddVisits(1) })
		return errTimeout
	})
	if v, ok := x.TakeNotice(); ok || v != "" {
		t.Errorf("TakeNotice = %q, %v", v, ok)
	}
}

func TestAStoreThatFallsSilentAfterAWriteIsUnavailableAndUnknown(t *testing.T) {
	for name, visitor := range map[string]func(*lab) *guest{
		"new session": func(*lab) *guest { return new(guest) },
		"update":      (*lab).known,
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
			x, w := s.load(visitor(s))
			x.AddVisits(1)
			s.store.fail(always(errTimeout, get, add, swap), nil)
			err := x.Save()
			if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, session.ErrUnknown) {
				t.Errorf("Save = %v, want ErrUnavailable and ErrUnknown", err)
			}
			if setsCookie(w.Header()) {
				t.Error("a cookie was set")
			}
		})
	}
}

func TestAWriteThatTimedOutAndARecordThatIsGoneAreGoneAndUnknown(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.AddVisits(1)
	s.store.fail(nil, func(call, _ string) error {
		if call != swap {
			return nil
		}
		s.store.evict()
		return errTimeout
	})
	if err := x.Save(); !errors.Is(err, session.ErrGone) || !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrGone and ErrUnknown", err)
	}
}

// A doubt that a replay has not settled must not be forgotten: the first write may live on in what came after it.
func TestADefiniteErrorAfterAnUnsettledTimeoutIsStillUnknown(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.SetNotice("ours")
	s.store.fail(nil, func(call, _ string) error {
		if call != swap {
			return nil
		}
		s.store.fail(nil, nil)
		s.twin().visit(g, func(x *fixture.Session) { x.AddVisits(1) })
		s.store.fail(always(errDown, swap), nil)
		return errTimeout
	})
	err := x.Save()
	if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrUnknown too: the notice is stored", err)
	}
	if got := s.fields(g); got.Notice != "ours" {
		t.Errorf("stored: %+v", got)
	}
}
