package connectsession

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"

	"connectrpc.com/connect"
)

// An interceptor intercepts the calls that a server handles.
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

// request is a call as a session sees it: its header and, for the log, its procedure.
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

// with gives an error's response the session's header: that it depends on the cookie, and the cookies of the
// saves that the handler had made before it failed.
func with(header http.Header, err error) error {
	if len(header) == 0 {
		return err
	}
	shown := connect.NewError(connect.CodeOf(err), err)
	if shared := new(connect.Error); errors.As(err, &shared) { // by many calls, perhaps
		shown = connect.NewError(shared.Code(), shared.Unwrap())
		for _, d := range shared.Details() {
			shown.AddDetail(d)
		}
		maps.Copy(shown.Meta(), shared.Meta())
	}
	for name, lines := range header {
		shown.Meta()[name] = slices.Concat(shown.Meta()[name], lines)
	}
	return &failure{shown, err}
}

// A failure is an error of Connect's with a header of its own, and the error that it stands for, which interceptors
// know.
type failure struct {
	shown *connect.Error
	cause error
}

func (f *failure) Error() string   { return f.cause.Error() }
func (f *failure) Unwrap() []error { return []error{f.shown, f.cause} }
