package session

import (
	"context"
	"fmt"
	"net/http"
	"strings"
)

// A response is where a session's cookie goes. Its zero value is no response at all.
type response struct {
	w       http.ResponseWriter
	request *http.Request
	writer  *writer // of the Middleware that w passes through, if any
	unset   bool    // w has said, before the handler ran, that it has no status yet: see sent
	bearer  bool    // the request is a bearer request: a token goes out instead of a cookie

	varyLine [1]string // the value of Vary, without an allocation
}

// late reports whether it is known that no cookie can be sent any more.
func (r *response) late() bool {
	return r.closed() || sent(r.w, r.unset)
}

// closed is late as far as this package's own writers know, and costs nothing.
func (r *response) closed() bool {
	return r.w == nil || r.writer != nil && r.writer.state.Load() != stateOpen
}

// leaving returns ErrLateSave if nobody waits for the response any more: the client has left, or an http.TimeoutHandler
// has answered for the handler. A renewal is not begun then, nor ended: the visitor would be left with the cookie of a
// session that is dead.
func (r *response) leaving() error {
	if r.request == nil || r.request.Context().Err() == nil {
		return nil
	}
	return fmt.Errorf("%w: the request is over: %w", ErrLateSave, context.Cause(r.request.Context()))
}

// setCookie sets a cookie, instead of an earlier one of its name.
func (r *response) setCookie(cookie *http.Cookie) { r.putCookie(cookie.String()) }

// vary says that the response depends on these headers of its request, because its session was looked at.
func (r *response) vary(v vary) {
	if !r.closed() {
		r.putVary(v)
	}
}

// putCookie puts a line that sets a cookie into the header, or among what a Middleware holds back for it. A response
// that carries a session's cookie is nobody else's to keep.
func (r *response) putCookie(line string) {
	if r.writer != nil {
		r.writer.mu.Lock()
		r.writer.held.cookies = withCookie(r.writer.held.cookies, line)
		r.writer.mu.Unlock()
		return
	}
	h := r.w.Header()
	h["Set-Cookie"] = withCookie(h["Set-Cookie"], line)
	forbidCaching(h)
}

// putToken does the same with the header that a bearer request gets.
func (r *response) putToken(token string) {
	if r.writer != nil {
		r.writer.mu.Lock()
		r.writer.held.token = []string{token}
		r.writer.mu.Unlock()
		return
	}
	h := r.w.Header()
	h[tokenHeader] = []string{token}
	forbidCaching(h)
}

func (r *response) putVary(v vary) {
	if r.writer != nil {
		r.writer.mu.Lock()
		r.writer.held.vary |= v
		r.writer.mu.Unlock()
		return
	}
	addVary(r.w.Header(), v, &r.varyLine)
}

// withCookie returns the lines with one more, less those that set a cookie of its name.
func withCookie(lines []string, line string) []string {
	kept := lines[:0:0]
	for _, old := range lines {
		if cookieName(old) != cookieName(line) {
			kept = append(kept, old)
		}
	}
	return append(kept, line)
}

func cookieName(line string) string {
	name, _, _ := strings.Cut(line, "=")
	return name
}

// forbidCaching makes Cache-Control: no-store (RFC 9111, 5.2.2.5) the only thing that the header says to caches. A
// directive that is said to some caches alone goes before it there, so it goes away: the targeted fields of RFC 9213
// (CDN-Cache-Control and those of single vendors end alike), Surrogate-Control and Edge-Control of older networks,
// X-Accel-Expires of nginx, and Expires, which is all that a cache of HTTP/1.0 knows.
func forbidCaching(h http.Header) {
	for name := range h {
		switch lower := strings.ToLower(name); {
		case strings.HasSuffix(lower, "cache-control"), // ours too, in whatever letters
			lower == "surrogate-control", lower == "edge-control", lower == "x-accel-expires", lower == "expires":
			delete(h, name)
		}
	}
	h.Set("Cache-Control", "no-store")
}

// A vary is a set of headers of a request, as the header Vary lists them.
type vary uint8

const (
	varyCookie vary = 1 << iota
	varyAuthorization
)

func (v vary) String() string {
	switch v {
	case varyCookie:
		return "Cookie"
	case varyAuthorization:
		return "Authorization"
	}
	return "Cookie, Authorization"
}

// addVary adds what the header does not list yet.
func addVary(h http.Header, v vary, room *[1]string) {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			switch name = strings.TrimSpace(name); {
			case name == "*":
				return
			case strings.EqualFold(name, "Cookie"):
				v &^= varyCookie
			case strings.EqualFold(name, "Authorization"):
				v &^= varyAuthorization
			}
		}
	}
	if v == 0 {
		return
	}
	if h["Vary"] != nil {
		h.Add("Vary", v.String())
		return
	}
	room[0] = v.String()
	h["Vary"] = room[:1:1]
}
