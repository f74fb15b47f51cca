package connectsession_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

type text = wrapperspb.StringValue

// A browser makes a call of each request to a procedure, and a response of its outcome: of a message that
// begins with a status, and of the code of an error. The header, cookies and all, is that of the call's own response.
type browser struct {
	base http.RoundTripper
	protocol
	within bool // Middleware, which answers itself if the save fails
}

// procedure is the one that serves a route.
func procedure(method, path string) string { return "/" + method + path }

func (b browser) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/proxy") || strings.HasPrefix(r.URL.Path, "/slow") { // handlers of net/http
		return b.base.RoundTrip(r)
	}
	in, err := message(r)
	if err != nil {
		return nil, err
	}
	answer := &answered{base: b.base}
	options := append([]connect.ClientOption{connect.WithIdempotency(connect.IdempotencyNoSideEffects)}, b.options...)
	if r.Header.Get("Accept-Encoding") == "" {
		options = append(options, connect.WithAcceptCompression("gzip", nil, nil))
	}
	client := connect.NewClient[text, text](&http.Client{Transport: answer},
		r.URL.Scheme+"://"+r.URL.Host+procedure(r.Method, r.URL.Path), options...)
	req := connect.NewRequest(wrapperspb.String(in))
	for _, name := range []string{"Cookie", "Authorization"} {
		req.Header()[name] = r.Header[name]
	}
	if r.URL.Path == "/events" {
		stream, err := client.CallServerStream(r.Context(), req)
		if err != nil {
			return nil, err
		}
		return b.streamed(r, answer, stream)
	}
	res, err := client.CallUnary(r.Context(), req)
	if err != nil {
		return b.failed(r, answer, err)
	}
	status, body, _ := strings.Cut(res.Msg.Value, " ")
	code, err := strconv.Atoi(status)
	if err != nil {
		return nil, err
	}
	resp := answer.response(code)
	if code == http.StatusSeeOther {
		resp.Header.Set("Location", body)
	}
	if answer.Header.Get("Content-Encoding") == "gzip" || answer.Header.Get("Grpc-Encoding") == "gzip" { // it came so
		var compressed bytes.Buffer
		w := gzip.NewWriter(&compressed)
		if _, err := io.WriteString(w, body); err != nil {
			return nil, err
		}
		if err := w.Close(); err != nil {
			return nil, err
		}
		resp.Header.Set("Content-Encoding", "gzip")
		body = compressed.String()
	}
	resp.Body = io.NopCloser(strings.NewReader(body))
	return resp, nil
}

// message returns the message for a procedure: the file of an upload, or the query.
func message(r *http.Request) (string, error) {
	if r.Body == nil {
		return r.URL.RawQuery, nil
	}
	file, _, err := r.FormFile("file")
	if err != nil {
		return "", err
	}
	content, err := io.ReadAll(file)
	return string(content), err
}

// streamed makes a stream of events of one of messages.
func (b browser) streamed(
	r *http.Request, answer *answered, stream *connect.ServerStreamForClient[text],
) (*http.Response, error) {
	if !stream.Receive() {
		defer func() { _ = stream.Close() }()
		return b.failed(r, answer, stream.Err())
	}
	in, out := io.Pipe()
	go func() {
		defer func() { _ = stream.Close() }()
		for more := true; more; more = stream.Receive() {
			if _, err := io.WriteString(out, stream.Msg().Value); err != nil {
				return
			}
		}
		_ = out.CloseWithError(stream.Err()) // nil is the end
	}()
	resp := answer.response(http.StatusOK)
	resp.Header.Set("Content-Type", "text/event-stream")
	resp.Body = in
	return resp, nil
}

// failed is the response that stands for an error.
func (b browser) failed(r *http.Request, answer *answered, err error) (*http.Response, error) {
	failure := new(connect.Error)
	if !errors.As(err, &failure) || answer.Response == nil {
		return nil, fmt.Errorf("no error of a call: %w", err)
	}
	status, ok := map[connect.Code]int{
		connect.CodeFailedPrecondition: http.StatusTeapot,
		connect.CodeUnauthenticated:    http.StatusSeeOther,
		connect.CodeInternal:           http.StatusInternalServerError,
		connect.CodeUnavailable:        http.StatusServiceUnavailable,
	}[failure.Code()]
	if !ok {
		return nil, err
	}
	good := answer.StatusCode == http.StatusOK
	if good != (b.always200 || r.URL.Path == "/events") &&
		!(b.within && answer.StatusCode == http.StatusServiceUnavailable) {
		return nil, fmt.Errorf("%w, with the status %d", err, answer.StatusCode)
	}
	resp := answer.response(status)
	if status == http.StatusSeeOther {
		resp.Header.Set("Location", "/login")
	}
	resp.Body = io.NopCloser(strings.NewReader("rpc: " + failure.Error()))
	return resp, nil
}

// answered keeps the response of the call that goes through it.
type answered struct {
	base http.RoundTripper
	*http.Response
}

func (a *answered) RoundTrip(r *http.Request) (*http.Response, error) {
	var err error
	a.Response, err = a.base.RoundTrip(r)
	return a.Response, err
}

// response is one with the header of the call's, by whose method caches go.
func (a *answered) response(status int) *http.Response {
	h := a.Header.Clone()
	h.Del("Content-Encoding")
	h.Del("Content-Length")
	return &http.Response{
		StatusCode: status, Proto: a.Proto, ProtoMajor: a.ProtoMajor, Header: h,
		ContentLength: -1, Body: http.NoBody, Request: a.Request,
	}
}
