package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func polls(c *session.Config) {
	c.Passive = func(r *http.Request) bool { return r.URL.Path == "/poll" }
}

// poll is a passive request of a guest.
func (g *guest) poll() *http.Request {
	r := g.request()
	r.URL.Path = "/poll"
	return r
}

func TestAPassiveRequestKeepsNoSessionAlive(t *testing.T) {
	for name, serve := range map[string]func(*lab, *guest) *fixture.Session{
		"Load": func(s *lab, g *guest) *fixture.Session {
			x, err := s.sessions.Load(httptest.NewRecorder(), g.poll())
			if err != nil {
				t.Fatal(err)
			}
			return x
		},
		"Middleware": func(s *lab, g *guest) (x *fixture.Session) {
			s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				var err error
				if x, err = s.sessions.Get(r); err != nil {
					t.Error(err)
				}
			})).ServeHTTP(httptest.NewRecorder(), g.poll())
			return x
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, polls)
			g := s.known()
			polled := func() bool { return serve(s, g).Visits() > 0 }
			for range 29 {
				s.clock.advance(time.Minute)
				if !polled() {
					t.Fatal("it is gone before its time")
				}
				wantTrips(t, s.store, get)
			}
			s.clock.advance(time.Minute)
			if polled() {
				t.Error("polls have kept it alive")
			}
		})
	}
}

func TestAnActiveRequestSlidesWhatPassiveOnesHaveRead(t *testing.T) {
	s := newLab(t, polls)
	g := s.known()
	for range 3 {
		s.clock.advance(29 * time.Minute)
		if _, err := s.sessions.Load(httptest.NewRecorder(), g.poll()); err != nil {
			t.Fatal(err)
		}
		if s.fields(g).Visits != 1 { // the poll has not taken the touch away from it
			t.Fatal("it is gone")
		}
		wantTrips(t, s.store, get, get, touch)
	}
	s.clock.advance(29 * time.Minute)
	if _, err := s.sessions.Open(t.Context(), g.token()); err != nil {
		t.Fatal(err)
	}
	wantTrips(t, s.store, get, touch)
}

func TestAPassiveRequestThatSavesIsAUse(t *testing.T) {
	s := newLab(t, polls)
	g := s.known()
	for range 3 {
		s.clock.advance(29 * time.Minute)
		x, err := s.sessions.Load(httptest.NewRecorder(), g.poll())
		if err != nil {
			t.Fatal(err)
		}
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.fields(g).Visits; got != 4 {
		t.Errorf("%d visits", got)
	}
}
