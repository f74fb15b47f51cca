// Package echosession has the shape of the real one, which needs the real echo.
package echosession

import (
	"github.com/labstack/echo/v5"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func Middleware[S any](m *session.Manager[S]) echo.MiddlewareFunc { return nil }

func Get[S any](c *echo.Context, m *session.Manager[S]) (*S, error) { return m.Get(c.Request()) }

func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise echo.HandlerFunc) echo.MiddlewareFunc {
	return nil
}
