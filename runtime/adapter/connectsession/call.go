package connectsession

import (
	"context"
	"errors"
	"net/http"
	"net/url"

	"connectrpc.com/connect"
)

// An interceptor intercepts what a server handles.
type interceptor struct {
	unary  func(connect.UnaryFunc) connect.UnaryFunc
	stream func(connect.StreamingHandlerFunc) connect.StreamingHandlerFunc
}

func (i interceptor) WrapUnary(next connect.UnaryFunc) connect.UnaryFunc {
	handle := i.unary(next)
	return func(ctx context.Context, req connect.AnyRequest) (connect.AnyResponse, error) {
		if req.Spec().IsClient {
			return next(ctx, req)
		}
		return handle(ctx, req)
	}
}

func (i interceptor) WrapStreamingHandler(next connect.StreamingHandlerFunc) connect.StreamingHandlerFunc {
	return i.stream(next)
}

func (i interceptor) WrapStreamingClient(next connect.StreamingClientFunc) connect.StreamingClientFunc {
	return next
}

// request is a call as a session sees it: its header, and for the log what was called.
func request(ctx context.Context, spec connect.Spec, peer connect.Peer, header http.Header) *http.Request {
	r := &http.Request{
		Method: http.MethodPost, URL: &url.URL{Path: spec.Procedure}, Pattern: spec.Procedure,
		Proto: "HTTP/2.0", ProtoMajor: 2, Header: header, Body: http.NoBody, RemoteAddr: peer.Addr,
	}
	return r.WithContext(ctx)
}

// A writer is the response as a session sees it: a header, into which the cookie goes. Connect writes the rest.
type writer struct{ header http.Header }

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(int)             {}
func (w *writer) Write(b []byte) (int, error) { return len(b), nil }

// A conn has the session saved before its first message.
type conn struct {
	connect.StreamingHandlerConn
	w http.ResponseWriter
}

func (c *conn) Send(message any) error {
	if _, err := c.w.Write(nil); err != nil {
		return coded(err)
	}
	return c.StreamingHandlerConn.Send(message)
}

// withCookies gives an error's response the cookies of what the handler had saved before it failed. The error may be one that
// many calls share, so that it is copied.
func withCookies(err error, header http.Header) error {
	if len(header["Set-Cookie"]) == 0 {
		return err
	}
	e := new(connect.Error)
	if !errors.As(err, &e) {
		e = connect.NewError(connect.CodeUnknown, err)
	}
	shared := e
	e = connect.NewError(shared.Code(), shared.Unwrap())
	for _, d := range shared.Details() {
		e.AddDetail(d)
	}
	for _, from := range []http.Header{shared.Meta(), header} {
		for name, values := range from {
			e.Meta()[name] = append(e.Meta()[name], values...)
		}
	}
	return e
}
