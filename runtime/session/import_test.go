package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An otherLibrary keeps user names under the values of its cookie.
type otherLibrary struct {
	users         map[string]string
	asked, ended  int
	failed, stays error
}

func (o *otherLibrary) carry(w http.ResponseWriter, r *http.Request, s *fixture.Session) (func() error, error) {
	o.asked++
	cookie, err := r.Cookie("old")
	if err != nil || o.failed != nil {
		return nil, o.failed
	}
	if name := o.users[cookie.Value]; name != "" {
		s.SetUserName(name)
	}
	return func() error {
		if o.stays != nil {
			return o.stays
		}
		o.ended++
		delete(o.users, cookie.Value)
		http.SetCookie(w, &http.Cookie{Name: "old", MaxAge: -1})
		return nil
	}, nil
}

func importing(t *testing.T) (*lab, *otherLibrary, *guest) {
	s := newLab(t)
	old := &otherLibrary{users: map[string]string{"1": "ann"}}
	s.sessions = s.sessions.Import(old.carry)
	return s, old, &guest{cookies: map[string]string{"old": "1"}}
}

func TestAnotherLibrarysSessionIsCarriedOverOnce(t *testing.T) {
	s, old, g := importing(t)
	for range 3 {
		x, w := s.load(g)
		if x.UserName() != "ann" {
			t.Fatalf("the session has the name %q", x.UserName())
		}
		g.keep(w.Result())
	}
	if old.asked != 1 || old.ended != 1 || g.cookies["old"] != "" {
		t.Errorf("asked %d times, ended %d times, old cookie %q", old.asked, old.ended, g.cookies["old"])
	}
}

func TestAfterALogoutTheOldCookieDoesNotLogInAgain(t *testing.T) {
	s, _, g := importing(t)
	kept := g.copy()
	s.visit(g, func(x *fixture.Session) {
		if err := x.Destroy(); err != nil {
			t.Error(err)
		}
	})
	for name, who := range map[string]*guest{"the browser": g, "who kept the cookie": kept} {
		if x, _ := s.load(who); x.HasUserName() {
			t.Errorf("%s is %q again", name, x.UserName())
		}
	}
}

func TestAVisitorWithoutAnOldSessionGetsNoNewOne(t *testing.T) {
	s, old, g := importing(t)
	g.cookies["old"] = "2"
	x, w := s.load(g)
	if x.HasUserName() || setsCookie(w.Header()) || old.ended != 0 {
		t.Errorf("%v, %v, ended %d times", x, w.Header(), old.ended)
	}
	wantTrips(t, s.store)
}

func TestAnImportThatFailsIsAnErrorOfLoadAndIsTriedAgain(t *testing.T) {
	broken := errors.New("broken")
	for name, test := range map[string]struct{ fail, mend func(*lab, *otherLibrary) }{
		"reading": {
			func(_ *lab, o *otherLibrary) { o.failed = broken },
			func(_ *lab, o *otherLibrary) { o.failed = nil },
		},
		"saving": {
			func(s *lab, _ *otherLibrary) { s.store.fail(always(errDown, add), nil) },
			func(s *lab, _ *otherLibrary) { s.store.fail(nil, nil) },
		},
		"ending": {
			func(_ *lab, o *otherLibrary) { o.stays = broken },
			func(_ *lab, o *otherLibrary) { o.stays = nil },
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, old, g := importing(t)
			test.fail(s, old)
			w := httptest.NewRecorder()
			x, err := s.sessions.Load(w, g.request())
			if err == nil || x != nil {
				t.Fatalf("Load: %v, %v", x, err)
			}
			g.keep(w.Result())
			if old.ended != 0 || g.cookies["old"] != "1" {
				t.Error("the old session has been ended")
			}
			if token := g.token(); token != "" {
				if _, err := s.sessions.Open(t.Context(), token); err == nil {
					t.Error("there are two sessions now")
				}
			}
			test.mend(s, old)
			if x, _ := s.load(g); x.UserName() != "ann" {
				t.Errorf("the next request finds %q", x.UserName())
			}
		})
	}
}

func TestTheOldCookieIsExpiredThoughTheHandlerFails(t *testing.T) {
	s, _, g := importing(t)
	failing := s.sessions.Handle(func(http.ResponseWriter, *http.Request, *fixture.Session) error {
		return errors.New("broken")
	})
	w := httptest.NewRecorder()
	failing.ServeHTTP(w, g.request())
	g.keep(w.Result())
	if w.Code != http.StatusServiceUnavailable && w.Code != http.StatusInternalServerError || g.cookies["old"] != "" || g.token() == "" {
		t.Errorf("%d, cookies %v", w.Code, g.cookies)
	}
}

func TestAnOldCookieOfOurNameDoesNotDisplaceOurs(t *testing.T) {
	s := newLab(t)
	s.sessions = s.sessions.Import(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) (func() error, error) {
		x.SetUserName("ann")
		return func() error {
			http.SetCookie(w, &http.Cookie{Name: "__Host-session", MaxAge: -1})
			return nil
		}, nil
	})
	g := new(guest)
	_, w := s.load(g)
	if g.keep(w.Result()); g.token() == "" {
		t.Errorf("the browser is told %v", w.Header()["Set-Cookie"])
	}
}

func TestManagersBeforeAndAfterImportShareTheirSessions(t *testing.T) {
	s, _, g := importing(t)
	plain := s.sessions.Import(nil)
	var seen string
	s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		x, err := plain.Get(r)
		if err != nil {
			t.Fatal(err)
		}
		seen = x.UserName()
	})).ServeHTTP(httptest.NewRecorder(), g.request())
	if seen != "ann" {
		t.Errorf("the session has the name %q", seen)
	}
}

func TestAnErrorOfAnImportSaysWhatWasDone(t *testing.T) {
	s, old, g := importing(t)
	old.failed = session.ErrUnavailable
	_, err := s.sessions.Load(httptest.NewRecorder(), g.request())
	if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "another library's session") {
		t.Error(err)
	}
}
