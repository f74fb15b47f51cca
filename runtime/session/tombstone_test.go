package session_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// ages of a tombstone by the store's clock.
var ages = []time.Duration{0, 29 * time.Second, 31 * time.Second, 29 * time.Minute}

// renewed returns a guest whose session has just been renewed, and the same browser with the cookie of before.
func (s *lab) renewed() (g, old *guest) {
	s.t.Helper()
	g = s.known()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7); x.SetNotice("hi") })
	old = g.copy()
	s.visit(g, func(x *fixture.Session) { x.Renew() })
	return g, old
}

// A verb is something that a request does, and what becomes of it on a session that has ended.
type verb struct {
	name string
	do   func(*fixture.Session) error

	young error // while the store has the tombstone
	late  error // of a request that loaded the session before it ended, at any time
	login bool  // ends up in a session of its own at any time
	saves bool  // ... when the tombstone has gone
}

var verbs = []verb{
	{name: "load", do: func(x *fixture.Session) error { return nil }},
	{name: "save", do: func(x *fixture.Session) error { x.AddVisits(5); return x.Save() }, young: session.ErrGone, late: session.ErrGone, saves: true},
	{name: "renew", do: func(x *fixture.Session) error { x.Renew(); return x.Save() }, young: session.ErrGone, late: session.ErrGone},
	{name: "login", do: func(x *fixture.Session) error { x.SetUserID(8); return x.Save() }, late: session.ErrGone, login: true},
	{name: "count", do: func(x *fixture.Session) error {
		n, err := x.CountVisits(5)
		if err == nil && n != 5 {
			return fmt.Errorf("counted %d", n)
		}
		return err
	}, young: session.ErrGone, late: session.ErrGone, saves: true},
	{name: "take", do: func(x *fixture.Session) error {
		if v, ok := x.TakeNotice(); ok {
			return fmt.Errorf("took %q", v)
		}
		return nil
	}},
}

func TestTheOldIDIsAnonymousForThirtySecondsAndUnknownAfter(t *testing.T) {
	for _, v := range verbs {
		for _, age := range ages {
			t.Run(fmt.Sprint(v.name, " after ", age), func(t *testing.T) {
				s := newLab(t)
				g, old := s.renewed()
				s.clock.advance(age)
				x, w := s.load(old)
				if x.UserID() != 0 || x.Visits() != 0 || x.HasNotice() || !x.Meta().New {
					t.Errorf("it shows %v, %v", x, x.Meta())
				}
				want, cookie := v.young, v.login
				if age > 30*time.Second {
					want, cookie = nil, v.login || v.saves
				}
				if err := v.do(x); !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
				if setsCookie(w.Header()) != cookie {
					t.Errorf("a cookie is set: %t", !cookie)
				}
				if got := s.fields(g); got.UserID != 7 || got.Visits != 1 {
					t.Errorf("the session that went on has become %+v", got)
				}
				if y, _ := s.load(g); first(y.TakeNotice()) != "hi" {
					t.Error("its flash was taken")
				}
			})
		}
	}
}

func TestARequestThatLoadedBeforeARenewalChangesNothingHoweverLate(t *testing.T) {
	for _, v := range verbs {
		for _, age := range ages {
			t.Run(fmt.Sprint(v.name, " after ", age), func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				s.visit(g, func(x *fixture.Session) { x.SetUserID(7); x.SetNotice("hi") })
				x, w := s.load(g)
				s.visit(g, func(x *fixture.Session) { x.Renew() })
				s.clock.advance(age)
				if err := v.do(x); !errors.Is(err, v.late) {
					t.Errorf("%v, want %v", err, v.late)
				}
				if setsCookie(w.Header()) {
					t.Error("a cookie is set")
				}
				if got := s.fields(g); got.UserID != 7 || got.Visits != 1 || !s.noticeStored(g) {
					t.Errorf("the session that went on has become %+v", got)
				}
			})
		}
	}
}

// touchTombstones does what a request does that has read the live record just before: its touch comes after the end.
func (s *lab) touchTombstones(ttl time.Duration) {
	s.t.Helper()
	s.store.mu.Lock()
	records := maps.Clone(s.store.records)
	s.store.mu.Unlock()
	for key, r := range records {
		if r.end.Equal(s.clock.Now().Add(30 * time.Second)) {
			if err := s.store.Touch(s.t.Context(), key, ttl); err != nil {
				s.t.Fatal(err)
			}
		}
	}
}

func TestATombstoneThatATouchHasLengthenedMeansNothingAfterThirtySeconds(t *testing.T) {
	for _, v := range append(verbs, verb{name: "destroy", do: (*fixture.Session).Destroy}) {
		for name, lost := range map[string]bool{"the reply comes": false, "the reply is lost": true} {
			t.Run(fmt.Sprint(v.name, ", ", name), func(t *testing.T) {
				bubble.Test(t, func(t *testing.T) {
					s := newLab(t)
					g := s.known()
					s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
					old := g.copy()
					x, w := s.load(g)
					x.Renew()
					if lost {
						s.store.fail(nil, func(call, _ string) error {
							if call == swap {
								s.store.fail(always(errDown, get), nil)
								return errTimeout
							}
							return nil
						})
						if err := x.Save(); !errors.Is(err, session.ErrUnknown) {
							t.Fatalf("Save = %v, want ErrUnknown", err)
						}
						s.store.heal()
					}
					if err := x.Save(); err != nil {
						t.Fatal(err)
					}
					g.keep(w.Result())
					s.touchTombstones(time.Hour)
					time.Sleep(31 * time.Second)
					if n := s.store.size(); n != 1 {
						t.Errorf("%d records, of one session", n)
					}
					x, _ = s.load(old)
					if err := v.do(x); err != nil {
						t.Error(err)
					}
					if got := s.fields(g); got.UserID != 7 || got.Visits != 1 {
						t.Errorf("the session that went on has become %+v", got)
					}
				})
			})
		}
	}
}

func TestAPanicOfTheStoreWhereATombstoneIsDeletedTakesNothingAway(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g, _ := s.renewed()
		s.store.fail(func(call, _ string) error {
			if call == remove {
				panic("a store's own")
			}
			return nil
		}, nil)
		time.Sleep(31 * time.Second)
		s.store.heal()
		if got := s.fields(g); got.UserID != 7 {
			t.Errorf("the session has become %+v", got)
		}
		if log := s.logs.String(); strings.Count(log, "panic while a session was ended in the background") != 1 {
			t.Errorf("the log says %q", log)
		}
	})
}

// Where the process that has renewed a session has ended before the tombstone's time was up.
func TestATombstoneThatATouchHasLengthenedCountsForTwoHours(t *testing.T) {
	const long = 24 * time.Hour
	for _, v := range append(verbs, verb{name: "destroy", do: (*fixture.Session).Destroy}) {
		for _, age := range append(ages, 119*time.Minute, 121*time.Minute, 23*time.Hour) {
			t.Run(fmt.Sprint(v.name, " after ", age), func(t *testing.T) {
				s := newLab(t, func(c *session.Config) { c.IdleTimeout, c.Lifetime = long, long })
				g, old := s.renewed()
				s.touchTombstones(long)
				s.clock.advance(age)
				x, w := s.load(old)
				if x.UserID() != 0 || x.Visits() != 0 || x.HasNotice() || !x.Meta().New {
					t.Errorf("it shows %v, %v", x, x.Meta())
				}
				counts := age < 2*time.Hour
				want, cookie, alive := v.young, v.login, v.name != "destroy"
				if !counts {
					want, cookie, alive = nil, v.login || v.saves || v.name == "destroy", true
				}
				if err := v.do(x); !errors.Is(err, want) {
					t.Errorf("%v, want %v", err, want)
				}
				if setsCookie(w.Header()) != cookie {
					t.Errorf("a cookie is set: %t", !cookie)
				}
				if got := s.fields(g).UserID == 7; got != alive {
					t.Errorf("the session that went on lives: %t", got)
				}
			})
		}
	}
}

// noticeStored reports whether the guest's session has a notice, without taking it.
func (s *lab) noticeStored(g *guest) bool { return first(s.load(g)).HasNotice() }

func TestALogoutWithTheOldIDEndsTheSessionForThirtySecondsOnly(t *testing.T) {
	for _, age := range ages {
		for name, loaded := range map[string]bool{"loaded before": true, "loaded after": false} {
			t.Run(fmt.Sprint(name, ", ", age), func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
				x, _ := s.load(g)
				old := g.copy()
				s.visit(g, func(x *fixture.Session) { x.Renew() })
				s.clock.advance(age)
				if !loaded {
					x, _ = s.load(old)
				}
				if err := x.Destroy(); err != nil {
					t.Fatal(err)
				}
				if alive := s.fields(g).UserID == 7; alive != (age > 30*time.Second) {
					t.Errorf("the renewed session lives: %t", alive)
				}
			})
		}
	}
}

func TestATombstoneOfALogoutLastsThirtySeconds(t *testing.T) {
	for _, age := range ages {
		t.Run(age.String(), func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			old := g.copy()
			slow, _ := s.load(g)
			x, _ := s.load(g)
			s.store.fail(always(errDown, remove), nil)
			if err := x.Destroy(); err != nil {
				t.Fatal(err)
			}
			s.store.heal()
			s.clock.advance(age)
			slow.AddVisits(1)
			if err := slow.Save(); !errors.Is(err, session.ErrGone) {
				t.Errorf("a slower request: Save = %v, want ErrGone", err)
			}
			if n := s.store.size(); (n == 1) != (age < 30*time.Second) {
				t.Errorf("%d records", n)
			}
			s.visit(old, func(x *fixture.Session) { x.AddVisits(5) })
			if got := s.fields(old); got.Visits != 5 {
				t.Errorf("the old cookie shows %+v", got)
			}
		})
	}
}

func TestServersWhoseClocksDisagreeKnowARequestThatWasUnderWay(t *testing.T) {
	for _, ahead := range []time.Duration{-time.Hour, time.Hour} {
		t.Run(ahead.String(), func(t *testing.T) {
			s := newLab(t)
			s.clock.advance(2 * time.Hour)
			g, old := s.renewed()
			other := s.twin(func(c *session.Config) {
				c.Now = func() time.Time { return s.clock.Now().Add(ahead) }
			})
			x, w := other.load(old)
			x.AddVisits(1)
			if err := x.Save(); !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
				t.Errorf("Save = %v, cookie %q: it displaces the one of the session that went on", err, w.Header()["Set-Cookie"])
			}
			if got := other.fields(g); got.UserID != 7 {
				t.Errorf("the session that went on has become %+v", got)
			}
			if err := first(other.load(old)).Destroy(); err != nil {
				t.Fatal(err)
			}
			if got := s.fields(g); got.UserID != 0 {
				t.Errorf("a logout that was under way has not ended %+v", got)
			}
		})
	}
}

func TestALateWriteCannotBringBackAnIDWhoseTombstoneHasGone(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	x, _ := s.load(g)
	var key string
	var lost func() error
	s.store.fail(func(call, k string) error {
		if call != swap {
			return nil
		}
		key = k
		s.store.fail(nil, nil)
		r := s.store.records[k]
		lost = func() error { return s.store.Swap(t.Context(), k, r.value, session.Version{r.version}, time.Hour) }
		s.twin().visit(g, func(x *fixture.Session) { x.SetUserID(7) })
		return errTimeout
	}, nil)
	x.AddVisits(1)
	if err := x.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("Save = %v, want ErrGone", err)
	}
	s.clock.advance(31 * time.Second)
	if err := lost(); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("the write that was lost comes after all: %v", err)
	}
	if got := s.fields(old); got.Visits != 0 || key == "" {
		t.Errorf("the old id shows %+v", got)
	}
}
