package session_test

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A slow handler has loaded its session, says so, and goes on when it is told to.
type slow struct{ loaded, proceed chan struct{} }

// shop serves /begin, /slow, /login, /renew, /logout and /who, each with Load and Save or, for half of the slow requests,
// inside Handle.
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
		err = h.store.Delete(r.Context(), h.m.StoreKey(s))
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

// with sends a request with a cookie of the past, and no others.
func (b *browser) with(cookie *http.Cookie, process int, path string) *http.Response {
	b.t.Helper()
	r, err := http.NewRequest(http.MethodGet, b.site.urls[process%processes].String()+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	r.AddCookie(cookie)
	resp, err := b.client.Transport.RoundTrip(r)
	if err != nil {
		b.t.Error(err)
		return &http.Response{Header: http.Header{}}
	}
	_ = resp.Body.Close()
	return resp
}

func TestASlowRequestCannotBringBackASessionThatHasEnded(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		var waiting sync.Map
		site := newSite(t, func(int) http.Handler {
			store := connect()
			return &shop{store, visitors(t, store), &waiting}
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
	})
}

func TestARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		m := visitors(t, connect())
		other := visitors(t, connect())
		for name, late := range map[string]func(*testing.T, *visitor.Session){
			"reads": func(*testing.T, *visitor.Session) {},
			"saves": func(t *testing.T, s *visitor.Session) {
				s.SetColor("late")
				wantGone(t, s.Save())
				s.AddCount(1)
				wantGone(t, s.Save()) // and again
			},
			"renews": func(t *testing.T, s *visitor.Session) {
				s.Renew()
				wantGone(t, s.Save())
			},
			"logs out": func(t *testing.T, s *visitor.Session) {
				if err := s.Destroy(); err != nil {
					t.Error(err)
				}
			},
			"logs out and says so": func(t *testing.T, s *visitor.Session) {
				if err := s.Destroy(); err != nil {
					t.Error(err)
				}
				s.SetNote("you are logged out")
				wantGone(t, s.Save())
			},
		} {
			t.Run(name, func(t *testing.T) {
				old, _ := begin(t, m, func(s *visitor.Session) { s.SetColor("red") })
				w, r := visit(old)
				s, err := m.Load(w, r)
				if err != nil {
					t.Fatal(err)
				}
				s.SetUserID("ann")
				if err := s.Save(); err != nil {
					t.Fatal(err)
				}
				token := s.Meta().Token

				w, r = visit(old)
				s, err = other.Load(w, r)
				if err != nil {
					t.Fatal(err)
				}
				if meta := s.Meta(); !meta.New || s.HasUserID() || s.HasColor() {
					t.Error("not anonymous")
				}
				late(t, s)
				if len(w.Result().Cookies()) > 0 {
					t.Error("it sets a cookie, which displaces the login's")
				}
				if s := open(t, m, token); s.UserID() != "ann" || s.Color() != "red" || s.HasCount() {
					t.Errorf("the new session has become %v", s)
				}
			})
		}
	})
}

func TestALogoutEndsTheSessionThatARenewalWentOnWith(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		m, other := visitors(t, connect()), visitors(t, connect())
		for _, arrival := range []string{"before the renewal", "after it"} {
			cookie, token := begin(t, m, func(s *visitor.Session) { s.SetUserID("ann") })
			logout := cookie
			leaving, err := other.Load(visit(logout))
			if err != nil {
				t.Fatal(err)
			}
			tokens := []string{token}
			for range 3 {
				w, r := visit(cookie)
				s, err := m.Load(w, r)
				if err != nil {
					t.Fatal(err)
				}
				s.Renew()
				if err := s.Save(); err != nil {
					t.Fatal(err)
				}
				cookie = w.Result().Cookies()[0]
				tokens = append(tokens, s.Meta().Token)
			}
			latest := open(t, m, tokens[3])
			if arrival == "after it" {
				if leaving, err = other.Load(visit(logout)); err != nil {
					t.Fatal(err)
				}
			}
			if err := leaving.Destroy(); err != nil {
				t.Error(arrival, err)
			}
			for i, token := range tokens {
				if _, err := m.Open(t.Context(), token); !errors.Is(err, session.ErrGone) {
					t.Errorf("logout that came %s, id %d: %v", arrival, i, err)
				}
			}
			latest.SetColor("late")
			wantGone(t, latest.Save())
		}
	})
}

func wantGone(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, session.ErrGone) {
		t.Errorf("%v, want ErrGone", err)
	}
}

func TestOfRacesBetweenSaveAndDestroyNoSessionIsResurrected(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		saver, destroyer := visitors(t, connect()), visitors(t, connect())
		var saved, gone atomic.Int64
		races(count(20_000), func(i int) {
			cookie, token := begin(t, saver, func(s *visitor.Session) { s.AddCount(1) })
			a, b := open(t, saver, token), open(t, destroyer, token)
			var err error
			together(2, func(i int) {
				if i == 0 {
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
			s, err := destroyer.Load(visit(cookie))
			if err != nil {
				t.Error(err)
			} else if meta := s.Meta(); !meta.New || s.HasCount() {
				t.Error("resurrected")
			}
		})
		if saved.Load() == 0 || gone.Load() == 0 {
			t.Errorf("no race: %d saves came first, %d logouts", saved.Load(), gone.Load())
		}
	})
}
