package fibersession

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"slices"

	"github.com/gofiber/fiber/v3"
)

// request is fiber's request as a session sees it: without a body, and copied, because fasthttp uses its memory again.
func request(c fiber.Ctx) *http.Request {
	from := c.Request()
	r := &http.Request{
		Method: string(from.Header.Method()), Host: string(from.Header.Host()),
		RemoteAddr: c.RequestCtx().RemoteAddr().String(),
		Proto:      "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, TLS: c.RequestCtx().TLSConnectionState(),
		Header: http.Header{}, Body: http.NoBody,
		URL: &url.URL{Path: string(from.URI().Path()), RawQuery: string(from.URI().QueryString())},
	}
	for name, value := range from.Header.All() {
		r.Header.Add(string(name), string(value))
	}
	return r.WithContext(c.Context())
}

// A writer is the response as a session sees it: a header, into which the cookie goes, and the status that fiber has.
type writer struct {
	header  http.Header
	c       fiber.Ctx
	session http.ResponseWriter // the one that Do gives to the handlers
	hijack  func() (net.Conn, *bufio.ReadWriter, error)
}

type writerKey struct{}

// A hijacker is the writer of a handler of net/http. The session is asked for the connection, and takes it when it has
// saved.
type hijacker struct {
	http.ResponseWriter
	outer *writer
}

func (h *hijacker) Unwrap() http.ResponseWriter { return h.ResponseWriter }

func (h *hijacker) Flush() { _ = http.NewResponseController(h.ResponseWriter).Flush() }

func (h *hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	h.outer.hijack = http.NewResponseController(h.ResponseWriter).Hijack
	return http.NewResponseController(h.outer.session).Hijack()
}

func (w *writer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	if w.hijack == nil {
		return nil, nil, http.ErrNotSupported
	}
	return w.hijack()
}

func (w *writer) Header() http.Header         { return w.header }
func (w *writer) WriteHeader(int)             {}
func (w *writer) Write(b []byte) (int, error) { return len(b), nil }

// Status tells the session of a response that is a failure.
func (w *writer) Status() int { return w.c.Response().StatusCode() }

// send gives fiber's response the header that the session has left: the handler's with a cookie or, after a failure,
// the one of before.
func (w *writer) send() {
	to, now := &w.c.Response().Header, headerOf(w.c)
	for name, lines := range w.header {
		if slices.Equal(now[name], lines) {
			continue
		}
		to.Del(name)
		for _, line := range lines {
			to.Add(name, line)
		}
	}
	for name := range now {
		if _, ok := w.header[name]; !ok {
			to.Del(name)
		}
	}
}

// headerOf copies the header of fiber's response, less the length, which fasthttp computes when it sends it.
func headerOf(c fiber.Ctx) http.Header {
	h := http.Header{}
	for name, line := range c.Response().Header.All() {
		if name := string(name); name != fiber.HeaderContentLength {
			h.Add(name, string(line))
		}
	}
	return h
}
