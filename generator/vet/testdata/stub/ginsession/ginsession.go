// Package ginsession has the shape of the real one, which needs the real gin.
package ginsession

import (
	"github.com/gin-gonic/gin"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func Middleware[S any](m *session.Manager[S]) gin.HandlerFunc { return nil }

func Get[S any](c *gin.Context, m *session.Manager[S]) (*S, error) { return m.Get(c.Request) }

func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise gin.HandlerFunc) gin.HandlerFunc {
	return nil
}
