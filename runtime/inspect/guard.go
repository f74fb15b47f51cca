package inspect

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// trusts reports whether who asks may see what is not his own: he has come through a guard, or from this machine. The
// first who has not is a warning in the log.
func (i *Inspector) trusts(r *http.Request) bool {
	if i.guarded || i.site.guarded(r) || fromHere(r) {
		return true
	}
	if !i.warned.Swap(true) {
		i.site.logger().WarnContext(r.Context(), "the session inspector is mounted without a guard and is asked from outside"+
			" this machine: put it behind a Require of the manager, or set Options.Guarded if another guard is before it")
	}
	return false
}

// fromHere reports whether a request was made on this machine for this machine. A proxy beside the site has a loopback
// address too, and so has a browser that a page of somewhere else has led here by its own name (DNS rebinding): hence
// the signs of proxies, and the Host. A proxy that shows none of them, and says HTTP/1.1 and a Host of its own, cannot
// be told from a browser here.
func fromHere(r *http.Request) bool {
	// A server on a unix socket has no address of its clients: "@" or nothing.
	return isLoopback(hostOf(r.RemoteAddr)) && isLocal(hostOf(r.Host)) && !forwarded(r)
}

// forwarded reports whether a request bears a sign of a proxy: a header, or HTTP/1.0, which no browser speaks and nginx
// does unless it is told otherwise, with no header and a Host of its own.
func forwarded(r *http.Request) bool {
	if !r.ProtoAtLeast(1, 1) {
		return true
	}
	for name := range r.Header {
		if strings.HasPrefix(name, "X-Forwarded-") || slices.Contains(forwarding[:], name) {
			return true
		}
	}
	return false
}

// forwarding are headers by which proxies say that a request is another's, beside X-Forwarded-For and its kin.
var forwarding = [...]string{
	"Cf-Connecting-Ip", "Fastly-Client-Ip", "Forwarded", "True-Client-Ip", "Via", "X-Client-Ip", "X-Cluster-Client-Ip",
	"X-Envoy-External-Address", "X-Original-Forwarded-For", "X-Real-Ip",
}

func hostOf(addr string) string {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.Trim(addr, "[]")
	}
	return host
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// lower folds ASCII alone. The name comes from a client, and unicode's rules make s of U+017F and k of U+212A.
func lower(r rune) rune {
	if 'A' <= r && r <= 'Z' {
		r += 'a' - 'A'
	}
	return r
}

func isLocal(host string) bool {
	host = strings.Map(lower, strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || isLoopback(host)
}
