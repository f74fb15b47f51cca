package session

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
)

// A plainCheck notices, once, that a cookie for https alone goes out over plain http: the browser drops it, each
// request of the visitor is a new session, and nothing else says so.
type plainCheck struct{ warned atomic.Bool }

func (p *plainCheck) check(log *slog.Logger, r *http.Request) {
	if p.warned.Load() || arrivedSecurely(r) || isLoopback(r.Host) || p.warned.Swap(true) {
		return
	}
	log.WarnContext(r.Context(), "session cookie is for https alone and answers a request over plain http:"+
		" browsers drop it, unless a proxy that does not say so speaks https; set X-Forwarded-Proto there, or Cookie.Insecure for development")
}

// arrivedSecurely reports whether the request came over https, or through a proxy that says that it did.
func arrivedSecurely(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	// The headers are believed for the sake of a log line: nothing hangs on them.
	for _, name := range []string{
		"X-Forwarded-Proto", "X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Scheme", "X-Url-Scheme", "Forwarded",
		"Cf-Visitor", "Cloudfront-Forwarded-Proto",
	} {
		for _, value := range r.Header[name] {
			if strings.Contains(asciiLower(value), "https") {
				return true
			}
		}
	}
	for _, name := range []string{"X-Forwarded-Ssl", "Front-End-Https", "X-Arr-Ssl"} {
		if value := r.Header.Get(name); value != "" && asciiLower(value) != "off" {
			return true
		}
	}
	return false
}

// isLoopback reports whether a browser takes a host for its own machine (W3C Secure Contexts, 3.1), to which it sends
// secure cookies over plain http too.
func isLoopback(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	host = asciiLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// asciiLower leaves all but ASCII letters alone: a client's header is protocol, and not folded as text is.
func asciiLower(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r - 'A' + 'a'
		}
		return r
	}, s)
}
