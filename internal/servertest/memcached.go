//go:build unix

package servertest

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Memcached starts memcached on a free loopback port. args go to its command line ("-m", "64", …).
func Memcached(t testing.TB, args ...string) *Server {
	t.Helper()
	return launch(t, "memcached", memcachedProbe(), func() string { return FreePort(t) }, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return append(memcachedUser("-l", host, "-p", port, "-U", "0"), args...)
	})
}

// MemcachedUnix starts memcached on a unix socket.
func MemcachedUnix(t testing.TB, args ...string) *Server {
	t.Helper()
	// Not t.TempDir: a socket's path has at most 107 bytes, and memcached, no longer root, creates it.
	dir, err := os.MkdirTemp("", "memcached")
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatalf("servertest: %v", err)
	}
	path := filepath.Join(dir, "socket")
	return launch(t, "memcached", memcachedProbe(), func() string { return path }, func(addr string) []string {
		return append(memcachedUser("-s", addr, "-a", "777"), args...)
	})
}

// MemcachedTLS starts memcached on a free loopback port, with TLS. The files must be readable for everybody; roots
// trust the certificate, which is for 127.0.0.1.
func MemcachedTLS(t testing.TB, certFile, keyFile string, roots *x509.CertPool) *Server {
	t.Helper()
	p := memcachedProbe()
	p.tls = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	return launch(t, "memcached", p, func() string { return FreePort(t) }, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return memcachedUser("-l", host, "-p", port, "-U", "0", "-Z", "-o", "ssl_chain_cert="+certFile+",ssl_key="+keyFile)
	})
}

func memcachedProbe() probe { return probe{request: "version\r\n", answer: "VERSION "} }

// memcachedUser adds the user without whom memcached refuses to run as root.
func memcachedUser(args ...string) []string {
	if os.Geteuid() == 0 {
		return append(args, "-u", "nobody")
	}
	return args
}

// Line sends a memcached command that is answered with one line ("mg key t", "flush_all") and returns that line.
func (s *Server) Line(command string) string {
	s.t.Helper()
	got, err := s.exchange(command+"\r\n", startTimeout)
	if err != nil {
		s.t.Fatalf("servertest: %s: %v", s.name, err)
	}
	line, _, _ := strings.Cut(got, "\r\n")
	return line
}

// Stats returns memcached's own counters ("cmd_get", "total_connections", …).
func (s *Server) Stats() map[string]string {
	s.t.Helper()
	conn, err := net.DialTimeout(Network(s.addr), s.addr, startTimeout)
	if err != nil {
		s.t.Fatalf("servertest: %s: %v", s.name, err)
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(startTimeout))
	if _, err := conn.Write([]byte("stats\r\n")); err != nil {
		s.t.Fatalf("servertest: %s: %v", s.name, err)
	}
	var text []byte
	for !strings.HasSuffix(string(text), "END\r\n") {
		var buf [4096]byte
		n, err := conn.Read(buf[:])
		if err != nil {
			s.t.Fatalf("servertest: %s: %v", s.name, err)
		}
		text = append(text, buf[:n]...)
	}
	stats := make(map[string]string)
	for line := range strings.Lines(string(text)) {
		if f := strings.Fields(line); len(f) == 3 && f[0] == "STAT" {
			stats[f[1]] = f[2]
		}
	}
	return stats
}
