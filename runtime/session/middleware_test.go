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

type handle = func(w http.ResponseWriter, r *http.Request, x *fixture.Session)

// serve sends a guest's request through Middleware to a handler that has looked at the session.

func (s *lab) serve(g *guest, f handle) *http.Response {
	s.t.Helper()
	w := httptest.NewRecorder()
	s.sessions.Middleware(s.handler(f)).ServeHTTP(w, g.request())
	g.keep(w.Result())
	return w.Result()
}

func (s *lab) handler(f handle) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x, err := s.sessions.Get(r)
		if err != nil {
			s.t.Errorf("Get: %v", err)
			return
		}
		f(w, r, x)
	})
}

func text(resp *http.Response) string {
	b, _ := io.ReadAll(resp.Body)
	return string(b)
}

func TestMiddlewareSavesBeforeTheFirstByteOfAnyResponse(t *testing.T) {
	for name, respond := range map[string]func(w http.ResponseWriter){
		"nothing":     func(http.ResponseWriter) {},
		"Write":       func(w http.ResponseWriter) { _, _ = w.Write([]byte("hi")) },
		"WriteString": func(w http.ResponseWriter) { _, _ = io.WriteString(w, "hi") },
		"ReadFrom":    func(w http.ResponseWriter) { _, _ = io.Copy(w, strings.NewReader("hi")) },
		"only reader": func(w http.ResponseWriter) { _, _ = io.Copy(w, struct{ io.Reader }{strings.NewReader("hi")}) },
		"200":         func(w http.ResponseWriter) { w.WriteHeader(200) },
		"204":         func(w http.ResponseWriter) { w.WriteHeader(204) },
		"304":         func(w http.ResponseWriter) { w.WriteHeader(304) },
		"404":         func(w http.ResponseWriter) { w.WriteHeader(404) },
		"499":         func(w http.ResponseWriter) { w.WriteHeader(499) },
		"redirect":    func(w http.ResponseWriter) { w.Header().Set("Location", "/"); w.WriteHeader(303) },
		"Flush":       func(w http.ResponseWriter) { w.(http.Flusher).Flush() },
		"controller":  func(w http.ResponseWriter) { _ = http.NewResponseController(w).Flush() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				x.AddVisits(1)
				respond(w)
			})
			if got := s.fields(g); got.Visits != 1 {
				t.Errorf("stored %+v; response %v", got, resp.Header)
			}
			if resp.Header.Get("Vary") != "Cookie" || resp.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("response %v", resp.Header)
			}
		})
	}
}

func TestMiddlewareDoesNotSaveAfterAPanicOrAFailure(t *testing.T) {
	for name, respond := range map[string]func(w http.ResponseWriter){
		"500":                    func(w http.ResponseWriter) { w.WriteHeader(500) },
		"http.Error 503":         func(w http.ResponseWriter) { http.Error(w, "down", http.StatusServiceUnavailable) },
		"panic":                  func(http.ResponseWriter) { panic("oops") },
		"abort":                  func(http.ResponseWriter) { panic(http.ErrAbortHandler) },
		"500, and a byte":        func(w http.ResponseWriter) { w.WriteHeader(500); _, _ = w.Write([]byte("x")) },
		"500 after a change too": func(w http.ResponseWriter) { w.WriteHeader(599) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			for _, g := range []*guest{new(guest), s.known()} {
				before := s.fields(g).Visits
				s.store.trips()
				func() {
					defer func() { _ = recover() }()
					resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
						x.AddVisits(1)
						respond(w)
						x.AddVisits(1)
					})
					if setsCookie(resp.Header) {
						t.Errorf("a cookie was set: %v", resp.Header)
					}
				}()
				for _, call := range s.store.trips() {
					if call != get {
						t.Errorf("the store was asked to %s", call)
					}
				}
				if got := s.fields(g).Visits; got != before {
					t.Errorf("%d visits, want %d", got, before)
				}
			}
		})
	}
}

func TestAResponseWhoseSessionNobodyLookedAtIsLeftAlone(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := httptest.NewRecorder()
	s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hi")
	})).ServeHTTP(w, g.request())
	if h := w.Header(); h.Get("Vary") != "" || h.Get("Cache-Control") != "" || setsCookie(h) || w.Body.String() != "hi" {
		t.Errorf("%v %s", h, w.Body)
	}
	wantTrips(t, s.store)
}

func TestGetReturnsTheOneSessionOfTheRequest(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.serve(g, func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
		again, err := s.sessions.Get(r.WithContext(r.Context()))
		if again != x || err != nil {
			t.Errorf("Get again: %p, %v; want %p", again, err, x)
		}
		loaded, err := s.sessions.Load(w, r)
		if loaded != x || err != nil {
			t.Errorf("Load: %p, %v; want %p", loaded, err, x)
		}
	})
	wantTrips(t, s.store, get)
}

func TestGetWithoutMiddlewareIsAnError(t *testing.T) {
	s := newLab(t)
	if x, err := s.sessions.Get(new(guest).request()); x != nil || !errors.Is(err, session.ErrNoMiddleware) {
		t.Errorf("Get = %v, %v", x, err)
	}
	other := s.twin()
	s.serve(new(guest), func(_ http.ResponseWriter, r *http.Request, _ *fixture.Session) {
		if _, err := other.sessions.Get(r); !errors.Is(err, session.ErrNoMiddleware) {
			t.Errorf("Get of another manager = %v", err)
		}
	})
}

func TestAnOutageIsAskedForOnceInARequest(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.store.fail(always(errDown, get), nil)
	h := s.sessions.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		for range 3 {
			if x, err := s.sessions.Get(r); x != nil || !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Get = %v, %v", x, err)
			}
		}
	}))
	h.ServeHTTP(httptest.NewRecorder(), g.request())
	wantTrips(t, s.store, get)
}

func TestAFailedSaveDoesNotTakeAwayTheCookieOfAnEarlierOne(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := s.serve(g, func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.SetUserID(7)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		x.AddVisits(1)
		s.store.fail(always(errDown, swap), nil)
	})
	s.store.heal()
	if resp.StatusCode != 503 || !setsCookie(resp.Header) || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s %v", resp.Status, resp.Header)
	}
	if got := s.fields(g); got.UserID != 7 {
		t.Errorf("the login is lost: %+v", got)
	}
}

func TestAPanicDoesNotTakeAwayTheCookieOfAnEarlierSave(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := httptest.NewRecorder()
	recovery := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			_ = recover()
			http.Error(w, "oops", 500)
		}()
		s.sessions.Middleware(s.handler(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) {
			x.SetUserID(7)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			panic("oops")
		})).ServeHTTP(w, r)
	})
	recovery.ServeHTTP(w, g.request())
	g.keep(w.Result())
	if got := s.fields(g); w.Code != 500 || got.UserID != 7 {
		t.Errorf("%d, %+v", w.Code, got)
	}
}

func TestAServerErrorDoesNotTakeAwayTheCookieOfAnEarlierSave(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.SetUserID(7)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		x.AddVisits(1)
		http.Error(w, "oops", http.StatusInternalServerError)
	})
	if got := s.fields(g); resp.StatusCode != 500 || got.UserID != 7 || got.Visits != 1 {
		t.Errorf("%s, %+v", resp.Status, got)
	}
}

func TestChangesAfterTheFirstByteAreSavedIfTheyNeedNoCookie(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		_, _ = io.WriteString(w, "hi")
		x.AddVisits(1)
	})
	if got := s.fields(g); got.Visits != 2 || s.logs.String() != "" {
		t.Errorf("%+v, logged: %s", got, s.logs)
	}
}

func TestChangesAfterTheFirstByteThatNeedACookieAreLate(t *testing.T) {
	for name, c := range map[string]struct {
		visitor func(*lab) *guest
		change  func(*fixture.Session)
	}{
		"new session": {func(*lab) *guest { return new(guest) }, func(x *fixture.Session) { x.AddVisits(1) }},
		"login":       {(*lab).known, func(x *fixture.Session) { x.SetUserID(7) }},
		"Renew":       {(*lab).known, func(x *fixture.Session) { x.Renew() }},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := c.visitor(s)
			before := s.fields(g)
			resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				_, _ = io.WriteString(w, "hi")
				c.change(x)
				if err := x.Save(); !errors.Is(err, session.ErrLateSave) {
					t.Errorf("Save = %v, want ErrLateSave", err)
				}
			})
			if resp.StatusCode != 200 || text(resp) != "hi" || setsCookie(resp.Header) {
				t.Errorf("%v", resp)
			}
			if log := s.logs.String(); !strings.Contains(log, "level=ERROR") || !strings.Contains(log, "too late") {
				t.Errorf("logged: %s", log)
			}
			if got := s.fields(g); got.UserID != before.UserID || got.Visits != before.Visits {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestALateDestroyEndsTheRecordAndSaysThatTheCookieStays(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		_, _ = io.WriteString(w, "hi")
		if err := x.Destroy(); !errors.Is(err, session.ErrLateSave) {
			t.Errorf("Destroy = %v", err)
		}
	})
	if got := s.fields(g); got.Visits != 0 {
		t.Errorf("%+v", got)
	}
}

func TestGetAfterTheFirstByteStillLoads(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := httptest.NewRecorder()
	s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, "hi")
		x, err := s.sessions.Get(r)
		if err != nil || x.Visits() != 1 {
			t.Errorf("Get = %v, %v", x, err)
		}
		x.AddVisits(1)
	})).ServeHTTP(w, g.request())
	if got := s.fields(g); got.Visits != 2 {
		t.Errorf("%+v", got)
	}
}

func TestAFailedSaveIsTheErrorPageAndNothingOfTheHandlersResponse(t *testing.T) {
	s := newLab(t, func(c *session.Config) {
		c.OnError = func(w http.ResponseWriter, _ *http.Request, err error) {
			if !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("OnError is told %v", err)
			}
			w.Header().Set("Content-Type", "text/x-error")
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, "sorry")
		}
	})
	outer := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("X-Frame-Options", "DENY")
			next.ServeHTTP(w, r)
		})
	}
	for name, respond := range map[string]func(w http.ResponseWriter) error{
		"nothing": func(http.ResponseWriter) error { return nil },
		"Write":   func(w http.ResponseWriter) error { _, err := w.Write([]byte("BODY")); return err },
		"twice": func(w http.ResponseWriter) error {
			_, _ = io.WriteString(w, "BODY")
			_, err := io.WriteString(w, "BODY")
			return err
		},
		"201 and a body": func(w http.ResponseWriter) error {
			w.WriteHeader(http.StatusCreated)
			_, err := w.Write([]byte("BODY"))
			return err
		},
		"Flush":       func(w http.ResponseWriter) error { return http.NewResponseController(w).Flush() },
		"ReadFrom":    func(w http.ResponseWriter) error { _, err := io.Copy(w, strings.NewReader("BODY")); return err },
		"redirection": func(w http.ResponseWriter) error { w.WriteHeader(http.StatusSeeOther); return errDown },
	} {
		for _, visitor := range []func() *guest{func() *guest { return new(guest) }, s.known} {
			t.Run(name, func(t *testing.T) {
				s.store.heal()
				g := visitor()
				server := httptest.NewServer(outer(s.sessions.Middleware(s.handler(
					func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
						x.AddVisits(1)
						h := w.Header()
						h.Set("Content-Type", "application/pdf")
						h.Set("Content-Length", "4")
						h.Set("Content-Security-Policy", "default-src 'none'")
						h.Set("Etag", `"1"`)
						h.Set("Location", "/thanks")
						h.Set("X-Handler", "1")
						h.Set("X-Frame-Options", "ALLOW")
						http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
						s.store.fail(always(errDown, add, swap), nil)
						if err := respond(w); name != "nothing" && !errors.Is(err, session.ErrUnavailable) {
							t.Errorf("the handler is told %v", err)
						}
					}))))
				defer server.Close()
				r, _ := http.NewRequest("GET", server.URL, nil)
				r.Header = g.request().Header
				resp, err := http.DefaultTransport.RoundTrip(r)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				if body := text(resp); resp.StatusCode != 503 || body != "sorry" || resp.ContentLength != 5 {
					t.Errorf("%s, %d bytes: %q", resp.Status, resp.ContentLength, body)
				}
				for _, name := range []string{"Set-Cookie", "Content-Security-Policy", "Etag", "Location", "X-Handler", "Cache-Control"} {
					if v, ok := resp.Header[name]; ok {
						t.Errorf("the error page carries %s: %q", name, v)
					}
				}
				if got := resp.Header.Get("Content-Type"); got != "text/x-error" {
					t.Errorf("Content-Type: %s", got)
				}
				if got := resp.Header.Get("X-Frame-Options"); got != "DENY" {
					t.Errorf("what stood in the header before is %q", got)
				}
			})
		}
	}
}

func TestWhatAHandlerDoesToTheHeaderDoesNotTakeTheCookieAway(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	resp := s.serve(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		w.Header()["Set-Cookie"] = []string{"theme=dark"}
		w.Header().Set("Vary", "Accept")
		w.Header().Set("Cache-Control", "public")
	})
	if n := len(resp.Header["Set-Cookie"]); n != 2 || s.fields(g).Visits != 1 {
		t.Errorf("Set-Cookie: %q", resp.Header["Set-Cookie"])
	}
	if v := resp.Header["Vary"]; strings.Join(v, ",") != "Accept,Cookie" || resp.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("Vary %q, Cache-Control %q", v, resp.Header["Cache-Control"])
	}
}
