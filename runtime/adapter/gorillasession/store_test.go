package gorillasession_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/sessions"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/gorillasession"
	"github.com/sessiongen/sessiongen/runtime/adapter/gorillasession/internal/web"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
)

func newSessions(t testing.TB, store session.Store) *web.Sessions {
	t.Helper()
	m, err := web.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("g")}, Cookie: session.Cookie{Insecure: true},
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func overMap(m *web.Sessions) sessions.Store {
	return gorillasession.New(m, (*web.Session).OAuth, (*web.Session).PutOAuth, (*web.Session).DeleteOAuth)
}

func overStruct(m *web.Sessions) sessions.Store {
	return gorillasession.NewStruct(m, (*web.Session).Ticket, (*web.Session).SetTicket)
}

// request is one that comes with the session that a response has left, within Middleware or not.
func request(
	t *testing.T, m *web.Sessions, within bool, cookies []*http.Cookie, f http.HandlerFunc,
) *http.Response {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	h := http.Handler(f)
	if within {
		h = m.Middleware(h)
	}
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestValuesAreKeptInTheField(t *testing.T) {
	for name, over := range map[string]func(*web.Sessions) sessions.Store{"map": overMap, "struct": overStruct} {
		for _, within := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				m := newSessions(t, course.NewStore())
				store := over(m)
				var cookies []*http.Cookie
				step := func(f func(g *sessions.Session)) {
					t.Helper()
					resp := request(t, m, within, cookies, func(w http.ResponseWriter, r *http.Request) {
						g, err := store.Get(r, "goth")
						if err != nil {
							t.Fatal(err)
						}
						if again, _ := store.Get(r, "goth"); again != g {
							t.Error("two sessions in one request")
						}
						f(g)
						if err := g.Save(r, w); err != nil {
							t.Error(err)
						}
					})
					if cookies == nil {
						cookies = resp.Cookies()
					}
				}
				step(func(g *sessions.Session) {
					if !g.IsNew || len(g.Values) != 0 {
						t.Errorf("it begins with %v", g.Values)
					}
					g.Values["State"] = "xyz"
				})
				if len(cookies) != 1 {
					t.Fatalf("%v", cookies)
				}
				step(func(g *sessions.Session) {
					if g.IsNew || g.Values["State"] != "xyz" {
						t.Errorf("%v", g.Values)
					}
					g.Options.MaxAge = -1
				})
				step(func(g *sessions.Session) {
					if !g.IsNew || len(g.Values) != 0 {
						t.Errorf("what was deleted is %v", g.Values)
					}
				})
			})
		}
	}
}

func TestGorillaSessionsOfTwoNamesAreTwo(t *testing.T) {
	m := newSessions(t, course.NewStore())
	store := overMap(m)
	resp := request(t, m, true, nil, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"a", "b"} {
			g, err := store.Get(r, name)
			if err != nil || len(g.Values) != 0 {
				t.Errorf("%v, %v", g.Values, err)
			}
			g.Values["k"] = "of " + name
			if err := g.Save(r, w); err != nil {
				t.Error(err)
			}
		}
	})
	if got := sessiontest.Read(t, m, resp).OAuth(); len(got) != 2 || got["a/k"] != "of a" || got["b/k"] != "of b" {
		t.Errorf("%v", got)
	}
}

func TestAValueThatTheFieldCannotHoldIsAnError(t *testing.T) {
	for name, over := range map[string]func(*web.Sessions) sessions.Store{"map": overMap, "struct": overStruct} {
		for _, value := range []any{true, 1.5} {
			t.Run(name, func(t *testing.T) {
				m := newSessions(t, course.NewStore())
				resp := request(t, m, true, nil, func(w http.ResponseWriter, r *http.Request) {
					g, _ := over(m).Get(r, "goth")
					g.Values["State"] = value
					if err := g.Save(r, w); err == nil {
						t.Error("it is saved")
					}
				})
				if len(resp.Cookies()) != 0 {
					t.Errorf("%v", resp.Cookies())
				}
			})
		}
	}
}

// Place is for a struct that promotes a field through a nil pointer.
type Place struct{ Host string }

func TestAPromotedFieldOfAStructIsNoneOfItsOwn(t *testing.T) {
	type ticket struct{ *Place }
	m := newSessions(t, course.NewStore())
	store := gorillasession.NewStruct(m,
		func(*web.Session) ticket { return ticket{} }, func(*web.Session, ticket) { t.Error("the field is set") })
	request(t, m, true, nil, func(w http.ResponseWriter, r *http.Request) {
		g, _ := store.Get(r, "goth")
		g.Values["Host"] = "shop"
		if err := g.Save(r, w); err == nil {
			t.Error("it is saved")
		}
	})
}

func TestAnOutageIsAnErrorAndNoNilSession(t *testing.T) {
	backend := course.NewStore()
	m := newSessions(t, backend)
	r := sessiontest.Request(t, m, httptest.NewRequest("GET", "/", nil), func(s *web.Session) { s.SetUserName("Ann") })
	backend.Down.Store(true)
	store := overMap(m)
	g, err := store.New(r, "goth")
	if g == nil || !errors.Is(err, session.ErrUnavailable) {
		t.Fatalf("%v, %v", g, err)
	}
	saved := g.Save(r, httptest.NewRecorder())
	if !errors.Is(saved, session.ErrUnavailable) {
		t.Errorf("Save = %v", saved)
	}
	if both := errors.Join(err, saved).Error(); strings.Contains(both, "10.0.0.1") { // which goth shows to the visitor
		t.Errorf("it tells %s", both)
	}
}
