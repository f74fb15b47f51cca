package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An app logs in without a token and takes it from the answer; its browser, if there is one, is another visitor.
func TestAnAppLogsInAndGoesOnWithItsToken(t *testing.T) {
	s := newLab(t, withBearer)
	mux := http.NewServeMux()
	mux.Handle("POST /login", s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		login(x)
		if err := x.Save(); err != nil {
			return err
		}
		_, err := w.Write([]byte(x.Meta().Token))
		return err
	}))
	mux.Handle("POST /visit", s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(1)
		return nil
	}))
	mux.Handle("POST /logout", s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		return x.Destroy()
	}))
	server := httptest.NewServer(mux)
	defer server.Close()
	token := ""
	send := func(path string) *http.Response {
		t.Helper()
		r, _ := http.NewRequestWithContext(t.Context(), "POST", server.URL+path, nil)
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := server.Client().Do(r)
		if err != nil {
			t.Fatal(err)
		}
		return resp
	}
	token = text(send("/login"))
	for range 3 {
		if resp := send("/visit"); resp.StatusCode != 200 || resp.Header["Session-Token"] != nil || setsCookie(resp.Header) {
			t.Errorf("%v", resp)
		}
	}
	x, err := s.sessions.Open(t.Context(), token)
	if err != nil || x.Visits() != 3 || x.UserID() != 7 {
		t.Fatalf("%v, %v", x, err)
	}
	old := token
	if token = send("/login").Header.Get("Session-Token"); token == "" || token == old {
		t.Errorf("a login renews the token: %q", token)
	}
	if _, err := s.sessions.Open(t.Context(), old); !errors.Is(err, session.ErrGone) {
		t.Errorf("the token before: %v", err)
	}
	if got := send("/logout").Header["Session-Token"]; len(got) != 1 || got[0] != "" {
		t.Errorf("logout: %q", got)
	}
	if resp := send("/visit"); resp.Header.Get("Session-Token") == "" {
		t.Errorf("after it a new session begins: %v", resp)
	}
}

func TestATokenIsHeldBackAsACookieIs(t *testing.T) {
	s := newLab(t, withBearer)
	r := new(guest).bearing("Bearer " + s.app(1))
	run := func(next func(http.ResponseWriter, *fixture.Session) error) (http.Header, error) {
		w := httptest.NewRecorder()
		err := s.sessions.Do(w, r, func(w http.ResponseWriter, r *http.Request) error {
			x, err := s.sessions.Get(r)
			if err != nil {
				t.Fatal(err)
			}
			return next(w, x)
		})
		return w.Result().Header, err
	}
	h, err := run(func(_ http.ResponseWriter, x *fixture.Session) error { login(x); return errOops })
	if err != errOops || h["Session-Token"] != nil {
		t.Errorf("what is not saved: %v, %v", err, h)
	}
	h, err = run(func(w http.ResponseWriter, x *fixture.Session) error {
		login(x)
		if err := x.Save(); err != nil {
			t.Error(err)
		}
		if _, _, err := http.NewResponseController(w).Hijack(); !errors.Is(err, session.ErrLateSave) {
			t.Errorf("Hijack with a token to send: %v", err)
		}
		w.Header().Set("Session-Token", "of a handler")
		clear(w.Header())
		return errOops
	})
	if err != errOops || h.Get("Session-Token") == "" || h.Get("Cache-Control") != "no-store" || h.Get("Vary") != "Authorization" {
		t.Errorf("what was saved before the error: %v, %v", err, h)
	}
	r = new(guest).bearing("Bearer " + h.Get("Session-Token"))
	outer := httptest.NewRecorder()
	s.twin(func(c *session.Config) { c.Cookie.Name = "__Host-outer" }).sessions.Middleware(
		http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			x, err := s.sessions.Load(w, r)
			if err != nil {
				t.Fatal(err)
			}
			x.Renew()
			if err := x.Save(); err != nil {
				t.Error(err)
			}
			if w.Header().Get("Session-Token") != "" {
				t.Error("it is in the header before the first byte")
			}
		})).ServeHTTP(outer, r)
	if h := outer.Result().Header; h.Get("Session-Token") == "" || h.Get("Cache-Control") != "no-store" {
		t.Errorf("through the Middleware of another manager: %v", h)
	}
}

func TestVaryNamesEachHeaderOnce(t *testing.T) {
	for name, c := range map[string]struct {
		bearer bool
		has    []string
		want   []string
	}{
		"browser":                     {false, nil, []string{"Cookie, Authorization"}},
		"bearer":                      {true, nil, []string{"Authorization"}},
		"browser, Cookie is there":    {false, []string{"Accept, cookie"}, []string{"Accept, cookie", "Authorization"}},
		"browser, the other is there": {false, []string{"authorization"}, []string{"authorization", "Cookie"}},
		"browser, both":               {false, []string{"Cookie", "Authorization"}, []string{"Cookie", "Authorization"}},
		"bearer, Cookie is there":     {true, []string{"Cookie"}, []string{"Cookie", "Authorization"}},
		"everything":                  {false, []string{"*"}, []string{"*"}},
	} {
		s := newLab(t, withBearer)
		r := new(guest).bearing("Basic x")
		if c.bearer {
			r = new(guest).bearing("Bearer x")
		}
		w := httptest.NewRecorder()
		if c.has != nil {
			w.Header()["Vary"] = c.has
		}
		if _, err := s.sessions.Load(w, r); err != nil {
			t.Fatal(err)
		}
		if got := w.Header()["Vary"]; !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}
