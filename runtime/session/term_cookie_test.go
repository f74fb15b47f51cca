package session_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestTheCookieOfWhoIsRememberedOutlivesTheBrowser(t *testing.T) {
	s := newLab(t, withAnonymous)
	g := new(guest)
	step := func(name string, change func(*fixture.Session), want time.Duration) {
		t.Helper()
		cookies := s.visit(g, change).Cookies()
		if len(cookies) != 1 || cookies[0].MaxAge != int(want/time.Second) {
			t.Errorf("%s: %v, want Max-Age %v", name, cookies, want)
		}
	}
	step("anonymous", visitOnce, 0)
	step("login", loginRemembered, 30*day)
	s.clock.advance(10 * day)
	step("the rest at a renewal", func(x *fixture.Session) { x.Renew() }, 20*day)
	step("taking it back", func(x *fixture.Session) { x.Remember(false) }, 0)
	step("and again", func(x *fixture.Session) { x.Remember(true) }, 30*day)
	step("logout by clearing", func(x *fixture.Session) { x.ClearUserID() }, 0)

	s.sessions = s.manager(func(c *session.Config) { c.Remembered = session.Timeouts{Idle: 500 * day, Lifetime: 500 * day} })
	step("browsers keep none longer", loginRemembered, 400*day)
}

func TestAPersistentCookieLivesAsLongAsTheTimeoutsThatHold(t *testing.T) {
	s := newLab(t, func(c *session.Config) {
		c.Cookie.Persistent, c.IdleTimeout, c.Anonymous = true, session.NoTimeout, anonymousTimes
	})
	g := new(guest)
	for name, c := range map[string]struct {
		change func(*fixture.Session)
		want   time.Duration
	}{
		"anonymous": {visitOnce, 2 * time.Hour}, "login": {login, 12 * time.Hour}, "remembered": {loginRemembered, 30 * day},
	} {
		g = new(guest)
		cookies := s.visit(g, c.change).Cookies()
		if len(cookies) != 1 || cookies[0].MaxAge != int(c.want/time.Second) {
			t.Errorf("%s: %v, want Max-Age %v", name, cookies, c.want)
		}
	}
}

func TestRememberAloneWritesNothingForANewVisitor(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	x, w := s.load(g)
	x.Remember(true)
	if err := x.Save(); err != nil || setsCookie(w.Header()) {
		t.Errorf("%v, %v", err, w.Header())
	}
	wantTrips(t, s.store)
	x.SetUserID(7) // what was said is still meant
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	g.keep(w.Result())
	if _, m := s.termOf(g); !m.Remembered {
		t.Errorf("%v", m)
	}
}

func TestRememberStaysPendingWhenASaveFails(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, w := s.load(g)
	loginRemembered(x)
	s.store.fail(always(errDown, add), nil)
	if err := x.Save(); err == nil {
		t.Fatal("Save succeeded")
	}
	s.store.heal()
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	g.keep(w.Result())
	if _, m := s.termOf(g); !m.Remembered {
		t.Errorf("%v", m)
	}
	if c := w.Result().Cookies(); len(c) != 1 || c[0].MaxAge == 0 || c[0].SameSite != http.SameSiteLaxMode {
		t.Errorf("%v", c)
	}
}
