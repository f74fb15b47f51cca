package memcached_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

func TestAnAddressThatIsNoneIsAnErrorThatNamesIt(t *testing.T) {
	for _, addrs := range [][]string{
		{"127.0.0.1"},
		{"127.0.0.1:11211", "127.0.0.1:0"},
		{"127.0.0.1:11211", "127.0.0.1:no-such-service"},
		{"127.0.0.1:11211", "127.0.0.1:65536"},
		{"127.0.0.1:11211", ":11211"},
		{"127.0.0.1:11211", "no-such-host.invalid:11211"},
		{"127.0.0.1:11211", "::1:11211"},
		{"127.0.0.1:11211", "127.0.0.1:11211"},
		{"127.0.0.1:11211", ""},
		{"127.0.0.1:11211", "memcached://127.0.0.1:11212"},
		{"127.0.0.1:11211", "run/memcached.sock"},
		{"127.0.0.1:11211", "a host:11211"},
		{"127.0.0.1:11211", "/"},
		{"127.0.0.1:11211", "./"},
		{"127.0.0.1:11211", "@"},
		{"127.0.0.1:11211", "/run/"},
		{"127.0.0.1:11211", "/" + strings.Repeat("a", 200)},
	} {
		s, err := memcached.New(addrs...)
		bad := addrs[len(addrs)-1]
		if err == nil || s != nil || !strings.Contains(err.Error(), `"`+bad+`"`) {
			t.Errorf("New(%q): %v, want an error that names %q", addrs, err, bad)
		}
	}
	if _, err := memcached.New(); err == nil {
		t.Error("New(): no error")
	}
	for _, addr := range []string{"127.0.0.1:11211", "[::1]:11211", "localhost:11211", "/run/memcached.sock", "./memcached.sock", "@memcached"} {
		if _, err := memcached.New(addr); err != nil { // it need not be up
			t.Errorf("New(%q): %v", addr, err)
		}
	}
}

func TestNoErrorTellsAPasswordThatStandsInAnAddress(t *testing.T) {
	for _, addrs := range [][]string{
		{"memcached://user:canary@127.0.0.1:11211"}, {"user:canary@127.0.0.1:11211"}, {"user:canary@127.0.0.1"},
		{"/user:canary@socket", "/user:canary@socket"}, {"canary@h:0"},
	} {
		if _, err := memcached.New(addrs...); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%v", err)
		}
	}
}

func TestTheStoreSpeaksTLS(t *testing.T) {
	servertest.NoLeak(t)
	certFile, keyFile, roots := servertest.Certificate(t)
	server := servertest.MemcachedTLS(t, certFile, keyFile, roots)
	with := func(config *tls.Config) *memcached.Store {
		return openWith(t, memcached.Options{
			Addrs: []string{server.Addr()}, TLS: config, Timeout: 5 * time.Second, IOBudget: 10 * time.Second,
		})
	}
	s := with(&tls.Config{RootCAs: roots})
	value := strings.Repeat("\r\nEND\r\n", 10_000)
	mustAdd(t, s, "k", value)
	for range 20 {
		if got, _, err := s.Get(t.Context(), "k"); err != nil || string(got) != value {
			t.Fatalf("get: %d bytes, %v", len(got), err)
		}
	}
	server.Restart()
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("get over a stale connection: %v", err)
	}

	var unknown x509.UnknownAuthorityError
	_, _, err := with(&tls.Config{RootCAs: x509.NewCertPool()}).Get(t.Context(), "k")
	if !errors.Is(err, session.ErrUnavailable) || !errors.As(err, &unknown) {
		t.Errorf("get from a server that nobody vouches for: %v", err)
	}
}

func TestADeadNodeBehindAProxyIsUnavailable(t *testing.T) {
	node := servertest.Memcached(t)
	proxy := servertest.Twemproxy(t, node)
	s := open(t, proxy.Addr())
	mustAdd(t, s, "k", "one")
	node.Kill()
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	err := s.Add(t.Context(), "k", []byte("one"), time.Hour)
	if err == nil || servertest.IsAnswer(err) {
		t.Errorf("add: %v", err)
	}
	node.Start()
	servertest.Eventually(t, "the proxy finds it again", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
}

func TestAServerThatSpeaksNoTLSIsToldAsThat(t *testing.T) {
	server := httptest.NewServer(nil)
	defer server.Close()
	addr := server.Listener.Addr().String()
	s, err := memcached.NewWithOptions(memcached.Options{
		Addrs: []string{addr}, TLS: &tls.Config{MinVersion: tls.VersionTLS12}, Timeout: 5 * time.Second, IOBudget: 10 * time.Second,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "TLS handshake with "+addr) {
		t.Error(err)
	}
}
