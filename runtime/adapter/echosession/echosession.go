// Package echosession puts the sessions of sessiongen into echo, version 5.
//
//	e := echo.New()
//	e.Use(echosession.Middleware(sessions))
//
//	e.POST("/cart", func(c *echo.Context) error {
//		s, err := echosession.Get(c, sessions)
//		if err != nil {
//			return err
//		}
//		s.AppendCart(web.Item{SKU: c.FormValue("sku")})
//		return c.Redirect(http.StatusSeeOther, "/cart")
//	})
//
// The session is saved before the first byte of the response goes out, or when the handler has returned. Nothing is
// saved if it returns an error of any status, if it panics, and for a status of 500 and more. Where the session cannot
// be loaded or saved, the client gets the HTTPErrorHandler's answer to the error, and nothing of the handler's
// response: the error wraps the session's, and its status is session.StatusOf's.
//
// Recover and Gzip may stand on either side. A middleware that answers errors itself stands outside of
// this one: RequestLogger with HandleError, for one. Within it, it would have the session saved first.
//
// Handlers of net/http behind echo.WrapHandler find the session with Manager.Get.
package echosession

import (
	"net/http"

	"github.com/labstack/echo/v5"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Middleware gives each request one session, which Get returns, and saves it.
func Middleware[S any](m *session.Manager[S]) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			outer := c.Response()
			defer c.SetResponse(outer)
			return answerable(m.Do(outer, c.Request(), func(w http.ResponseWriter, r *http.Request) error {
				c.SetResponse(w)
				c.SetRequest(r)
				return next(c)
			}))
		}
	}
}

// Get returns the one session of a request that came through Middleware. The first call loads it. Its errors are those
// of Manager.Get, with the status that echo is to answer: 503 where the store cannot be reached.
func Get[S any](c *echo.Context, m *session.Manager[S]) (*S, error) {
	s, err := m.Get(c.Request())
	return s, answerable(err)
}

// Require guards the handlers after it: a request whose session passes ok goes on, any other to otherwise, which may
// redirect to the login page. It stands inside Middleware. A session that cannot be loaded is an error, and never goes
// to otherwise: an outage is not a logout.
func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise echo.HandlerFunc) echo.MiddlewareFunc {
	return func(next echo.HandlerFunc) echo.HandlerFunc {
		return func(c *echo.Context) error {
			s, err := Get(c, m)
			if err != nil {
				return err
			}
			if !ok(s) {
				return otherwise(c)
			}
			return next(c)
		}
	}
}

// answerable gives an error of a session its status. One that has a status is the handler's.
func answerable(err error) error {
	if err == nil || echo.StatusCode(err) != 0 || session.StatusOf(err) != http.StatusServiceUnavailable {
		return err // an error without a status is a 500 in echo
	}
	return echo.ErrServiceUnavailable.Wrap(err)
}
