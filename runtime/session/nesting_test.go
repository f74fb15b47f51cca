package session_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestNestedMiddlewareOfOneManagerSavesOnce(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := httptest.NewRecorder()
	inner := s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(x.Visits()) // the outer one's change is in it already
		return nil
	})
	s.sessions.Middleware(s.handler(func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		s.sessions.Middleware(inner).ServeHTTP(w, r)
	})).ServeHTTP(w, g.request())
	wantTrips(t, s.store, get, swap)
	if got := s.fields(g); got.Visits != 4 {
		t.Errorf("%+v", got)
	}
}

func TestTwoManagersNestAndEachSavesItsOwn(t *testing.T) {
	s := newLab(t)
	admin := s.twin(func(c *session.Config) { c.Cookie.Name = "__Host-admin" })
	both := func(g *guest, f func(w http.ResponseWriter, shop, admin *fixture.Session)) *http.Response {
		w := httptest.NewRecorder()
		s.sessions.Middleware(admin.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			a, err := s.sessions.Get(r)
			b, err2 := admin.sessions.Get(r)
			if err != nil || err2 != nil {
				t.Fatal(err, err2)
			}
			f(w, a, b)
		}))).ServeHTTP(w, g.request())
		g.keep(w.Result())
		return w.Result()
	}
	g := new(guest)
	resp := both(g, func(w http.ResponseWriter, a, b *fixture.Session) {
		a.AddVisits(1)
		b.AddVisits(100)
		_, _ = io.WriteString(w, "hi")
	})
	if len(resp.Header["Set-Cookie"]) != 2 || len(resp.Header["Vary"]) != 1 {
		t.Errorf("%v", resp.Header)
	}
	if a, b := s.fields(g).Visits, admin.fields(g).Visits; a != 1 || b != 100 {
		t.Errorf("%d and %d visits", a, b)
	}

	// One of the two fails: the other's new cookie goes out all the same, since its old one is dead.
	s.store.trips()
	n := 0
	s.store.fail(func(call, _ string) error {
		if call == swap {
			if n++; n > 1 { // the inner manager saves first
				return errDown
			}
		}
		return nil
	}, nil)
	old := g.copy()
	resp = both(g, func(w http.ResponseWriter, a, b *fixture.Session) {
		a.AddVisits(1)
		b.SetUserID(7)
		_, _ = io.WriteString(w, "hi")
	})
	s.store.heal()
	if resp.StatusCode != 503 || strings.Contains(text(resp), "hi") || len(resp.Header["Set-Cookie"]) != 1 {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	if g.cookies["__Host-admin"] == old.cookies["__Host-admin"] || admin.fields(g).UserID != 7 {
		t.Errorf("the admin's login is lost")
	}
}

func TestLoadInsideAnotherManagersMiddlewareKnowsThatTheHeaderHasGoneOut(t *testing.T) {
	s := newLab(t)
	admin := s.twin(func(c *session.Config) { c.Cookie.Name = "__Host-admin" })
	g := new(guest)
	resp := s.serve(g, func(w http.ResponseWriter, r *http.Request, _ *fixture.Session) {
		x, err := admin.sessions.Load(w, r)
		if err != nil {
			t.Fatal(err)
		}
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(w, "hi")
		x.Renew()
		if err := x.Save(); !errors.Is(err, session.ErrLateSave) {
			t.Errorf("Save = %v", err)
		}
	})
	if !setsCookie(resp.Header) || admin.fields(g).Visits != 1 {
		t.Errorf("%v", resp.Header)
	}
}

func TestTheGoroutinesOfARequestShareItsSession(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
	w := httptest.NewRecorder()
	s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				x, err := s.sessions.Get(r)
				if err != nil {
					t.Error(err)
					return
				}
				for range 10 {
					x.AddVisits(1)
					x.AppendCart(fixture.Item{SKU: "tea", Qty: i})
					x.PutPrefs("k", "v")
					x.SetUserName(strings.Repeat("n", i))
					x.SetShip(&fixture.Address{City: "Rome"})
					x.SetLastSeen(s.clock.Now())
					_, _, _, _, _ = x.UserName(), x.Cart(), x.Snapshot(), x.String(), x.Meta()
					x.LookupPrefs("k")
					if i == 0 {
						x.SetCart(nil)
					}
				}
				x.TakeNotice()
				x.Renew()
				if i%2 == 0 {
					if err := x.Save(); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		_, _ = io.WriteString(w, "hi")
	})).ServeHTTP(w, g.request())
	g.keep(w.Result())
	if got := s.fields(g); got.Visits != 1+8*10 || got.Prefs["k"] != "v" {
		t.Errorf("%+v", got)
	}
}

func TestTheHeaderOfABufferedResponseDoesNotTakeTheCookieAway(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	w := httptest.NewRecorder()
	h := s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Error(err)
		}
	})
	s.sessions.Middleware(http.TimeoutHandler(h, time.Minute, "timeout")).ServeHTTP(w, g.request())
	g.keep(w.Result())
	if got := s.fields(g); got.Visits != 1 || len(w.Header()["Set-Cookie"]) != 2 {
		t.Errorf("%+v, %v", got, w.Header())
	}
}

// http.TimeoutHandler answers while the handler goes on, in another goroutine, with the session.
func TestAHandlerThatOutlivesItsResponseIsLate(t *testing.T) {
	s := newLab(t)
	g := s.known()
	late := make(chan error, 1)
	started := make(chan struct{})
	answered := make(chan struct{})
	slow := s.handler(func(_ http.ResponseWriter, r *http.Request, x *fixture.Session) {
		close(started)
		<-answered
		x.SetUserID(7)
		late <- x.Save()
	})
	w := httptest.NewRecorder()
	s.sessions.Middleware(http.TimeoutHandler(slow, time.Millisecond, "timeout")).ServeHTTP(w, g.request())
	<-started
	close(answered)
	if err := <-late; !errors.Is(err, session.ErrLateSave) {
		t.Errorf("Save = %v, want ErrLateSave", err)
	}
	if w.Code != 503 || setsCookie(w.Header()) {
		t.Errorf("%d %v", w.Code, w.Header())
	}
}
