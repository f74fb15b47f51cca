// Package connectsession puts the sessions of sessiongen into Connect, for each of its protocols: Connect, gRPC and
// gRPC-Web.
//
//	path, handler := shopv1connect.NewShopServiceHandler(shop,
//		connect.WithInterceptors(connectsession.Middleware(sessions)))
//
//	func (s *shop) AddToCart(
//		ctx context.Context, req *connect.Request[shopv1.Item],
//	) (*connect.Response[shopv1.Cart], error) {
//		x, err := connectsession.Get(ctx, s.sessions)
//		if err != nil {
//			return nil, err
//		}
//		x.AppendCart(web.Item{SKU: req.Msg.Sku})
//		…
//	}
//
// The interceptor saves the session when a unary handler has returned, and before the first message that a streaming
// handler sends, or when it returns. Nothing is saved if the handler returns an error, also where the protocol answers
// that with a status of 200, as gRPC and gRPC-Web do. Where the session cannot be loaded or saved the client gets
// CodeUnavailable, or CodeInternal, without the reason, which the error wraps for the interceptors outside of this one.
//
// A change that a streaming handler makes after its first message is saved when it returns, if that needs no cookie. A
// stream that lives long should not hold its session for all that time: read the fields that it needs, and take
// Manager.Open for later changes.
//
// Cookies come and go in the request's and the response's header, as browsers want them; for other clients there are
// tokens (Config.Bearer), which an interceptor of the client sends and keeps. Within Manager.Middleware, around the
// server, the interceptor joins that one's session, and tells it of errors.
package connectsession

import (
	"context"
	"errors"
	"net/http"

	"connectrpc.com/connect"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Middleware returns an interceptor of handlers that gives each call one session, which Get returns, and saves it. It
// leaves clients alone. Interceptors before it in WithInterceptors are outside of it.
func Middleware[S any](m *session.Manager[S]) connect.Interceptor {
	return interceptor{
		unary: func(next connect.UnaryFunc) connect.UnaryFunc {
			return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
				var res connect.AnyResponse
				w := &writer{header: http.Header{}}
				r := request(ctx, req.Spec(), req.Peer(), req.Header())
				err := do(m, w, r, func(ctx context.Context, _ http.ResponseWriter) (err error) {
					if res, err = next(ctx, req); err == nil {
						w.header = res.Header() // where Do puts the cookie
					}
					return err
				})
				if err != nil {
					return nil, with(w.header, err)
				}
				return res, nil
			}
		},
		stream: func(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
			return func(ctx context.Context, c connect.StreamingHandlerConn) error {
				w := &writer{header: c.ResponseHeader()}
				r := request(ctx, c.Spec(), c.Peer(), c.RequestHeader())
				return do(m, w, r, func(ctx context.Context, w http.ResponseWriter) error {
					return next(ctx, &conn{c, w})
				})
			}
		},
	}
}

// do is Do, with the codes that errors of a session have in RPC.
func do[S any](
	m *session.Manager[S], w http.ResponseWriter, r *http.Request,
	next func(context.Context, http.ResponseWriter) error,
) error {
	var failed error
	err := m.Do(w, r, func(w http.ResponseWriter, r *http.Request) error {
		failed = next(r.Context(), w)
		return failed
	})
	if err != failed { // the save
		return coded(err)
	}
	return err
}

// Get returns the one session of a call that came through Middleware. The first call loads it. Its errors are those of
// Manager.FromContext, as errors of RPC: CodeUnavailable where the store cannot be reached.
func Get[S any](ctx context.Context, m *session.Manager[S]) (*S, error) {
	s, err := m.FromContext(ctx)
	return s, coded(err)
}

// Require returns an interceptor that guards handlers: a call whose session passes ok goes on; any other gets the error
// that otherwise returns, such as one of CodeUnauthenticated. It comes after Middleware in WithInterceptors. A session
// that cannot be loaded is an error of its own, and never goes to otherwise: an outage is not a logout.
func Require[S any](
	m *session.Manager[S], ok func(*S) bool, otherwise func(context.Context) error,
) connect.Interceptor {
	check := func(ctx context.Context) error {
		s, err := Get(ctx, m)
		if err == nil && !ok(s) {
			err = otherwise(ctx)
		}
		return err
	}
	return interceptor{
		unary: func(next connect.UnaryFunc) connect.UnaryFunc {
			return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
				if err := check(ctx); err != nil {
					return nil, err
				}
				return next(ctx, req)
			}
		},
		stream: func(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
			return func(ctx context.Context, c connect.StreamingHandlerConn) error {
				if err := check(ctx); err != nil {
					return err
				}
				return next(ctx, c)
			}
		},
	}
}

// coded makes an error of a session one that a client may see.
func coded(err error) error {
	code, text := connect.CodeInternal, "something went wrong on our side"
	if session.StatusOf(err) == http.StatusServiceUnavailable {
		code, text = connect.CodeUnavailable, "the service is busy"
	}
	if known := new(connect.Error); err == nil || errors.As(err, &known) {
		return err
	}
	return connect.NewError(code, &veiled{text, err})
}

// A veiled error shows a text in place of that of the error that it wraps: Connect tells clients the text of an error.
type veiled struct {
	text  string
	cause error
}

func (e *veiled) Error() string { return e.text }
func (e *veiled) Unwrap() error { return e.cause }
