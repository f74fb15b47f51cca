// Package connectsession has the shape of the real one, which needs the real Connect.
package connectsession

import (
	"context"

	"connectrpc.com/connect"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func Middleware[S any](m *session.Manager[S]) connect.Interceptor { return nil }

func Get[S any](ctx context.Context, m *session.Manager[S]) (*S, error) { return m.FromContext(ctx) }

func Require[S any](m *session.Manager[S], ok func(*S) bool, otherwise func(context.Context) error) connect.Interceptor {
	return nil
}
