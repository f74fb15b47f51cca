package session

import (
	"net/http"
	"strings"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// maxTries is how many cookies of the manager's name are looked at. A browser sends several when an attacker on a sibling
// domain has planted some; a client that sends more is not one.
const maxTries = 4

// fromCookies returns the first token that verifies among the request's cookies of the manager's name.
func (e *engine) fromCookies(h http.Header) (id token.ID, created time.Time, ok bool) {
	tries := 0
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			name, value, _ := strings.Cut(strings.TrimSpace(pair), "=")
			if name != e.cfg.Cookie.Name {
				continue
			}
			if id, created, ok = e.ring.Verify(value); ok {
				return id, created, true
			}
			if tries++; tries == maxTries {
				return token.ID{}, time.Time{}, false
			}
		}
	}
	return token.ID{}, time.Time{}, false
}

// hasCookie reports whether the request carries any cookie of the manager's name.
func (e *engine) hasCookie(h http.Header) bool {
	for _, line := range h["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			if name, _, _ := strings.Cut(strings.TrimSpace(pair), "="); name == e.cfg.Cookie.Name {
				return true
			}
		}
	}
	return false
}

// sendCookie sends the session's cookie, instead of an earlier one of its name.
func (c *Core) sendCookie() {
	cookie := c.e.newCookie(c.e.ring.Sign(c.id, c.created))
	if c.e.cfg.Cookie.Persistent {
		rest := c.created.Add(c.e.cfg.Lifetime).Sub(c.e.cfg.Now())
		cookie.MaxAge = max(int(rest/time.Second), 1)
	}
	c.resp.setCookie(cookie)
}

// expireCookie tells the browser to drop the session's cookie.
func (c *Core) expireCookie() {
	cookie := c.e.newCookie("")
	cookie.MaxAge = -1
	cookie.Expires = time.Unix(1, 0) // for what does not know Max-Age
	c.resp.setCookie(cookie)
}

func (e *engine) newCookie(value string) *http.Cookie {
	c := &e.cfg.Cookie
	return &http.Cookie{
		Name: c.Name, Value: value, Path: c.Path, Domain: c.Domain,
		HttpOnly: true, Secure: !c.Insecure, SameSite: c.SameSite, Partitioned: c.Partitioned,
	}
}
