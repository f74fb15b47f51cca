package echosession_test

import (
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// outside are the middlewares of echo that give the handlers a response of their own, and take it back before echo
// answers an error.
var outside = map[string][]echo.MiddlewareFunc{
	"alone":    nil,
	"Gzip":     {middleware.Gzip()},
	"BodyDump": {middleware.BodyDump(func(*echo.Context, []byte, []byte, error) {})},
	"both":     {middleware.Gzip(), middleware.BodyDump(func(*echo.Context, []byte, []byte, error) {})},
}

// login answers a login whose handler returns an error, or nothing.
func login(sessions *fixture.Sessions, fails error, middlewares ...echo.MiddlewareFunc) *http.Response {
	e := echo.New()
	e.Logger = slog.New(slog.DiscardHandler)
	e.Use(middlewares...)
	e.GET("/", func(c *echo.Context) error {
		s, err := sessions.Get(c.Request())
		if err != nil {
			return err
		}
		s.SetUserName("Ann")
		return fails
	})
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("Accept-Encoding", "gzip")
	w := httptest.NewRecorder()
	e.ServeHTTP(w, r)
	return w.Result()
}

func TestAnErrorWithinWrapMiddlewareIsSavedWithAWarning(t *testing.T) {
	for name, around := range outside {
		t.Run(name, func(t *testing.T) {
			sessions, log := course.Logged(t, memory.New())
			around := append(around[:len(around):len(around)], echo.WrapMiddleware(sessions.Middleware))
			if resp := login(sessions, nil, around...); resp.StatusCode != 200 || len(resp.Cookies()) != 1 || log.Len() != 0 {
				t.Errorf("%d, %v, logged: %s", resp.StatusCode, resp.Cookies(), log)
			}
			for range 2 {
				if resp := login(sessions, errors.New("sorry"), around...); resp.StatusCode != 500 || len(resp.Cookies()) != 1 {
					t.Errorf("%d, %v", resp.StatusCode, resp.Cookies())
				}
			}
			if n := strings.Count(log.String(), "\n"); n != 1 || !strings.Contains(log.String(), "level=WARN") ||
				!strings.Contains(log.String(), "status of 500") || !strings.Contains(log.String(), "use Manager.Do") {
				t.Errorf("logged: %s", log)
			}
		})
	}
}

func TestAnErrorSavesNothingWhateverStandsAround(t *testing.T) {
	for name, layers := range outside {
		for _, side := range []string{"outside", "inside"} {
			t.Run(name+" "+side, func(t *testing.T) {
				sessions, log := course.Logged(t, memory.New())
				chain := append(layers[:len(layers):len(layers)], echosession.Middleware(sessions))
				if side == "inside" {
					chain = append([]echo.MiddlewareFunc{echosession.Middleware(sessions)}, layers...)
				}
				if resp := login(sessions, nil, chain...); resp.StatusCode != 200 || len(resp.Cookies()) != 1 {
					t.Errorf("%d, %v", resp.StatusCode, resp.Cookies())
				}
				for _, err := range []error{errors.New("sorry"), echo.NewHTTPError(418, "sorry")} {
					if resp := login(sessions, err, chain...); resp.StatusCode < 400 || len(resp.Cookies()) != 0 {
						t.Errorf("%d, %v", resp.StatusCode, resp.Cookies())
					}
				}
				if log.Len() != 0 {
					t.Errorf("logged: %s", log)
				}
			})
		}
	}
}

// With Load on echo's own response, which says whether it is committed.
func TestASaveByHandAfterEchosResponseIsLate(t *testing.T) {
	sessions, _ := course.Logged(t, memory.New())
	save := func(w http.ResponseWriter) error {
		s, err := sessions.Load(w, httptest.NewRequest("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		s.AddVisits(1)
		return s.Save()
	}
	w := echo.NewResponse(httptest.NewRecorder(), slog.New(slog.DiscardHandler))
	if err := save(w); err != nil {
		t.Errorf("before: %v", err)
	}
	_, _ = io.WriteString(w, "there")
	if err := save(w); !errors.Is(err, session.ErrLateSave) {
		t.Errorf("after: %v", err)
	}
}

// echo drops an error that comes when the response is committed, and so would a change be lost without a word.
func TestAChangeAfterTheFirstByteIsLogged(t *testing.T) {
	for name, layers := range outside {
		t.Run(name, func(t *testing.T) {
			sessions, log := course.Logged(t, memory.New())
			e := echo.New()
			e.Use(append([]echo.MiddlewareFunc{echosession.Middleware(sessions)}, layers...)...)
			e.GET("/", func(c *echo.Context) error {
				s, err := echosession.Get(c, sessions)
				if err != nil {
					return err
				}
				if err := c.String(http.StatusOK, "there"); err != nil {
					return err
				}
				if err := http.NewResponseController(c.Response()).Flush(); err != nil {
					return err
				}
				s.SetUserName("Ann")
				return nil
			})
			w := httptest.NewRecorder()
			e.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
			if w.Body.String() != "there" || len(w.Result().Cookies()) != 0 {
				t.Errorf("%s, %v", w.Body, w.Result().Cookies())
			}
			if strings.Count(log.String(), "level=ERROR") != 1 || !strings.Contains(log.String(), session.ErrLateSave.Error()) {
				t.Errorf("logged: %s", log)
			}
		})
	}
}
