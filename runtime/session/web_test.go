package session_test

import (
	"bytes"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

// What net/http and libraries on it expect of a middleware, over the network.

func TestTheErrorPageArrivesThoughTheHandlerPanicsForItsWriteError(t *testing.T) {
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Etag", "1")
		_, _ = io.WriteString(w, strings.Repeat("x", 100_000))
	}))
	defer backend.Close()
	target, _ := url.Parse(backend.URL)
	for name, respond := range map[string]http.Handler{
		"httputil.ReverseProxy": &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
		"panic with the error": http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if _, err := io.WriteString(w, "hi"); err != nil {
				panic(err)
			}
		}),
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			server := s.serveHTTP(t, func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
				x.AddVisits(1)
				s.store.fail(always(errDown, swap), nil)
				respond.ServeHTTP(w, r)
			})
			resp := g.send(t, "GET", server.URL)
			if body := text(resp); resp.StatusCode != 503 || !strings.Contains(body, "busy") || resp.Header.Get("Etag") != "" {
				t.Errorf("%v %s", resp, body)
			}
			if log := s.logs.String(); !strings.Contains(log, "panicked after the save had failed") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

// echo's WrapMiddleware has the framework answer a handler's error once Middleware is over, through Middleware's
// writer.
func TestAnErrorPageIsTheOnlyOneThoughAFrameworkAnswersLater(t *testing.T) {
	for name, run := range map[string]func(*lab, func(http.ResponseWriter, *fixture.Session)) http.Handler{
		"a save that fails in the end": func(s *lab, f func(http.ResponseWriter, *fixture.Session)) http.Handler {
			return s.sessions.Middleware(s.handler(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				f(w, x)
				s.store.fail(always(errDown, swap), nil)
			}))
		},
		"a handler that fails": func(s *lab, f func(http.ResponseWriter, *fixture.Session)) http.Handler {
			return s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				f(w, x)
				return errDown
			})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s, w := newLab(t), httptest.NewRecorder()
			var kept http.ResponseWriter
			run(s, func(w http.ResponseWriter, x *fixture.Session) {
				kept = w
				x.AddVisits(1)
			}).ServeHTTP(w, s.known().request())
			page := w.Body.String()
			if _, err := io.WriteString(kept, `{"message":"Internal Server Error"}`); !errors.Is(err, errDown) {
				t.Errorf("a write after the error page: %v", err)
			}
			if w.Code != 503 || page == "" || w.Body.String() != page {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestTheRouteAndTheFormAreHandedBack(t *testing.T) {
	for name, end := range map[string]func(){"return": func() {}, "panic": func() { panic("oops") }} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			mux := http.NewServeMux()
			mux.HandleFunc("POST /upload/{id}", func(_ http.ResponseWriter, r *http.Request) {
				if err := r.ParseMultipartForm(1); err != nil {
					t.Error(err)
				}
				end()
			})
			outer := httptest.NewRequest("POST", "/upload/7", strings.NewReader(
				"--b\r\nContent-Disposition: form-data; name=\"k\"\r\n\r\nv\r\n--b--\r\n"))
			outer.Header.Set("Content-Type", "multipart/form-data; boundary=b")
			func() {
				defer func() { _ = recover() }()
				s.sessions.Middleware(mux).ServeHTTP(httptest.NewRecorder(), outer)
			}()
			if outer.Pattern != "POST /upload/{id}" || outer.MultipartForm == nil || outer.Form.Get("k") != "v" || outer.PostForm.Get("k") != "v" {
				t.Errorf("%q %v %v %v", outer.Pattern, outer.MultipartForm, outer.Form, outer.PostForm)
			}
		})
	}
}

func TestAnUploadsTemporaryFileIsRemoved(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	s := newLab(t)
	server := httptest.NewServer(s.sessions.Middleware(s.handler(func(_ http.ResponseWriter, r *http.Request, _ *fixture.Session) {
		if err := r.ParseMultipartForm(1); err != nil {
			t.Error(err)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("%d temporary files", len(files))
		}
	})))
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	part, _ := form.CreateFormFile("file", "big.bin")
	_, _ = part.Write(make([]byte, 20<<20))
	_ = form.Close()
	resp, err := http.Post(server.URL, form.FormDataContentType(), &body)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	server.Close() // when the server has done with the request
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
}

func TestTheWriterHasWhatTheServersHas(t *testing.T) {
	for name, http2 := range map[string]bool{"HTTP/1.1": false, "HTTP/2.0": true} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			server := httptest.NewUnstartedServer(s.sessions.Middleware(s.handler(
				func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
					x.AddVisits(1)
					if r.Proto != name {
						t.Errorf("it is %s", r.Proto)
					}
					type closeNotifier interface{ CloseNotify() <-chan bool }
					select {
					case <-w.(closeNotifier).CloseNotify(): // gin's Stream asks for it like this
						t.Error("the client has gone")
					default:
					}
					if err := w.(http.Pusher).Push("/style.css", nil); !errors.Is(err, http.ErrNotSupported) {
						t.Errorf("Push to a client that wants none: %v", err)
					}
					if _, _, err := w.(http.Hijacker).Hijack(); err == nil {
						t.Error("Hijack took a connection whose response carries a cookie")
					}
					_, _ = w.(io.StringWriter).WriteString("h")
					_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader("i"))
					w.(http.Flusher).Flush()
				})))
			server.EnableHTTP2 = http2
			server.StartTLS()
			defer server.Close()
			resp, err := server.Client().Get(server.URL)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = resp.Body.Close() }()
			g := new(guest)
			g.keep(resp)
			if got := s.fields(g); text(resp) != "hi" || got.Visits != 1 {
				t.Errorf("%v %+v", resp, got)
			}
		})
	}
}

// A pusher is the server's writer of a client that wants what is pushed, and of a connection that breaks.
type pusher struct {
	*httptest.ResponseRecorder
	pushed string
	gone   chan bool
}

func (p *pusher) Push(target string, _ *http.PushOptions) error { p.pushed = target; return nil }
func (p *pusher) CloseNotify() <-chan bool                      { return p.gone }

func TestPushAndCloseNotifyReachTheServersWriter(t *testing.T) {
	s := newLab(t)
	p := &pusher{ResponseRecorder: httptest.NewRecorder(), gone: make(chan bool, 1)}
	p.gone <- true
	s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if err := w.(http.Pusher).Push("/style.css", nil); err != nil {
			t.Error(err)
		}
		<-w.(interface{ CloseNotify() <-chan bool }).CloseNotify()
	})).ServeHTTP(wrapped(p), new(guest).request())
	if p.pushed != "/style.css" {
		t.Errorf("pushed %q", p.pushed)
	}
}

func TestALogLineOfAFailedRequestSaysWhatWasAskedAndAnswered(t *testing.T) {
	for name, c := range map[string]struct {
		handler handle
		down    string
		want    []string
	}{
		"a failed save": {
			func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) { x.AddVisits(1) }, swap,
			[]string{"level=ERROR", "status=503", `saved="nothing more"`, "unavailable"},
		},
		"a field that is too large": {
			func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) { x.SetCart(make([]fixture.Item, 101)) }, "",
			[]string{"level=ERROR", "status=500", `saved="nothing more"`, "Cart"},
		},
		"after the first byte": {
			func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				w.WriteHeader(http.StatusAccepted)
				x.SetUserID(7)
			}, "",
			[]string{"level=ERROR", "status=202", `saved="nothing more"`, "too late"},
		},
		"a status that drops the changes": {
			func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
				x.AddVisits(1)
				w.WriteHeader(http.StatusBadGateway)
			}, "",
			[]string{"level=DEBUG", "status=502", `saved="nothing more"`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			r := s.known().request()
			r.URL.Path = "/reset/s3cret"
			mux := http.NewServeMux()
			mux.Handle("GET /reset/{token}", s.handler(c.handler))
			if c.down != "" {
				s.store.fail(always(errDown, c.down), nil)
			}
			s.sessions.Middleware(mux).ServeHTTP(httptest.NewRecorder(), r)
			log := s.logs.String()
			for _, want := range append(c.want, "method=GET", `route="GET /reset/{token}"`) {
				if !strings.Contains(log, want) {
					t.Errorf("%s is not in: %s", want, log)
				}
			}
			if strings.Count(log, "\n") != 1 || strings.Contains(log, "s3cret") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

func TestAServerErrorWithoutChangesIsNotLogged(t *testing.T) {
	s := newLab(t)
	s.serve(s.known(), func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) {
		_ = x.Visits()
		w.WriteHeader(http.StatusInternalServerError)
	})
	if log := s.logs.String(); log != "" {
		t.Errorf("logged: %s", log)
	}
}
