package fibersession_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// fiber's adaptor.HTTPMiddleware copies what Middleware's handler has put into the context, and runs fiber's handlers
// when Middleware has returned.
func TestAChangeBehindTheAdaptorIsNotLostWithoutAWord(t *testing.T) {
	type own struct{}
	type sessionOf = func(fiber.Ctx, *fixture.Sessions) (*fixture.Session, error)
	for name, get := range map[string]sessionOf{
		"the session": func(c fiber.Ctx, _ *fixture.Sessions) (*fixture.Session, error) {
			return c.RequestCtx().UserValue(own{}).(*fixture.Session), nil
		},
		"its context": func(c fiber.Ctx, sessions *fixture.Sessions) (*fixture.Session, error) {
			return sessions.FromContext(c.RequestCtx().UserValue(own{}).(context.Context))
		},
		"fiber's context": func(c fiber.Ctx, sessions *fixture.Sessions) (*fixture.Session, error) {
			return sessions.FromContext(c)
		},
		"fasthttp's context": func(c fiber.Ctx, sessions *fixture.Sessions) (*fixture.Session, error) {
			return sessions.FromContext(c.RequestCtx())
		},
		"net/http's context": func(c fiber.Ctx, sessions *fixture.Sessions) (*fixture.Session, error) {
			return sessions.FromContext(c.Context())
		},
	} {
		t.Run(name, func(t *testing.T) {
			sessions, log := course.Logged(t, memory.New())
			app := fiber.New()
			app.Use(adaptor.HTTPMiddleware(func(next http.Handler) http.Handler {
				return sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					s, err := sessions.Get(r)
					if err != nil {
						t.Error(err)
					}
					kept := any(s)
					if name == "its context" {
						kept = r.Context()
					}
					next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), own{}, kept)))
				}))
			}))
			app.Get("/", func(c fiber.Ctx) error {
				s, err := get(c, sessions)
				if err != nil {
					return c.Status(http.StatusInternalServerError).SendString(err.Error())
				}
				s.AddVisits(1)
				return c.SendString("counted")
			})
			for range 2 {
				resp, err := app.Test(httptest.NewRequest("GET", "/", nil), fiber.TestConfig{})
				if err != nil {
					t.Fatal(err)
				}
				body, _ := io.ReadAll(resp.Body)
				if resp.StatusCode == http.StatusOK && len(resp.Cookies()) != 0 {
					t.Errorf("saved: %v", resp.Cookies())
				}
				if resp.StatusCode != http.StatusOK && !strings.Contains(string(body), "Manager.Do") {
					t.Errorf("%d %s", resp.StatusCode, body)
				}
				if n := strings.Count(log.String(), "use Manager.Do"); resp.StatusCode == http.StatusOK &&
					(n != 1 || !strings.Contains(log.String(), "level=WARN")) {
					t.Errorf("%d warnings: %s", n, log)
				}
			}
		})
	}
}
