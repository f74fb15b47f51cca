package session_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestDestroyEndsTheRecordAndExpiresTheCookie(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	x, w := s.load(g)
	x.AppendCart(fixture.Item{SKU: "tea"})
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	if x.HasVisits() || x.HasCart() || !x.Meta().New || x.Meta().Token != "" {
		t.Errorf("afterwards the session is %v, %v", x, x.Meta())
	}
	if n := s.store.size(); n != 0 {
		t.Errorf("%d records are left", n)
	}
	line := w.Header().Get("Set-Cookie")
	if !strings.HasPrefix(line, "__Host-session=;") || !strings.Contains(line, "Max-Age=0") || !strings.Contains(line, "Expires=Thu, 01 Jan 1970") {
		t.Errorf("Set-Cookie: %s", line)
	}
	s.store.trips()
	if err := x.Save(); err != nil {
		t.Errorf("saving the empty session: %v", err)
	}
	wantTrips(t, s.store)
	if got := s.fields(old); got.Visits != 0 {
		t.Errorf("the old cookie shows %+v", got)
	}
}

func TestAFarewellCanBeSetAndSavedAfterDestroy(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	s.visit(g, func(x *fixture.Session) {
		if err := x.Destroy(); err != nil {
			t.Fatal(err)
		}
		x.SetNotice("you are logged out")
	})
	if g.token() == old.token() || g.token() == "" {
		t.Error("the new session has no cookie of its own")
	}
	if got := s.fields(g); got.Notice != "you are logged out" || got.Visits != 0 {
		t.Errorf("stored: %+v", got)
	}
}

func TestDestroyExpiresTheCookieAlsoWhenTheStoreFails(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, w := s.load(g)
	s.store.fail(always(errDown, get, swap, remove), nil)
	if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Destroy = %v, want ErrUnavailable", err)
	}
	if line := w.Header().Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") {
		t.Errorf("Set-Cookie: %s", line)
	}
	if x.HasVisits() || !x.Meta().New {
		t.Errorf("afterwards the session is %v, %v", x, x.Meta())
	}
}

func TestDestroyWithoutASessionCostsNothing(t *testing.T) {
	s := newLab(t)
	x, w := s.load(new(guest))
	x.SetNotice("never saved")
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	if x.HasNotice() || setsCookie(w.Header()) {
		t.Errorf("%v, %v", x, w.Header())
	}
	forged := &guest{cookies: map[string]string{"__Host-session": "forged"}}
	x, w = s.load(forged)
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	if line := w.Header().Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") {
		t.Errorf("a cookie that means nothing is not expired: %s", line)
	}
	wantTrips(t, s.store)
}

func TestALogoutEndsARecordThatTheStoreMissedForAMoment(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	s.store.fail(always(session.ErrNotFound, get), nil)
	x, w := s.load(g)
	if !x.Meta().New {
		t.Fatalf("loaded %v", x)
	}
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	if line := w.Header().Get("Set-Cookie"); !strings.Contains(line, "Max-Age=0") {
		t.Errorf("Set-Cookie: %s", line)
	}
	s.store.heal()
	if got := s.fields(old); got.Visits != 0 || s.store.size() != 0 {
		t.Errorf("the old cookie shows %+v, the store has %d records", got, s.store.size())
	}
}

func TestASlowerRequestCannotBringADestroyedSessionBack(t *testing.T) {
	changes := map[string]func(*fixture.Session){
		"update":                 func(x *fixture.Session) { x.AddVisits(1) },
		"renewal":                func(x *fixture.Session) { x.Renew() },
		"change of a login":      func(x *fixture.Session) { x.SetUserID(8) },
		"taking a flash, adding": func(x *fixture.Session) { x.TakeNotice(); x.AddVisits(1) },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, func(x *fixture.Session) { x.SetUserID(7); x.SetNotice("hi") })
			slow, w := s.load(g)
			if err := first(s.load(g)).Destroy(); err != nil {
				t.Fatal(err)
			}
			change(slow)
			before := s.store.size()
			if err := slow.Save(); !errors.Is(err, session.ErrGone) {
				t.Errorf("Save = %v, want ErrGone", err)
			}
			if setsCookie(w.Header()) || s.store.size() != before {
				t.Errorf("cookie %q, %d records", w.Header()["Set-Cookie"], s.store.size())
			}
			if got := s.fields(g); got.UserID != 0 {
				t.Errorf("the old cookie shows %+v", got)
			}
		})
	}
}

func TestALogoutFollowsARenewalThatOvertookIt(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	logout, w := s.load(g)
	for range 3 {
		s.visit(g, func(x *fixture.Session) { x.Renew() })
	}
	if err := logout.Destroy(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.UserID != 0 {
		t.Errorf("the renewed session survived the logout: %+v", got)
	}
	if !strings.Contains(w.Header().Get("Set-Cookie"), "Max-Age=0") {
		t.Errorf("Set-Cookie: %q", w.Header()["Set-Cookie"])
	}
}

func TestALogoutDoesNotEndTheSessionOfWhoLoggedInMeanwhile(t *testing.T) {
	s := newLab(t)
	g := s.known()
	logout, _ := s.load(g)
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	if err := logout.Destroy(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.UserID != 7 {
		t.Errorf("the login is lost: %+v", got)
	}
}

func TestARequestWithTheIDOfBeforeARenewalIsAnonymousAndHarmless(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	s.clock.advance(29 * time.Second)

	x, w := s.load(old)
	if x.UserID() != 0 || x.Visits() != 0 || !x.Meta().New {
		t.Errorf("it sees %v, %v", x, x.Meta())
	}
	if err := x.Save(); err != nil {
		t.Errorf("saving nothing: %v", err)
	}
	for name, change := range map[string]func(){
		"set":                    func() { x.AddVisits(1) },
		"Renew":                  x.Renew,
		"set after Destroy":      func() { _ = x.Destroy(); x.SetNotice("bye") },
		"clearing a renew field": x.ClearUserID,
	} {
		change()
		before := s.store.size()
		if err := x.Save(); !errors.Is(err, session.ErrGone) {
			t.Errorf("%s: Save = %v, want ErrGone", name, err)
		}
		if setsCookie(w.Header()) || s.store.size() != before {
			t.Errorf("%s: cookie %q, %d records", name, w.Header()["Set-Cookie"], s.store.size())
		}
	}
	if got := s.fields(g); got.UserID != 7 {
		t.Errorf("the renewed session was harmed: %+v", got)
	}
}

func TestALoginWithTheIDOfBeforeARenewalIsALogin(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	s.visit(old, func(x *fixture.Session) { x.SetUserID(8) })
	if a, b := s.fields(g), s.fields(old); a.UserID != 7 || b.UserID != 8 || b.Visits != 0 {
		t.Errorf("%+v and %+v", a, b)
	}
}

func TestAfterThirtySecondsTheIDOfBeforeARenewalIsJustUnknown(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	s.clock.advance(30 * time.Second)
	s.visit(old, func(x *fixture.Session) { x.AddVisits(5) })
	if got := s.fields(old); got.Visits != 5 || got.UserID != 0 {
		t.Errorf("%+v", got)
	}
}

func TestARequestWithTheIDOfADestroyedSessionGetsANewOne(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.copy()
	x, _ := s.load(g)
	s.store.fail(always(errDown, remove), nil) // the tombstone stays
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	s.store.heal()
	if n := s.store.size(); n != 1 {
		t.Fatalf("%d records", n)
	}
	s.visit(old, func(x *fixture.Session) {
		if x.HasVisits() {
			t.Errorf("it sees %v", x)
		}
		x.AddVisits(5)
	})
	if old.token() == g.token() {
		t.Error("the dead id was adopted")
	}
	if got := s.fields(old); got.Visits != 5 {
		t.Errorf("%+v", got)
	}
}

// severalCookies returns one browser with the cookies of so many live sessions, and each session's own.
func (s *lab) severalCookies(n int) (all *guest, each []*guest) {
	s.t.Helper()
	all = new(guest)
	for range n {
		g := s.known()
		each = append(each, g)
		all.extra = append(all.extra, "__Host-session="+g.token())
	}
	return all, each
}

func TestALogoutEndsTheSessionsOfAllCookiesThatLoadWouldAskFor(t *testing.T) {
	for _, n := range []int{2, 4, 5} {
		s := newLab(t)
		all, each := s.severalCookies(n)
		if err := first(s.load(all)).Destroy(); err != nil {
			t.Fatal(err)
		}
		for i, g := range each {
			if alive := s.fields(g).Visits == 1; alive != (i >= 4) {
				t.Errorf("of %d sessions, the one of cookie %d lives: %t", n, i, alive)
			}
		}
	}
}

func TestALogoutOfACookieThatIsSentTwiceCostsNoMore(t *testing.T) {
	s := newLab(t)
	g := s.known()
	if err := first(s.load(g)).Destroy(); err != nil {
		t.Fatal(err)
	}
	once := s.store.trips()
	g = s.known()
	g.extra = []string{"__Host-session=" + g.token()}
	if err := first(s.load(g)).Destroy(); err != nil {
		t.Fatal(err)
	}
	wantTrips(t, s.store, once...)
}

func TestALogoutOfSeveralCookiesIsDoneWhenAllHaveEnded(t *testing.T) {
	s := newLab(t)
	all, each := s.severalCookies(3)
	x, _ := s.load(all)
	s.store.fail(times(1, swap, errDown), nil)
	if err := x.Destroy(); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Destroy = %v, want ErrUnavailable", err)
	}
	if err := x.Destroy(); err != nil {
		t.Errorf("another try: %v", err)
	}
	for i, g := range each {
		if s.fields(g).Visits != 0 {
			t.Errorf("the session of cookie %d lives", i)
		}
	}
}
