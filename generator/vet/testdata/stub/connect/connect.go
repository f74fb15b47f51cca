// Package connect has the shape of Connect, as far as handlers with sessions touch it.
package connect

import (
	"context"
	"net/http"
)

type Interceptor interface{ WrapUnary() }

type HandlerOption interface{ applyToHandler() }

func WithInterceptors(interceptors ...Interceptor) HandlerOption { return nil }

type Request[T any] struct{ Msg *T }

type Response[T any] struct{ Msg *T }

func NewResponse[T any](msg *T) *Response[T] { return &Response[T]{msg} }

type ServerStream[T any] struct{}

func (s *ServerStream[T]) Send(msg *T) error { return nil }

func NewUnaryHandler[Req, Res any](
	procedure string, unary func(context.Context, *Request[Req]) (*Response[Res], error), options ...HandlerOption,
) http.Handler {
	return nil
}

func NewServerStreamHandler[Req, Res any](
	procedure string, stream func(context.Context, *Request[Req], *ServerStream[Res]) error, options ...HandlerOption,
) http.Handler {
	return nil
}
