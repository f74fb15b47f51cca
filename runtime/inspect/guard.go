package inspect

import (
	"net"
	"net/http"
	"net/netip"
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

// forwarding are headers by which proxies say that a request is another's.
var forwarding = [...]string{"Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip"}

// fromHere reports whether a request was made on this machine for this machine. A proxy beside the site has a loopback
// address too, and so has a browser that a page of somewhere else has led here by its own name (DNS rebinding): hence
// the headers, and the Host.
func fromHere(r *http.Request) bool {
	for _, name := range forwarding {
		if len(r.Header[name]) > 0 {
			return false
		}
	}
	// A server on a unix socket has no address of its clients: "@" or nothing.
	return isLoopback(hostOf(r.RemoteAddr)) && isLocal(hostOf(r.Host))
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

func isLocal(host string) bool {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || isLoopback(host)
}
