// Package ginsession puts the sessions of sessiongen into gin.
//
//	r := gin.Default()
//	r.Use(ginsession.Middleware(sessions))
//
//	r.POST("/cart", func(c *gin.Context) {
//		s, err := ginsession.Get(c, sessions)
//		if err != nil {
//			_ = c.AbortWithError(session.StatusOf(err), err)
//			return
//		}
//		s.AppendCart(web.Item{SKU: c.PostForm("sku")})
//		c.Redirect(http.StatusSeeOther, "/cart")
//	})
//
// The session is saved before the first byte of the response goes out, or when the handlers have returned. Nothing is
// saved after a panic, for a status of 500 and more, and for a request with an error among c.Errors, with any status:
// that is how a handler of gin fails. An error that is none of the session's business is one to log, not one for
// c.Error.
//
// Where the session cannot be saved, the client gets nothing of the handlers' response: the error is among c.Errors,
// the status is session.StatusOf's, and a middleware of yours that makes pages of c.Errors after c.Next makes one of
// it, if it stands outside of this one; else the body is empty. Recovery may stand on either side, and so may gzip.
//
// Engine.HandleContext, gin's redirect within the server, goes on with the same session if the route that it leads to
// has this middleware too: use it on the engine, not on a group. It forgets errors that c has at that time.
//
// Handlers of net/http behind gin.WrapH and gin.WrapF find the session with Manager.Get.
package ginsession

import (
	"context"
	"errors"
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Middleware gives each request one session, which Get returns, and saves it.
func Middleware[S any](m *session.Manager[S]) gin.HandlerFunc {
	return func(c *gin.Context) {
		outer, key := c.Writer, visitKey[S]{m, c}
		begun, _ := c.Request.Context().Value(key).(*writer)
		_, marked := c.Get(key)
		again := begun != nil && !marked // HandleContext has taken the writer away
		if again {
			outer = begun
		}
		c.Set(key, true)
		var failed error
		err := m.Do(outer, c.Request, func(w http.ResponseWriter, r *http.Request) error {
			defer func() { c.Writer = outer }()
			inner := &writer{ResponseWriter: outer, out: w, failing: func() {
				if err := last(c); err != nil { // an inner Do that fails abandons the save of this one
					_ = m.Do(w, r, func(http.ResponseWriter, *http.Request) error { return err })
				}
			}}
			if begun == nil { // in place: r is what the session knows of the request
				*r = *r.WithContext(context.WithValue(r.Context(), key, inner))
			}
			c.Writer, c.Request = inner, r
			c.Next()
			if failed = last(c); failed == nil {
				if again && c.FullPath() != "" { // else gin answers that there is no such route, through outer
					inner.WriteHeaderNow() // as HandleContext is about to do, past the session
				}
				inner.end()
			}
			return failed
		})
		if err != failed { // the save
			fail(c, err)
		}
	}
}

// A visitKey is what a request's context has the session's writer under, and gin's context a mark: HandleContext clears
// the latter, and runs all handlers anew on the same request.
type visitKey[S any] struct {
	m *session.Manager[S]
	c *gin.Context // another engine's, within a handler, has its own writer
}

// Get returns the one session of a request that came through Middleware. The first call loads it. Its errors are those
// of Manager.Get: session.ErrUnavailable where the store cannot be reached, which session.StatusOf makes a 503.
func Get[S any](c *gin.Context, m *session.Manager[S]) (*S, error) { return m.Get(c.Request) }

// Require guards the handlers after it: a request whose session passes ok goes on, any other to otherwise, which may
// redirect to the login page. It stands inside Middleware. A session that cannot be loaded is an error among c.Errors,
// with its status, and never goes to otherwise: an outage is not a logout.
func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise gin.HandlerFunc) gin.HandlerFunc {
	return func(c *gin.Context) {
		switch s, err := Get(c, m); {
		case err != nil:
			fail(c, err)
		case !ok(s):
			c.Abort()
			otherwise(c)
		}
	}
}

// fail tells gin of an error of the session. The page is left to the middleware that makes pages of c.Errors.
func fail(c *gin.Context, err error) {
	c.Abort()
	if !errors.Is(last(c), err) { // gin's Render has told of it when the handler's body could not be written
		_ = c.Error(err)
	}
	if !c.Writer.Written() {
		c.Status(session.StatusOf(err))
	}
}

func last(c *gin.Context) error {
	if e := c.Errors.Last(); e != nil {
		return e
	}
	return nil
}
