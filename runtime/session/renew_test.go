package session_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestALoginHasANewIDAndTheOldOneIsDead(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	resp := s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	wantTrips(t, s.store, get, add, swap)
	if !setsCookie(resp.Header) || g.token() == old.token() {
		t.Error("the id is not a new one")
	}
	if got := s.fields(g); got.UserID != 7 || got.Visits != 1 {
		t.Errorf("the new id shows %+v", got)
	}
	if got := s.fields(old); got.UserID != 0 || got.Visits != 0 {
		t.Errorf("the old id shows %+v", got)
	}
}

func TestEveryChangeOfARenewFieldRenews(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session){
		"set":                func(x *fixture.Session) { x.SetUserID(8) },
		"set to equal value": func(x *fixture.Session) { x.SetUserID(7) },
		"clear":              func(x *fixture.Session) { x.ClearUserName() },
		"Renew":              func(x *fixture.Session) { x.Renew() },
		"Renew and a change": func(x *fixture.Session) { x.Renew(); x.AddVisits(1) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.SetUserID(7); x.SetUserName("Ann") })
			old := g.copy()
			var want fixture.SessionSchema
			s.visit(g, func(x *fixture.Session) { change(x); want = shown(x) })
			if g.token() == old.token() {
				t.Fatal("the id is the old one")
			}
			if got := s.fields(g); got.UserID != want.UserID || got.UserName != want.UserName || got.Visits != want.Visits {
				t.Errorf("stored %+v, want %+v", got, want)
			}
			if got := s.fields(old); got.UserID != 0 {
				t.Errorf("the old id shows %+v", got)
			}
			s.store.trips()
			s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
			wantTrips(t, s.store, get, swap)
		})
	}
}

func TestOnlyALoginRestartsTheLifetime(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	created := func() time.Time { x, _ := s.load(g); return x.Meta().Created }
	start := s.clock.Now()
	s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	for _, step := range []struct {
		name   string
		change func(*fixture.Session)
		login  bool
	}{
		{"anonymous Renew", func(x *fixture.Session) { x.Renew() }, false},
		{"a change of nothing that renews", func(x *fixture.Session) { x.AddVisits(1) }, false},
		{"login", func(x *fixture.Session) { x.SetUserID(7) }, true},
		{"change of privilege", func(x *fixture.Session) { x.SetUserID(8) }, false},
		{"another renew field", func(x *fixture.Session) { x.SetUserName("Ann") }, false},
		{"Renew of who is logged in", func(x *fixture.Session) { x.Renew() }, false},
		{"logout by clearing", func(x *fixture.Session) { x.ClearUserID(); x.ClearUserName() }, false},
		{"login again", func(x *fixture.Session) { x.SetUserName("Bob") }, true},
	} {
		s.clock.advance(time.Minute)
		s.visit(g, step.change)
		if step.login {
			start = s.clock.Now()
		}
		if got := created(); !got.Equal(start) {
			t.Errorf("%s: created %v, want %v", step.name, got, start)
		}
	}
}

func TestALoginKeepsWhatAnotherRequestSavedMeanwhile(t *testing.T) {
	for name, when := range map[string]string{"between load and save": "", "between the new record and the end of the old": swap} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			x, w := s.load(g)
			x.SetUserID(7)
			x.AddVisits(1)
			theirs := func() {
				s.store.fail(nil, nil)
				s.twin().visit(g, func(x *fixture.Session) {
					x.AppendCart(fixture.Item{SKU: "tea"})
					x.AddVisits(10)
				})
			}
			if when == "" {
				theirs()
			} else {
				s.store.fail(meanwhile(when, theirs), nil)
			}
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			g.keep(w.Result())
			if got := s.fields(g); got.UserID != 7 || got.Visits != 12 || len(got.Cart) != 1 {
				t.Errorf("stored: %+v", got)
			}
			if n := s.store.size(); n != 2 {
				t.Errorf("%d records, want the new one and the tombstone", n)
			}
		})
	}
}

func TestTheCookieOfALoginGoesOutOnlyAfterTheOldRecordHasEnded(t *testing.T) {
	for _, failing := range []string{add, swap} {
		t.Run(failing+" fails", func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			x, w := s.load(g)
			x.SetUserID(7)
			s.store.fail(always(errDown, failing), nil)
			if err := x.Save(); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Save = %v", err)
			}
			if setsCookie(w.Header()) {
				t.Error("a cookie was set")
			}
			s.store.heal()
			if got := s.fields(g); got.Visits != 1 || got.UserID != 0 {
				t.Errorf("the session of before shows %+v", got)
			}
			if n := s.store.size(); n != 1 {
				t.Errorf("%d records are left, want the old one alone", n)
			}
			if err := x.Save(); err != nil {
				t.Errorf("another try: %v", err)
			}
			g.keep(w.Result())
			if got := s.fields(g); got.UserID != 7 {
				t.Errorf("after another try: %+v", got)
			}
		})
	}
}

func TestWhatBecomesOfARenewalWhoseRecordHasEnded(t *testing.T) {
	login := func(x *fixture.Session) { x.SetUserID(7); x.AddVisits(1) }
	renew := func(x *fixture.Session) { x.Renew(); x.AddVisits(1) }
	endings := map[string]func(*lab, *guest){
		"renewed": func(s *lab, g *guest) { s.visit(g, func(x *fixture.Session) { x.Renew() }) },
		"taken by another login": func(s *lab, g *guest) {
			s.visit(g, func(x *fixture.Session) { x.SetUserName("Bob"); x.AddVisits(100) })
		},
		"destroyed": func(s *lab, g *guest) { _ = first(s.load(g)).Destroy() },
		"evicted":   func(s *lab, _ *guest) { s.store.evict() },
	}
	for _, c := range []struct {
		ending string
		change func(*fixture.Session)
		visits int64 // in the session that it ends up with; 0: ErrGone
	}{
		{"renewed", login, 3},
		{"taken by another login", login, 3},
		{"destroyed", login, 1},
		{"evicted", login, 1},
		{"renewed", renew, 0},
		{"taken by another login", renew, 0},
		{"destroyed", renew, 0},
		{"evicted", renew, 0},
	} {
		name := c.ending + ", then a login"
		if c.visits == 0 {
			name = c.ending + ", then Renew"
		}
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.AddVisits(1); x.SetNotice("for one") })
			x, w := s.load(g)
			c.change(x)
			endings[c.ending](s, g)
			err := x.Save()
			if c.visits == 0 {
				if !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
					t.Errorf("Save = %v, cookie: %v", err, w.Header())
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			mine := new(guest)
			mine.keep(w.Result())
			got := s.fields(mine)
			if got.UserID != 7 || got.UserName != "" || got.Visits != c.visits {
				t.Errorf("the login's session is %+v, want user 7, nobody else's name and %d visits", got, c.visits)
			}
			if c.ending == "taken by another login" {
				if theirs := s.fields(g); theirs.UserID != 0 || theirs.UserName != "Bob" || theirs.Visits != 102 {
					t.Errorf("the other login's session is %+v", theirs)
				}
			}
		})
	}
}

func TestWhoWasLoggedInAndIsLoggedOutIsNotLoggedInAgainByChangingARenewField(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	x, w := s.load(g)
	x.SetUserName("Ann")
	if err := first(s.load(g)).Destroy(); err != nil {
		t.Fatal(err)
	}
	if err := x.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("Save = %v, want ErrGone", err)
	}
	if setsCookie(w.Header()) {
		t.Errorf("a cookie was set: %v", w.Header())
	}
}

func TestARenewalReplacesAnEarlierCookieOnTheSameResponse(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	x, w := s.load(g)
	http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
	for i := range int64(3) {
		x.SetUserID(i + 1)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
	}
	lines := w.Header()["Set-Cookie"]
	ours := slices.DeleteFunc(slices.Clone(lines), func(l string) bool { return !strings.HasPrefix(l, "__Host-session=") })
	if len(lines) != 2 || len(ours) != 1 {
		t.Errorf("Set-Cookie: %q", lines)
	}
	g.keep(w.Result())
	if got := s.fields(g); got.UserID != 3 {
		t.Errorf("the cookie leads to %+v", got)
	}
}

func first[A, B any](a A, _ B) A { return a }
