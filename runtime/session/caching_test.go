package session_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

// setCaching is a handler that wants its response kept, by all caches there are.
func setCaching(h http.Header) {
	for _, name := range cachingFields {
		h.Set(name, "max-age=600")
	}
	h["cdn-cache-control"] = []string{"max-age=600"} // past the canonical form
	h.Set("Cache-Control", "public, max-age=600")
	h.Set("Etag", `"1"`)
}

var cachingFields = []string{
	"CDN-Cache-Control", "Cloudflare-CDN-Cache-Control", "Vercel-CDN-Cache-Control", "Surrogate-Control", "Edge-Control",
	"X-Accel-Expires", "Expires",
}

func wantUncached(t *testing.T, h http.Header) {
	t.Helper()
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
