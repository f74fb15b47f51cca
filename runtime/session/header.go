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
func (r *response) setCookie(cookie *http.Cookie) {
	line := cookie.String()
	r.edit(func(h http.Header) { putCookie(h, line) })
}

// vary says that the response depends on the cookie, because its session was looked at.
func (r *response) vary() {
	if r.late() {
		return
	}
	r.edit(func(h http.Header) { addVary(h, &r.varyLine) })
}

// edit changes the header, or what a Middleware holds back for it.
func (r *response) edit(change func(http.Header)) {
	if r.writer == nil {
		change(r.w.Header())
		return
	}
	r.writer.mu.Lock()
	if r.writer.held == nil {
		r.writer.held = make(http.Header, 2)
	}
	change(r.writer.held)
	r.writer.mu.Unlock()
}

// putCookie adds a line that sets a cookie. A response that carries a session's cookie is nobody else's to keep.
func putCookie(h http.Header, line string) {
	kept := h["Set-Cookie"][:0:0]
	for _, old := range h["Set-Cookie"] {
		if cookieName(old) != cookieName(line) {
			kept = append(kept, old)
		}
	}
	h["Set-Cookie"] = append(kept, line)
	h.Set("Cache-Control", "no-store")
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
