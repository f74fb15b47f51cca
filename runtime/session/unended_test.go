package session_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// outages are ways in which a store is away, and what a logout is told.
var outages = map[string]func(*faultyStore){
	"refuses":               func(f *faultyStore) { f.fail(always(errDown, get, swap, remove), nil) },
	"does not answer":       func(f *faultyStore) { f.fail(always(errTimeout, get, swap, remove), nil) },
	"writes are not taken":  func(f *faultyStore) { f.fail(always(errDown, swap), nil) },
	"conflicts all the way": func(f *faultyStore) { f.fail(always(session.ErrStale, swap), nil) },
}

func TestALogoutThatFailedHoldsOnceTheStoreIsBack(t *testing.T) {
	for name, outage := range outages {
		for who, load := range map[string]func(*lab, *guest) *fixture.Session{
			"loaded": func(s *lab, g *guest) *fixture.Session { return first(s.load(g)) },
			"missed": func(s *lab, g *guest) *fixture.Session {
				s.store.fail(always(session.ErrNotFound, get), nil)
				defer s.store.heal()
				return first(s.load(g))
			},
			"renewed since": func(s *lab, g *guest) *fixture.Session {
				x, _ := s.load(g)
				s.twin().visit(g, func(x *fixture.Session) { x.Renew() })
				return x
			},
			"loaded with the old id": func(s *lab, g *guest) *fixture.Session {
				old := g.copy()
				s.twin().visit(g, func(x *fixture.Session) { x.Renew() })
				return first(s.load(old))
			},
		} {
			t.Run(name+", "+who, func(t *testing.T) {
				bubble.Test(t, func(t *testing.T) {
					s := newLab(t)
					g := s.known()
					s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
					x := load(s, g)
					outage(s.store)
					if err := x.Destroy(); err == nil {
						t.Fatal("Destroy says that it has ended the session")
					}
					time.Sleep(20 * time.Second)
					if s.sessions.Unended() != 1 {
						t.Fatal("nobody tries to end the session")
					}
					s.store.heal()
					time.Sleep(2 * time.Second)
					if got := s.fields(g); got.UserID != 0 || s.sessions.Unended() != 0 {
						t.Errorf("it lives on: %+v", got)
					}
				})
			})
		}
	}
}

func TestALogoutIsTriedAgainAfterPanicsOfWhatItCalls(t *testing.T) {
	for when, first := range map[string]func(call, key string) error{
		"at once":           nil,
		"in the background": always(errDown, swap),
	} {
		for _, logger := range []string{"logs", "panics too"} {
			t.Run(when+", the logger "+logger, func(t *testing.T) {
				bubble.Test(t, func(t *testing.T) {
					s := newLab(t)
					p := new(trap)
					m := s.manager(func(cfg *session.Config) {
						if logger != "logs" {
							cfg.Logger = slog.New(trapHandler{cfg.Logger.Handler(), p})
						}
					})
					g := s.known()
					w := httptest.NewRecorder()
					x, err := m.Load(w, g.request())
					if err != nil {
						t.Fatal(err)
					}
					if first != nil {
						s.store.fail(first, nil)
						if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
							t.Fatalf("Destroy = %v", err)
						}
					}
					s.store.fail(func(string, string) error { panic("store") }, nil)
					if first == nil && !panics(func() { _ = x.Destroy() }) {
						t.Fatal("Destroy has not panicked")
					}
					p.calls.Store(1)
					time.Sleep(20 * time.Second)
					if m.Unended() != 1 || !setsCookie(w.Header()) {
						t.Fatalf("%d are tried again; header %v", m.Unended(), w.Header())
					}
					if n := strings.Count(s.logs.String(), "level=ERROR"); n != 1 && logger == "logs" {
						t.Errorf("%d lines say so", n)
					}
					s.store.heal()
					time.Sleep(2 * time.Second)
					if got := s.fields(g); got.Visits != 0 || m.Unended() != 0 {
						t.Errorf("it lives on: %+v", got)
					}
				})
			})
		}
	}
}

func TestALogoutIsTriedAgainAlsoAfterItsRequestIsOver(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g := s.known()
		ctx, leave := context.WithCancel(t.Context())
		x, err := s.sessions.Load(httptest.NewRecorder(), g.request().WithContext(ctx))
		if err != nil {
			t.Fatal(err)
		}
		s.store.fail(always(errDown, swap), nil)
		if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("Destroy = %v", err)
		}
		leave()
		s.store.heal()
		time.Sleep(2 * time.Second)
		if got := s.fields(g); got.Visits != 0 {
			t.Errorf("it lives on: %+v", got)
		}
	})
}

func TestDestroyIsNotDoneUntilItHasSucceeded(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g := s.known()
		x, w := s.load(g)
		s.store.fail(always(errDown, get, swap, remove), nil)
		for range 3 {
			if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Destroy = %v, want ErrUnavailable", err)
			}
			if line := w.Header().Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") {
				t.Errorf("Set-Cookie: %s", line)
			}
		}
		x.SetNotice("you are logged out")
		if err := x.Save(); err != nil { // Add works
			t.Fatal(err)
		}
		farewell := new(guest)
		farewell.keep(w.Result())
		if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("Destroy of the session saved since = %v, want ErrUnavailable", err)
		}
		s.store.heal()
		if err := x.Destroy(); err != nil {
			t.Errorf("Destroy = %v", err)
		}
		if a, b := s.fields(g), s.fields(farewell); a.Visits != 0 || b.Notice != "" || s.store.size() != 0 {
			t.Errorf("left are %+v and %+v", a, b)
		}
		time.Sleep(2 * time.Second)
		s.store.trips()
		if err := x.Destroy(); err != nil {
			t.Errorf("Destroy = %v", err)
		}
		wantTrips(t, s.store)
	})
}

func TestAFarewellOutlivesTheLogoutThatFailed(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g := s.known()
		old := g.copy()
		x, w := s.load(g)
		s.store.fail(always(errDown, swap), nil)
		if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("Destroy = %v", err)
		}
		x.SetNotice("you are logged out")
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		g.keep(w.Result())
		s.store.heal()
		time.Sleep(2 * time.Second)
		if a, b := s.fields(old), s.noticeStored(g); a.Visits != 0 || !b {
			t.Errorf("the old session has %+v, the farewell is there: %t", a, b)
		}
	})
}

func TestALogoutIsGivenUpWhenItsRecordHasExpired(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		x, _ := s.load(s.known())
		s.store.fail(always(errDown, get, swap, remove), nil)
		if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
			t.Fatalf("Destroy = %v", err)
		}
		time.Sleep(31 * time.Minute)
		tried := len(s.store.trips())
		if tried < 1000 || tried > 10_000 {
			t.Errorf("the store was asked %d times in half an hour", tried)
		}
		time.Sleep(time.Hour)
		wantTrips(t, s.store)
	})
}

func TestAThousandFailedLogoutsAreKeptAndOneLineSaysSo(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		const kept, lost = 1024, 76
		s := newLab(t)
		var guests []*guest
		var loaded []*fixture.Session
		for range kept + lost {
			g := s.known()
			x, _ := s.load(g)
			guests, loaded = append(guests, g), append(loaded, x)
		}
		s.store.fail(always(errDown, get, swap, remove), nil)
		for _, x := range loaded {
			if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
				t.Fatalf("Destroy = %v", err)
			}
		}
		if n := s.sessions.Unended(); n != kept {
			t.Errorf("%d are kept", n)
		}
		if lines := strings.Count(s.logs.String(), "too many sessions"); lines != 1 {
			t.Errorf("%d lines say that some are not", lines)
		}
		time.Sleep(time.Minute)
		if calls := len(s.store.trips()); calls > 5000 {
			t.Errorf("in a minute the store that is away was asked %d times", calls)
		}
		s.store.heal()
		time.Sleep(2 * time.Second)
		alive := 0
		for _, g := range guests {
			if s.fields(g).Visits > 0 {
				alive++
			}
		}
		if alive != lost || s.sessions.Unended() != 0 {
			t.Errorf("%d live on, want %d", alive, lost)
		}
	})
}

func TestLogoutsDuringAnOutageOfMemcachedHoldAfterIt(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	for name, c := range map[string]struct{ away, back func(*servertest.Server) }{
		"frozen":    {(*servertest.Server).Pause, (*servertest.Server).Resume},
		"restarted": {(*servertest.Server).Kill, (*servertest.Server).Start},
	} {
		t.Run(name, func(t *testing.T) {
			server := servertest.Memcached(t)
			servertest.NoLeak(t)
			patient := concurrency.Visitors(t, connect(t, server))
			brief, err := memcached.NewWithOptions(memcached.Options{Addrs: []string{server.Addr()}, Timeout: 200 * time.Millisecond})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(brief.Reset)
			cfg := concurrency.Config()
			cfg.SaveTimeout = time.Second
			m, err := visitor.NewSessions(brief, cfg)
			if err != nil {
				t.Fatal(err)
			}
			const n = 100
			var tokens []string
			var leaving []*visitor.Session
			for range n {
				_, token := concurrency.Begin(t, patient, func(s *visitor.Session) { s.SetUserID("ann") })
				s, err := m.Open(t.Context(), token)
				for errors.Is(err, session.ErrUnavailable) { // the machine has stalled
					s, err = m.Open(t.Context(), token)
				}
				if err != nil {
					t.Fatal(err)
				}
				tokens, leaving = append(tokens, token), append(leaving, s)
			}
			c.away(server)
			concurrency.Together(n, func(i int) {
				if err := leaving[i].Destroy(); !errors.Is(err, session.ErrUnavailable) {
					t.Errorf("Destroy = %v, want ErrUnavailable", err)
				}
			})
			c.back(server)
			for m.Unended() > 0 { // as long as it takes
				time.Sleep(10 * time.Millisecond)
			}
			for _, token := range tokens {
				if _, err := patient.Open(t.Context(), token); !errors.Is(err, session.ErrGone) {
					t.Fatalf("a session lives on: %v", err)
				}
			}
		})
	}
}
