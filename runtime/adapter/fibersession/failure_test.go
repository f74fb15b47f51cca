package fibersession_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gofiber/fiber/v3"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// A failing site has a visitor with one visit, and a handler that fails in its own way.
func failing(t *testing.T, fail func(fiber.Ctx, *fixture.Session) error) (failed *http.Response, user string) {
	t.Helper()
	sessions, err := fixture.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("fiber")}, SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		status := http.StatusInternalServerError
		if e := new(fiber.Error); errors.As(err, &e) {
			status = e.Code
		}
		return c.SendStatus(status) // which leaves a body that there is
	}})
	app.Use(recoverer.New(), fibersession.Middleware(sessions))
	with := func(f func(fiber.Ctx, *fixture.Session) error) fiber.Handler {
		return func(c fiber.Ctx) error {
			s, err := fibersession.Get(c, sessions)
			if err != nil {
				return err
			}
			return f(c, s)
		}
	}
	app.Get("/visit", with(func(_ fiber.Ctx, s *fixture.Session) error { s.AddVisits(1); return nil }))
	app.Get("/fail", with(fail))
	app.Get("/user", with(func(c fiber.Ctx, s *fixture.Session) error {
		if s.Visits() != 1 {
			t.Errorf("the session has %d visits", s.Visits())
		}
		return c.SendString(s.UserName())
	}))
	var cookies []*http.Cookie
	ask := func(path string) *http.Response {
		r := httptest.NewRequest("GET", path, nil)
		for _, c := range cookies {
			r.AddCookie(c)
		}
		resp, err := app.Test(r)
		if err != nil {
			t.Fatal(err)
		}
		if set := resp.Cookies(); len(set) > 0 {
			cookies = set
		}
		return resp
	}
	ask("/visit")
	failed = ask("/fail")
	body, err := io.ReadAll(ask("/user").Body)
	if err != nil {
		t.Fatal(err)
	}
	return failed, string(body)
}

func TestAPanicTakesNoCookieAndNoHeaderAlong(t *testing.T) {
	resp, user := failing(t, func(c fiber.Ctx, s *fixture.Session) error {
		c.Set("Location", "/elsewhere")
		c.Set("Content-Encoding", "gzip")
		s.SetUserName("Eve")
		if err := s.Save(); err != nil {
			return err
		}
		panic("after the save")
	})
	if h := resp.Header; resp.StatusCode != http.StatusInternalServerError || h.Get("Location") != "" ||
		h.Get("Content-Encoding") != "" {
		t.Errorf("status %d, header %v", resp.StatusCode, h)
	}
	if user != "Eve" {
		t.Errorf("the session that was saved before the panic is %q's", user)
	}
}

func TestAFailureTakesNoBodyAlong(t *testing.T) {
	for name, end := range map[string]func() error{
		"an error":            func() error { return fiber.ErrTeapot },
		"an error of no kind": func() error { return errors.New("oops") },
		"a panic":             func() error { panic("oops") },
	} {
		t.Run(name, func(t *testing.T) {
			resp, user := failing(t, func(c fiber.Ctx, s *fixture.Session) error {
				s.SetUserName("Eve")
				if err := c.SendString("Welcome, Eve"); err != nil {
					return err
				}
				return end()
			})
			body, err := io.ReadAll(resp.Body)
			status := resp.StatusCode
			if err != nil || string(body) != http.StatusText(status) || status < http.StatusBadRequest {
				t.Errorf("status %d, %q, %v", status, body, err)
			}
			if user != "" {
				t.Errorf("it logs in %q", user)
			}
		})
	}
}

func TestNothingIsSavedForAResponseThatATimeoutHasCaptured(t *testing.T) {
	resp, user := failing(t, func(c fiber.Ctx, s *fixture.Session) error {
		s.SetUserName("Eve")
		c.RequestCtx().TimeoutErrorWithCode("too slow", http.StatusRequestTimeout) // as the middleware timeout does
		return nil
	})
	if resp.StatusCode != http.StatusRequestTimeout || len(resp.Cookies()) != 0 {
		t.Errorf("status %d, cookies %v", resp.StatusCode, resp.Cookies())
	}
	if user != "" {
		t.Errorf("a login that was too slow logs in %q", user)
	}
}
