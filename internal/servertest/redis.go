//go:build unix

package servertest

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// Redis starts redis-server on a free loopback port, keeping nothing on disk but in a directory of the test's. args go
// to its command line ("--requirepass", "x", …) and may override what is set here.
func Redis(t testing.TB, args ...string) *Server {
	t.Helper()
	return redisServer(t, redisProbe(), func() string { return FreePort(t) }, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return append([]string{"--bind", host, "--port", port}, args...)
	})
}

// RedisUnix starts redis-server on a unix socket.
func RedisUnix(t testing.TB, args ...string) *Server {
	t.Helper()
	dir, err := os.MkdirTemp("", "redis") // not t.TempDir: a socket's path has at most 107 bytes
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "socket")
	return redisServer(t, redisProbe(), func() string { return path }, func(addr string) []string {
		return append([]string{"--port", "0", "--unixsocket", addr}, args...)
	})
}

// RedisTLS starts redis-server on a free loopback port, with TLS; roots trust the certificate, which is for 127.0.0.1.
func RedisTLS(t testing.TB, certFile, keyFile string, roots *x509.CertPool) *Server {
	t.Helper()
	p := redisProbe()
	p.tls = &tls.Config{RootCAs: roots, ServerName: "127.0.0.1"}
	return redisServer(t, p, func() string { return FreePort(t) }, func(addr string) []string {
		host, port, _ := net.SplitHostPort(addr)
		return []string{
			"--bind", host, "--port", "0", "--tls-port", port, "--tls-auth-clients", "no",
			"--tls-cert-file", certFile, "--tls-key-file", keyFile, "--tls-ca-cert-file", certFile,
		}
	})
}

func redisProbe() probe { return probe{request: "PING\r\n", answer: "+PONG"} }

func redisServer(t testing.TB, p probe, newAddr func() string, args func(addr string) []string) *Server {
	t.Helper()
	dir := t.TempDir()
	return launch(t, "redis-server", p, newAddr, func(addr string) []string {
		return append([]string{"--dir", dir, "--save", "", "--appendonly", "no", "--daemonize", "no"}, args(addr)...)
	})
}

// Redis sends a command to a redis-server without TLS and returns its reply: a line, a string ("" if there is none), or
// the elements of an array, one on a line.
func (s *Server) Redis(command ...string) string {
	s.t.Helper()
	got, err := s.TryRedis(command...)
	if err != nil {
		s.t.Fatalf("servertest: %s: %s: %v", s.name, command[0], err)
	}
	return got
}

// TryRedis is Redis with the error, which may be the server's own, for the caller. It may be called from any goroutine.
func (s *Server) TryRedis(command ...string) (string, error) {
	conn, err := net.DialTimeout(Network(s.addr), s.addr, startTimeout)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(startTimeout)); err != nil {
		return "", err
	}
	var request strings.Builder
	fmt.Fprintf(&request, "*%d\r\n", len(command))
	for _, arg := range command {
		fmt.Fprintf(&request, "$%d\r\n%s\r\n", len(arg), arg)
	}
	if _, err := conn.Write([]byte(request.String())); err != nil {
		return "", err
	}
	return redisReply(bufio.NewReader(conn))
}

// redisReply reads one reply in RESP2.
func redisReply(r *bufio.Reader) (string, error) {
	line, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, text := line[0], strings.TrimSpace(line[1:])
	switch kind {
	case '-':
		return "", errors.New(text)
	case '+', ':':
		return text, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return "", err
	}
	if kind == '$' {
		value := make([]byte, n+len("\r\n"))
		_, err := io.ReadFull(r, value)
		return string(value[:n]), err
	}
	elements := make([]string, n)
	for i := range elements {
		if elements[i], err = redisReply(r); err != nil {
			return "", err
		}
	}
	return strings.Join(elements, "\n"), nil
}

// waitRedis polls until the reply to a command contains all of the words.
func (s *Server) waitRedis(command []string, words ...string) {
	s.t.Helper()
	deadline := time.Now().Add(2 * startTimeout)
	for {
		got, err := s.TryRedis(command...)
		missing := err != nil
		for _, w := range words {
			missing = missing || !strings.Contains(got, w)
		}
		if !missing {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("servertest: %v on %s says after %v: %q, %v; want %q", command, s.addr, 2*startTimeout, got, err, words)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
