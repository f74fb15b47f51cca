package session

import (
	"net/http"
	"strings"
)

// A response is where a session's cookie goes. Its zero value is no response at all.
type response struct {
	w       http.ResponseWriter
	request *http.Request
	writer  *writer // of the Middleware that w passes through, if any

	varyLine [1]string // what Vary is set to, without an allocation
}

// late reports whether no cookie can be sent any more. Without a Middleware nobody knows that the header has gone out.
func (r *response) late() bool {
	return r.w == nil || r.writer != nil && r.writer.committed.Load()
}

// setCookie sets a cookie, instead of an earlier one of its name.
func (r *response) setCookie(cookie *http.Cookie) { r.putCookie(cookie.String()) }

// vary says that the response depends on the cookie, because its session was looked at.
func (r *response) vary() {
	if !r.late() {
		r.putVary()
	}
}

// putCookie puts a line that sets a cookie into the header, or among what a Middleware holds back for it. A response that
// carries a session's cookie is nobody else's to keep.
func (r *response) putCookie(line string) {
	if r.writer != nil {
		r.writer.mu.Lock()
		r.writer.held.cookies = withCookie(r.writer.held.cookies, line)
		r.writer.mu.Unlock()
		return
	}
	h := r.w.Header()
	h["Set-Cookie"] = withCookie(h["Set-Cookie"], line)
	h.Set("Cache-Control", "no-store")
}

func (r *response) putVary() {
	if r.writer != nil {
		r.writer.mu.Lock()
		r.writer.held.vary = true
		r.writer.mu.Unlock()
		return
	}
	addVary(r.w.Header(), &r.varyLine)
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

func addVary(h http.Header, room *[1]string) {
	for _, line := range h["Vary"] {
		for name := range strings.SplitSeq(line, ",") {
			if name = strings.TrimSpace(name); name == "*" || strings.EqualFold(name, "Cookie") {
				return
			}
		}
	}
	if h["Vary"] != nil {
		h.Add("Vary", "Cookie")
		return
	}
	room[0] = "Cookie"
	h["Vary"] = room[:1:1]
}
