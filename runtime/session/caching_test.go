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

// setCaching is a handler that wants its response kept, by all caches there are.
func setCaching(h http.Header) {
	for _, name := range cachingFields {
		h.Set(name, "max-age=600")
	}
	h["cdn-cache-control"] = []string{"max-age=600"} // past the canonical form
	h["cache-control"] = []string{"public"}
	h.Set("Cache-Control", "public, max-age=600")
	h.Set("Etag", `"1"`)
}

var cachingFields = []string{
	"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Vercel-CDN-Cache-Control", "Surrogate-Control", "Edge-Control",
	"X-Accel-Expires", "Expires",
}

func wantUncached(t *testing.T, h http.Header) {
	t.Helper()
	if raw := strings.ToLower("Cache-Control"); h[raw] != nil { // as a handler may have put it, against net/http's advice
		t.Errorf("%s: %s", raw, h[raw])
	}
	if got := h["Cache-Control"]; len(got) != 1 || got[0] != "no-store" || h.Get("Etag") == "" || !setsCookie(h) {
		t.Errorf("%v", h)
	}
	for _, name := range append(cachingFields, "cdn-cache-control") {
		if h.Get(name) != "" || h[name] != nil {
			t.Errorf("%s: %s", name, h[name])
		}
	}
}

func TestNoCacheMayKeepAResponseThatSetsTheCookie(t *testing.T) {
	t.Run("Middleware", func(t *testing.T) {
		s := newLab(t)
		resp := s.serve(new(guest), func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
			x.AddVisits(1)
			if err := x.Save(); err != nil {
				t.Error(err)
			}
			setCaching(w.Header())
		})
		wantUncached(t, resp.Header)
	})
	t.Run("by hand", func(t *testing.T) {
		s := newLab(t)
		x, w := s.load(new(guest))
		setCaching(w.Header())
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Error(err)
		}
		wantUncached(t, w.Header())
	})
	t.Run("logout", func(t *testing.T) {
		s := newLab(t)
		x, w := s.load(s.known())
		setCaching(w.Header())
		if err := x.Destroy(); err != nil {
			t.Error(err)
		}
		wantUncached(t, w.Header())
	})
}

func TestNoCacheMayKeepAnErrorPageThatSetsTheCookie(t *testing.T) {
	failed := errors.New("too many")
	count := func(x *fixture.Session) {
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Error(err)
		}
	}
	for name, write := range map[string]func(http.ResponseWriter){
		"a status": func(w http.ResponseWriter) { w.WriteHeader(http.StatusTooManyRequests) },
		"a body":   func(w http.ResponseWriter) { _, _ = io.WriteString(w, "too many") },
		"a flush":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
		"nothing":  func(http.ResponseWriter) {},
	} {
		page := func(w http.ResponseWriter) {
			setCaching(w.Header())
			write(w)
		}
		onError := func(c *session.Config) {
			c.OnError = func(w http.ResponseWriter, _ *http.Request, _ error) { page(w) }
		}
		t.Run("Handle, "+name, func(t *testing.T) {
			s, w := newLab(t, onError), httptest.NewRecorder()
			s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				count(x)
				return failed
			}).ServeHTTP(w, new(guest).request())
			wantUncached(t, w.Result().Header)
		})
		t.Run("Middleware, "+name, func(t *testing.T) {
			s, w := newLab(t, onError), httptest.NewRecorder()
			s.sessions.Middleware(s.handler(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				count(x)
				x.AddVisits(1)
				s.store.fail(always(errDown, swap), nil)
			})).ServeHTTP(w, new(guest).request())
			wantUncached(t, w.Result().Header)
		})
		t.Run("Handle within Middleware, "+name, func(t *testing.T) {
			s, w := newLab(t, onError), httptest.NewRecorder()
			s.sessions.Middleware(s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				count(x)
				return failed
			})).ServeHTTP(w, new(guest).request())
			wantUncached(t, w.Result().Header)
		})
		if name == "nothing" {
			continue // Do has no part in it
		}
		t.Run("Do, through the writer that it gave, "+name, func(t *testing.T) {
			s, w := newLab(t), httptest.NewRecorder()
			var given http.ResponseWriter
			err := s.sessions.Do(w, new(guest).request(), func(w http.ResponseWriter, r *http.Request) error {
				given = w
				x, err := s.sessions.Get(r)
				if err != nil {
					t.Fatal(err)
				}
				count(x)
				return failed
			})
			if err != failed {
				t.Errorf("Do = %v", err)
			}
			page(given)
			wantUncached(t, w.Result().Header)
		})
	}
}

func TestCachesMayKeepAResponseThatSetsNoCookie(t *testing.T) {
	s := newLab(t)
	w := httptest.NewRecorder()
	s.sessions.Middleware(s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		setCaching(w.Header())
	})).ServeHTTP(w, s.known().request())
	if h := w.Header(); h.Get("Cache-Control") != "public, max-age=600" || h.Get("CDN-Cache-Control") == "" {
		t.Errorf("%v", h)
	}
}
