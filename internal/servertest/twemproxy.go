//go:build unix

package servertest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Twemproxy starts twemproxy (nutcracker) on a free loopback port in front of memcached servers on TCP.
func Twemproxy(t testing.TB, nodes ...*Server) *Server {
	t.Helper()
	conf := filepath.Join(t.TempDir(), "nutcracker.yml")
	// A miss, which every memcached and the proxy itself can answer: its own version command came late.
	return launch(t, "nutcracker", probe{request: "get servertest\r\n", answer: "END\r\n"}, func() string { return FreePort(t) }, func(addr string) []string {
		var text strings.Builder
		fmt.Fprintf(&text, "pool:\n  listen: %s\n  hash: fnv1a_64\n  distribution: ketama\n  timeout: 1000\n  servers:\n", addr)
		for _, n := range nodes {
			fmt.Fprintf(&text, "   - %s:1\n", n.Addr())
		}
		if err := os.WriteFile(conf, []byte(text.String()), 0o600); err != nil {
			t.Fatalf("servertest: %v", err)
		}
		_, stats, _ := net.SplitHostPort(FreePort(t))
		return []string{"-c", conf, "-a", "127.0.0.1", "-s", stats}
	})
}
