package session

import (
	"net/http"
	"strings"
)

// tokenHeader carries a session's token to a client that keeps no cookies, where a browser's response would set the
// cookie; empty, where it would expire it.
const tokenHeader = "Session-Token"

// bearer returns the token of a bearer request, and whether the request is one: Config.Bearer allows them and there is
// exactly one Authorization header, of the scheme Bearer (RFC 6750, 2.1; schemes have no case, RFC 9110, 11.1). Of two
// headers nobody knows which one a proxy or another handler has believed.
func (e *engine) bearer(h http.Header) (token string, ok bool) {
	lines := h["Authorization"]
	if !e.cfg.Bearer || len(lines) != 1 {
		return "", false
	}
	scheme, token, _ := strings.Cut(lines[0], " ")
	if asciiLower(scheme) != "bearer" {
		return "", false
	}
	return strings.TrimLeft(token, " "), true
}

// offersToken reports whether the client believes to have a session.
func (e *engine) offersToken(h http.Header) bool {
	if token, ok := e.bearer(h); ok {
		return token != ""
	}
	for range e.cookies(h) {
		return true
	}
	return false
}

// varies returns which headers of a request decide on its session.
func (e *engine) varies(bearer bool) vary {
	switch {
	case bearer:
		return varyAuthorization
	case e.cfg.Bearer:
		return varyCookie | varyAuthorization
	}
	return varyCookie
}
