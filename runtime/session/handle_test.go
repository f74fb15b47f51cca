package session_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestASessionThatHasEndedIsNoFailureOfTheResponse(t *testing.T) {
	for name, wrap := range map[string]func(*lab, handle) http.Handler{
		"Middleware": func(s *lab, f handle) http.Handler { return s.sessions.Middleware(s.handler(f)) },
		"Handle": func(s *lab, f handle) http.Handler {
			return s.sessions.Handle(func(w http.ResponseWriter, r *http.Request, x *fixture.Session) error {
				f(w, r, x)
				return nil
			})
		},
		"Handle that returns ErrGone": func(s *lab, _ handle) http.Handler {
			return s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				x.AddVisits(1)
				err := x.Save()
				if !errors.Is(err, session.ErrGone) {
					t.Errorf("Save = %v", err)
				}
				return err
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			w := httptest.NewRecorder()
			s.store.fail(nil, func(call, _ string) error {
				if call == get {
					s.store.fail(nil, nil)
					s.store.evict()
				}
				return nil
			})
			wrap(s, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				x.AddVisits(1)
				_, _ = io.WriteString(w, "hi")
			}).ServeHTTP(w, g.request())
			body := "hi"
			if name == "Handle that returns ErrGone" {
				body = "" // what it has written
			}
			if w.Code != 200 || w.Body.String() != body || setsCookie(w.Header()) || s.logs.String() != "" {
				t.Errorf("%d %q %v; logged: %s", w.Code, w.Body, w.Header(), s.logs)
			}
			if n := s.store.size(); n != 0 {
				t.Errorf("%d records", n)
			}
		})
	}
}

func TestHandleGivesItsErrorToOnErrorAndSavesNothing(t *testing.T) {
	oops := errors.New("oops")
	s := newLab(t, func(c *session.Config) {
		c.OnError = func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.Is(err, oops) {
				t.Errorf("OnError is told %v", err)
			}
			w.WriteHeader(http.StatusTeapot)
		}
	})
	g := s.known()
	w := httptest.NewRecorder()
	s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(1)
		return oops
	}).ServeHTTP(w, g.request())
	if got := s.fields(g); w.Code != http.StatusTeapot || got.Visits != 1 {
		t.Errorf("%d, %+v", w.Code, got)
	}
}

func TestHandlesErrorAfterTheFirstByteIsOnlyLogged(t *testing.T) {
	s := newLab(t, func(c *session.Config) {
		c.OnError = func(http.ResponseWriter, *http.Request, error) { t.Error("OnError is called") }
	})
	g := s.known()
	w := httptest.NewRecorder()
	s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(1)
		_, _ = io.WriteString(w, "hi")
		x.AddVisits(1)
		return errors.New("oops")
	}).ServeHTTP(w, g.request())
	if w.Code != 200 || w.Body.String() != "hi" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if got := s.fields(g); got.Visits != 2 {
		t.Errorf("%d visits; what came before the byte is saved, what came after it is not", got.Visits)
	}
	if !strings.Contains(s.logs.String(), "oops") {
		t.Errorf("logged: %s", s.logs)
	}
}

func TestHandleDoesNotRunInAnOutage(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.store.fail(always(errDown, get), nil)
	w := httptest.NewRecorder()
	s.sessions.Handle(func(http.ResponseWriter, *http.Request, *fixture.Session) error {
		t.Error("the handler runs")
		return nil
	}).ServeHTTP(w, g.request())
	if w.Code != 503 || setsCookie(w.Header()) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}

func TestRequireLetsInWhoMayAndTellsAnOutageFromALogout(t *testing.T) {
	s := newLab(t)
	page := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "page") })
	login := http.RedirectHandler("/login", http.StatusSeeOther)
	loggedIn := func(x *fixture.Session) bool { return x.UserID() != 0 }
	guard := s.sessions.Require(loggedIn, login)(page)
	get1 := func(h http.Handler, g *guest) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, g.request())
		return w
	}
	g := s.known()
	if w := get1(s.sessions.Middleware(guard), g); w.Code != http.StatusSeeOther {
		t.Errorf("anonymous: %d", w.Code)
	}
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	if w := get1(s.sessions.Middleware(guard), g); w.Body.String() != "page" {
		t.Errorf("logged in: %d %s", w.Code, w.Body)
	}
	s.store.fail(always(errDown, get), nil)
	if w := get1(s.sessions.Middleware(guard), g); w.Code != 503 {
		t.Errorf("in an outage: %d", w.Code)
	}
	s.store.heal()
	if w := get1(guard, g); w.Code != 500 || strings.Contains(w.Body.String(), "page") {
		t.Errorf("outside Middleware: %d %s", w.Code, w.Body)
	}
}
