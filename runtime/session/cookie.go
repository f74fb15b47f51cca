package session

import (
	"iter"
	"net/http"
	"net/textproto"
	"strings"
	"time"
)

// A browser sends several cookies of one name after Domain or Path of the site's cookie changed, or when somebody on a
// sibling domain has planted some. A client that sends more than these limits is no browser.
const (
	maxPairs  = 3000 // of all names in one request: more, and net/http shows a handler none of them
	maxLooked = 8    // of the manager's name: each costs an HMAC
	maxAsked  = 4    // of those that verify: each costs a round trip
)

// cookies yields the values of the manager's cookies among the request's, in their order, exactly as r.CookiesNamed
// would: a cookie that a handler does not see there is not the session's here either. A name with anything but spaces
// and tabs around it is another name, which a browser lets any sibling domain and any network set, whatever its prefix.
func (e *engine) cookies(h http.Header) iter.Seq[string] {
	return func(yield func(value string) bool) {
		lines := h["Cookie"]
		pairs := 0
		for _, line := range lines {
			pairs += strings.Count(line, ";") + 1
		}
		if pairs > maxPairs {
			return
		}
		for _, line := range lines {
			for line != "" {
				var pair string
				pair, line, _ = strings.Cut(line, ";")
				name, value, _ := strings.Cut(textproto.TrimString(pair), "=")
				if textproto.TrimString(name) != e.cfg.Cookie.Name {
					continue
				}
				if value, ok := cookieValue(value); ok && !yield(value) {
					return
				}
			}
		}
	}
}

// cookieValue takes a value out of its quotes. One with a byte that no cookie's value has is none.
func cookieValue(raw string) (string, bool) {
	if n := len(raw); n > 1 && raw[0] == '"' && raw[n-1] == '"' {
		raw = raw[1 : n-1]
	}
	for i := range len(raw) {
		if c := raw[i]; c < ' ' || c >= 0x7f || c == '"' || c == ';' || c == '\\' {
			return "", false
		}
	}
	return raw, true
}

// maxAge is how long browsers keep a cookie at most (RFC 6265bis, 5.6.2).
const maxAge = 400 * 24 * time.Hour

// sendCookie sends the session's cookie, instead of an earlier one of its name, or what a bearer request gets for it.
func (c *Core) sendCookie() {
	if c.resp.bearer {
		c.resp.putToken(c.token())
		return
	}
	cookie := c.e.newCookie(c.token())
	if c.e.cfg.Cookie.Persistent || c.e.cfg.remembers(c.term.flags) {
		rest := min(c.e.rest(c.term, c.e.cfg.Now()), maxAge)
		cookie.MaxAge = max(int(rest/time.Second), 1)
	}
	c.resp.setCookie(cookie)
	if cookie.Secure && c.resp.request != nil {
		c.e.plain.check(c.e.cfg.Logger, c.resp.request)
	}
}

// expireCookie tells the client to drop the session's cookie, or its token.
func (c *Core) expireCookie() {
	if c.resp.bearer {
		c.resp.putToken("")
		return
	}
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
