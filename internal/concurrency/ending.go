package concurrency

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A slow handler has loaded its session, says so, and goes on when it is told to.
type slow struct{ loaded, proceed chan struct{} }

// shop serves /begin, /slow, /login, /renew, /logout, /evicted and /who, each with Load and Save or, for half of the
// slow requests, inside Handle.
type shop struct {
	store   session.Store
	m       *visitor.Sessions
	waiting *sync.Map // race → slow
}

func (h *shop) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/slow" && r.FormValue("handle") != "" {
		h.m.Handle(func(_ http.ResponseWriter, r *http.Request, s *visitor.Session) error {
			h.slowly(s, r)
			return nil
		}).ServeHTTP(w, r)
		return
	}
	s, err := h.m.Load(w, r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	switch r.URL.Path {
	case "/begin":
		s.SetColor("red")
		if user := r.FormValue("user"); user != "" {
			s.SetUserID(user)
		}
		err = s.Save()
	case "/slow":
		h.slowly(s, r)
		err = s.Save()
		w.Header().Set("Gone", fmt.Sprint(errors.Is(err, session.ErrGone)))
		err = nil
	case "/login":
		s.SetUserID("ann")
		s.SetUserName("Ann")
		err = s.Save()
	case "/renew":
		s.Renew()
		err = s.Save()
	case "/logout":
		err = s.Destroy()
	case "/evicted":
		err = h.store.Delete(r.Context(), storeKey(s.Meta().Token))
	case "/who":
		w.Header().Set("Who", s.UserID())
		w.Header().Set("New", fmt.Sprint(s.Meta().New))
		w.Header().Set("Color", s.Color())
	default:
		http.NotFound(w, r)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// storeKey is where the store has the session of a token.
func storeKey(text string) string {
	const identity = "github.com/sessiongen/sessiongen/internal/fixture/visitor.Session"
	ring, err := token.NewRing(identity, "session", Config().Secrets)
	if err != nil {
		panic(err)
	}
	claims, _ := ring.Verify(text)
	return ring.StoreKey("", claims.ID)
}

func (h *shop) slowly(s *visitor.Session, r *http.Request) {
	race, _ := h.waiting.Load(r.FormValue("race"))
	race.(slow).loaded <- struct{}{}
	<-race.(slow).proceed
	switch r.FormValue("then") {
	case "login":
		s.SetUserID("slow")
	case "renew":
		s.Renew()
	case "destroy":
		_ = s.Destroy()
		s.SetColor("slow")
	default:
		s.SetColor("slow")
		s.AddCount(1)
	}
}

func ASlowRequestCannotBringBackASessionThatHasEnded(t *testing.T, connect func() session.Store) {
	var waiting sync.Map
	site := newSite(t, func(int) http.Handler {
		store := connect()
		return &shop{store, Visitors(t, store), &waiting}
	})
	for _, c := range []struct {
		user, end, then string
	}{
		{"", "/logout", ""},
		{"", "/login", ""},
		{"", "/renew", ""},
		{"", "/evicted", ""},
		{"", "/logout", "renew"},
		{"", "/login", "renew"},
		{"ann", "/logout", ""},
		{"ann", "/logout", "login"}, // it was logged in: a changed name logs nobody in again
		{"ann", "/logout", "renew"},
		{"ann", "/renew", "login"},
		{"ann", "/evicted", "login"},
	} {
		t.Run(fmt.Sprintf("%s then %s of %q", c.end, c.then, c.user), func(t *testing.T) {
			races(count(200), func(i int) {
				b := site.browser(t)
				b.get(0, "/begin?user="+c.user)
				old := b.cookie()
				race := slow{make(chan struct{}), make(chan struct{})}
				waiting.Store(fmt.Sprint(i), race)
				handle := ""
				if i%2 == 0 {
					handle = "yes"
				}
				response := make(chan *http.Response, 1)
				go func() {
					response <- b.get(i/2, fmt.Sprintf("/slow?race=%d&then=%s&handle=%s", i, c.then, handle))
				}()
				select {
				case <-race.loaded:
				case <-response:
					t.Error("the slow request has not waited")
					return
				}
				b.get(1, c.end)
				close(race.proceed)
				resp := <-response

				if cookies := resp.Cookies(); len(cookies) > 0 {
					t.Error("the slow response sets a cookie")
				}
				if handle == "" && resp.Header.Get("Gone") != "true" {
					t.Error("the slow Save did not report ErrGone")
				}
				who := b.with(old, i, "/who").Header
				if who.Get("New") != "true" || who.Get("Who") != "" || who.Get("Color") != "" {
					t.Error("the old cookie has a session again")
				}
				if c.end == "/login" || c.end == "/renew" {
					who := b.get(i, "/who").Header
					if who.Get("Color") != "red" || c.end == "/login" && who.Get("Who") != "ann" {
						t.Errorf("the session that went on has become %v", who)
					}
				}
			})
		})
	}
}

func OfRacesBetweenSaveAndDestroyNoSessionIsResurrected(t *testing.T, connect func() session.Store) {
	saver, destroyer := Visitors(t, connect()), Visitors(t, connect())
	var saved, gone atomic.Int64
	races(count(20_000), func(i int) {
		cookie, token := Begin(t, saver, func(s *visitor.Session) { s.AddCount(1) })
		a, b := Open(t, saver, token), Open(t, destroyer, token)
		var err error
		Together(2, func(k int) {
			if k == i%2 { // the scheduler may always begin with the same of two
				a.AddCount(1)
				err = a.Save()
			} else if err := b.Destroy(); err != nil {
				t.Error("destroy:", err)
			}
		})
		switch {
		case err == nil:
			saved.Add(1)
		case errors.Is(err, session.ErrGone):
			gone.Add(1)
		default:
			t.Error("save:", err)
		}
		a.AddCount(1)
		if err := a.Save(); !errors.Is(err, session.ErrGone) {
			t.Error("a Save after the end:", err)
		}
		s, err := destroyer.Load(Visit(cookie))
		if err != nil {
			t.Error(err)
		} else if meta := s.Meta(); !meta.New || s.HasCount() {
			t.Error("resurrected")
		}
	})
	if saved.Load() == 0 || gone.Load() == 0 {
		t.Errorf("no race: %d saves came first, %d logouts", saved.Load(), gone.Load())
	}
}
