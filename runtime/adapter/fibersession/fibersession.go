// Package fibersession puts the sessions of sessiongen into fiber, version 3.
//
//	app := fiber.New()
//	app.Use(fibersession.Middleware(sessions))
//
//	app.Post("/cart", func(c fiber.Ctx) error {
//		s, err := fibersession.Get(c, sessions)
//		if err != nil {
//			return err
//		}
//		s.AppendCart(web.Item{SKU: c.FormValue("sku")})
//		return c.Redirect().Status(fiber.StatusSeeOther).To("/cart")
//	})
//
// The session is saved when the handler has returned; fiber sends nothing before that. Nothing is saved if it returns
// an error of any status, if it panics, and for a status of 500 and more. Where the session cannot be loaded or saved,
// the client gets the ErrorHandler's answer to the error, and nothing of the handler's response: the error wraps the
// session's, and its status is session.StatusOf's. The middlewares recover and compress may stand on either side.
//
// # Limits of fiber
//
// fiber stands on fasthttp, which is no net/http, and some things cannot be had:
//
//   - Code that runs after the handler has returned is outside of the session: SendStreamWriter's function, that of a
//     websocket of fasthttp, a handler of net/http after its first Flush. Its changes are not saved, which is logged
//     once. Change the session before, or take its Meta().Token along and use Manager.Open and Save, if no new cookie
//     is needed.
//   - That the client has left is not known, so that a renewal for one that is gone is not held back.
//   - The middleware timeout sends the response as it is at that moment. Nothing is saved then; a cookie of a session
//     that the handler has saved itself is not in it.
//   - Handlers of net/http find the session if they get fiber's context: see Handler, behind which gorilla/websocket
//     works, too. coder/websocket does not: it leaves it to the server to send the 101, which fasthttp does not once a
//     handler has the connection. adaptor.HTTPMiddleware cannot carry Manager.Middleware: it returns before fiber's
//     handlers run.
package fibersession

import (
	"context"
	"errors"
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Middleware gives each request one session, which Get returns, and saves it.
func Middleware[S any](m *session.Manager[S]) fiber.Handler {
	return func(c fiber.Ctx) error {
		w := &writer{header: headerOf(c), c: c}
		failed := true // also where it panics
		defer func() {
			w.send()
			if failed {
				c.Response().ResetBody()
			}
		}()
		err := m.Do(w, request(c), func(session http.ResponseWriter, r *http.Request) error {
			w.session = session
			c.SetContext(context.WithValue(r.Context(), writerKey{}, w))
			err := c.Next()
			if err == nil && c.RequestCtx().LastTimeoutErrorResponse() != nil {
				// fasthttp sends the response as it was when the time was up: without a cookie, so nothing is saved.
				err = fiber.ErrRequestTimeout
			}
			if err == nil {
				w.header = headerOf(c) // where Do puts the cookie
			}
			return err
		})
		failed = err != nil
		return answerable(err)
	}
}

// Get returns the one session of a request that came through Middleware. The first call loads it. Its errors are those
// of Manager.FromContext, with the status that fiber is to answer: 503 where the store cannot be reached.
func Get[S any](c fiber.Ctx, m *session.Manager[S]) (*S, error) {
	s, err := m.FromContext(c.Context())
	return s, answerable(err)
}

// Require guards the handlers after it: a request whose session passes ok goes on, any other to otherwise, which may
// redirect to the login page. It stands inside Middleware. A session that cannot be loaded is an error, and never goes
// to otherwise: an outage is not a logout.
func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise fiber.Handler) fiber.Handler {
	return func(c fiber.Ctx) error {
		s, err := Get(c, m)
		if err != nil {
			return err
		}
		if !ok(s) {
			return otherwise(c)
		}
		return c.Next()
	}
}

// Handler makes a handler of fiber of one of net/http that finds the session with Manager.Get. Hijack saves first.
func Handler(h http.Handler) fiber.Handler {
	return adaptor.HTTPHandlerWithContext(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ctx, ok := adaptor.LocalContextFromHTTPRequest(r); ok {
			r = r.WithContext(ctx)
			if outer, ok := ctx.Value(writerKey{}).(*writer); ok {
				w = &hijacker{w, outer}
			}
		}
		h.ServeHTTP(w, r)
	}))
}

// answerable gives an error of a session a status and a text for clients, to whom fiber's ErrorHandler shows an error's
// text. One that has a status is the handler's.
func answerable(err error) error {
	if known := new(fiber.Error); err == nil || errors.As(err, &known) ||
		session.StatusOf(err) != http.StatusServiceUnavailable {
		return err
	}
	return &failure{fiber.ErrServiceUnavailable, err}
}

// A failure is an error of fiber's, by its text and status, and the session's that it stands for.
type failure struct {
	shown *fiber.Error
	cause error
}

func (f *failure) Error() string   { return f.shown.Error() }
func (f *failure) Unwrap() []error { return []error{f.shown, f.cause} }
