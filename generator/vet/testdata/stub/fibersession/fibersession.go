// Package fibersession has the shape of the real one, which needs the real fiber.
package fibersession

import (
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func Middleware[S any](m *session.Manager[S]) fiber.Handler { return nil }

func Get[S any](c fiber.Ctx, m *session.Manager[S]) (*S, error) { return m.FromContext(c.Context()) }

func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise fiber.Handler) fiber.Handler {
	return nil
}

func Handler(h http.Handler) fiber.Handler { return nil }
