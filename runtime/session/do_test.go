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

var errOops = errors.New("oops")

// do serves a guest's request as a framework does whose handlers return errors: it answers them itself.
func (s *lab) do(g *guest, f func(w http.ResponseWriter, r *http.Request, x *fixture.Session) error) (*http.Response, error) {
	s.t.Helper()
	w := httptest.NewRecorder()
	w.Header().Set("X-Frame-Options", "DENY")
	err := s.sessions.Do(w, g.request(), func(w http.ResponseWriter, r *http.Request) error {
		x, err := s.sessions.Get(r)
		if err != nil {
			s.t.Fatal(err)
		}
		w.Header().Set("Content-Type", "application/pdf")
		return f(w, r, x)
	})
	if err != nil {
		http.Error(w, "sorry", http.StatusTeapot)
	}
	g.keep(w.Result())
	return w.Result(), err
}

// clean reports whether an error page carries nothing of the handler's.
func clean(resp *http.Response) bool {
	return resp.StatusCode == http.StatusTeapot && text(resp) == "sorry\n" &&
		resp.Header.Get("Content-Type") == "text/plain; charset=utf-8" && resp.Header.Get("X-Frame-Options") == "DENY"
}

func TestDoSavesBeforeTheFirstByteOrAtTheReturn(t *testing.T) {
	for name, body := range map[string]string{"first byte": "hi", "return": ""} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			resp, err := s.do(g, func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				x.AddVisits(1)
				_, err := io.WriteString(w, body)
				return err
			})
			if got := s.fields(g); err != nil || got.Visits != 1 || text(resp) != body {
				t.Errorf("%v, %+v, %v", err, got, resp)
			}
		})
	}
}

func TestDoReturnsTheErrorOfNextAndSavesNothing(t *testing.T) {
	s := newLab(t)
	for _, g := range []*guest{new(guest), s.known()} {
		before := s.fields(g).Visits
		resp, err := s.do(g, func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
			x.AddVisits(1)
			return errOops
		})
		if err != errOops || !clean(resp) || setsCookie(resp.Header) {
			t.Errorf("%v, %v", err, resp)
		}
		if got := s.fields(g).Visits; got != before {
			t.Errorf("%d visits, want %d", got, before)
		}
	}
}

func TestAnErrorOfNextLeavesTheCookieOfAnEarlierSave(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp, err := s.do(g, func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.SetUserID(7)
		if err := x.Save(); err != nil {
			t.Error(err)
		}
		x.AddVisits(1)
		return errOops
	})
	if got := s.fields(g); err != errOops || !clean(resp) || got.UserID != 7 || got.Visits != 1 {
		t.Errorf("%v, %v, %+v", err, resp, got)
	}
}

func TestDoReturnsTheErrorOfTheSaveAndDropsWhatWasWritten(t *testing.T) {
	for name, respond := range map[string]func(w http.ResponseWriter) error{
		"ignores the write error": func(w http.ResponseWriter) error { _, _ = io.WriteString(w, "hi"); return nil },
		"returns the write error": func(w http.ResponseWriter) error { _, err := io.WriteString(w, "hi"); return err },
		"returns another":         func(w http.ResponseWriter) error { _, _ = io.WriteString(w, "hi"); return errOops },
		"sets the header after":   func(w http.ResponseWriter) error { w.WriteHeader(201); w.Header().Set("Etag", "1"); return nil },
		"writes nothing":          func(http.ResponseWriter) error { return nil },
		"hints": func(w http.ResponseWriter) error {
			_, _ = io.WriteString(w, "hi")
			w.WriteHeader(http.StatusEarlyHints)
			return nil
		},
		"panics for the write error": func(w http.ResponseWriter) error {
			if _, err := io.WriteString(w, "hi"); err != nil {
				panic(err)
			}
			return nil
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			resp, err := s.do(s.known(), func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				x.AddVisits(1)
				s.store.fail(always(errDown, swap), nil)
				return respond(w)
			})
			if !errors.Is(err, session.ErrUnavailable) || errors.Is(err, errOops) != (name == "returns another") {
				t.Errorf("Do = %v", err)
			}
			if !clean(resp) || resp.Header.Get("Etag") != "" {
				t.Errorf("%v", resp)
			}
		})
	}
}

func TestDoReturnsAndLogsTheErrorOfALateSave(t *testing.T) {
	s := newLab(t)
	w := httptest.NewRecorder()
	err := s.sessions.Do(w, new(guest).request(), func(w http.ResponseWriter, r *http.Request) error {
		x, _ := s.sessions.Get(r)
		_, _ = io.WriteString(w, "hi")
		x.AddVisits(1)
		return nil
	})
	if !errors.Is(err, session.ErrLateSave) || w.Body.String() != "hi" {
		t.Errorf("Do = %v, %s", err, w.Body)
	}
	if log := s.logs.String(); strings.Count(log, "\n") != 1 || !strings.Contains(log, "after the response had begun") ||
		!strings.Contains(log, "level=ERROR") || !strings.Contains(log, "status=200") || !strings.Contains(log, session.ErrLateSave.Error()) {
		t.Errorf("logged: %s", log)
	}
}

// Whoever calls Do may have logged it.
func TestDoLogsNoErrorThatIsNextsOwn(t *testing.T) {
	s := newLab(t)
	own := errors.New("sorry")
	_, err := s.do(new(guest), func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		_, _ = io.WriteString(w, "hi")
		x.AddVisits(1)
		return own
	})
	if err != own || s.logs.String() != "" {
		t.Errorf("Do = %v, logged: %s", err, s.logs)
	}
}

// It may have been an adapter's: the warning must not only name those as the way out.
func TestAChangeAfterDoIsWarnedOfWithWhatToDo(t *testing.T) {
	for name, late := range map[string]func(*lab, *http.Request, *fixture.Session){
		"changed":   func(_ *lab, _ *http.Request, x *fixture.Session) { x.AddVisits(1) },
		"asked for": func(s *lab, r *http.Request, _ *fixture.Session) { _, _ = s.sessions.Get(r) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			var kept *fixture.Session
			var request *http.Request
			_, err := s.do(new(guest), func(_ http.ResponseWriter, r *http.Request, x *fixture.Session) error {
				kept, request = x, r
				return nil
			})
			late(s, request, kept)
			log := s.logs.String()
			if err != nil || strings.Count(log, "\n") != 1 || !strings.Contains(log, name+" after its Middleware or Do has ended") ||
				!strings.Contains(log, "change it before") {
				t.Errorf("%v, logged: %s", err, log)
			}
		})
	}
}

func TestASessionThatHasEndedIsNoErrorOfDo(t *testing.T) {
	s := newLab(t)
	resp, err := s.do(s.known(), func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(1)
		s.store.evict()
		_, err := io.WriteString(w, "hi")
		return err
	})
	if err != nil || text(resp) != "hi" || setsCookie(resp.Header) {
		t.Errorf("%v, %v", err, resp)
	}
}

func TestAPanicWithinDoRestoresTheHeaderAndGoesOn(t *testing.T) {
	s := newLab(t)
	g := s.known()
	w := httptest.NewRecorder()
	w.Header().Set("X-Frame-Options", "DENY")
	func() {
		defer func() {
			if p := recover(); p != "oops" {
				t.Errorf("recovered %v", p)
			}
		}()
		_ = s.sessions.Do(w, g.request(), func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("X-Frame-Options", "ALLOW")
			w.Header().Set("Content-Length", "4")
			x, _ := s.sessions.Get(r)
			x.AddVisits(1)
			panic("oops")
		})
	}()
	if h := w.Header(); h.Get("X-Frame-Options") != "DENY" || h.Get("Content-Length") != "" || s.fields(g).Visits != 1 {
		t.Errorf("%v", h)
	}
}

// What a framework's error handler writes comes through the writer that next had, where the framework has kept that.
func TestAfterDoTheWriterPassesOnWhatTheCallerAnswers(t *testing.T) {
	s := newLab(t)
	for name, fail := range map[string]func(w http.ResponseWriter) error{
		"next failed": func(http.ResponseWriter) error { return errOops },
		"save failed": func(w http.ResponseWriter) error {
			s.store.fail(always(errDown, swap), nil)
			_, err := io.WriteString(w, "hi")
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := s.known()
			w := httptest.NewRecorder()
			var kept http.ResponseWriter
			err := s.sessions.Do(w, g.request(), func(w http.ResponseWriter, r *http.Request) error {
				kept = w
				x, _ := s.sessions.Get(r)
				x.AddVisits(1)
				return fail(w)
			})
			s.store.heal()
			if err == nil {
				t.Error("no error")
			}
			http.Error(kept, "sorry", http.StatusTeapot)
			if w.Code != http.StatusTeapot || w.Body.String() != "sorry\n" || s.fields(g).Visits != 1 {
				t.Errorf("%d %s", w.Code, w.Body)
			}
		})
	}
}

func TestAnInnerDoJoinsAndItsErrorAbandonsTheOuterSave(t *testing.T) {
	for name, inner := range map[string]func(s *lab, w http.ResponseWriter, r *http.Request, err error) error{
		"Do": func(s *lab, w http.ResponseWriter, r *http.Request, err error) error {
			return s.sessions.Do(w, r, func(w http.ResponseWriter, r *http.Request) error {
				w.Header().Set("X-Inner", "1")
				x, _ := s.sessions.Get(r)
				x.AddVisits(10)
				return err
			})
		},
		"a panic in Do": func(s *lab, w http.ResponseWriter, r *http.Request, err error) (e error) {
			defer func() {
				if p := recover(); p != nil {
					e = p.(error)
				}
			}()
			return s.sessions.Do(w, r, func(_ http.ResponseWriter, r *http.Request) error {
				x, _ := s.sessions.Get(r)
				x.AddVisits(10)
				if err != nil {
					panic(err)
				}
				return nil
			})
		},
		"Handle": func(s *lab, w http.ResponseWriter, r *http.Request, err error) error {
			s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
				w.Header().Set("X-Inner", "1")
				x.AddVisits(10)
				return err
			}).ServeHTTP(w, r)
			return err
		},
	} {
		for _, fails := range []error{nil, errOops} {
			t.Run(name, func(t *testing.T) {
				s := newLab(t)
				g := s.known()
				s.serve(g, func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
					x.AddVisits(1)
					if err := inner(s, w, r, fails); err != fails {
						t.Errorf("%v, want %v", err, fails)
					}
					if fails != nil && w.Header().Get("X-Inner") != "" {
						t.Error("what the inner one has put into the header is still there")
					}
				})
				want := int64(12)
				if fails != nil {
					want = 1
				}
				if got := s.fields(g).Visits; got != want {
					t.Errorf("%d visits, want %d", got, want)
				}
			})
		}
	}
}

func TestAnInnerHandlesErrorIsAnsweredOnceWhenTheSaveHasFailed(t *testing.T) {
	answers := 0
	s := newLab(t, func(c *session.Config) {
		c.OnError = func(w http.ResponseWriter, _ *http.Request, err error) {
			answers++
			http.Error(w, "sorry", http.StatusServiceUnavailable)
		}
	})
	resp := s.serve(s.known(), func(w http.ResponseWriter, r *http.Request, x *fixture.Session) {
		x.AddVisits(1)
		s.store.fail(always(errDown, swap), nil)
		s.sessions.Handle(func(w http.ResponseWriter, _ *http.Request, _ *fixture.Session) error {
			_, err := io.WriteString(w, "hi")
			return err
		}).ServeHTTP(w, r)
	})
	if answers != 1 || resp.StatusCode != 503 || text(resp) != "sorry\n" {
		t.Errorf("%d answers; %v", answers, resp)
	}
}

func TestOnErrorMayStillAskForTheSession(t *testing.T) {
	var s *lab
	s = newLab(t, func(c *session.Config) {
		c.OnError = func(w http.ResponseWriter, r *http.Request, _ error) {
			x, err := s.sessions.Get(r)
			if err != nil || x.Visits() != 2 {
				t.Errorf("Get = %v, %v", x, err)
			}
			w.WriteHeader(http.StatusTeapot)
		}
	})
	g := s.known()
	w := httptest.NewRecorder()
	s.sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) error {
		x.AddVisits(1)
		return errOops
	}).ServeHTTP(w, g.request())
	if log := s.logs.String(); w.Code != http.StatusTeapot || strings.Contains(log, "level=WARN") {
		t.Errorf("%d, logged: %s", w.Code, log)
	}
}
