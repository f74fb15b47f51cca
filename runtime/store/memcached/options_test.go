package memcached_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
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
	for _, addr := range []string{"127.0.0.1:11211", "[::1]:11211", "localhost:11211", "/run/memcached.sock"} {
		if _, err := memcached.New(addr); err != nil { // it need not be up
			t.Errorf("New(%q): %v", addr, err)
		}
	}
}

// certificate writes a new key and a certificate for 127.0.0.1, and returns their files and what trusts them.
func certificate(t *testing.T) (certFile, keyFile string, roots *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
	}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "tls") // memcached, no longer root, reads it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	certFile, keyFile = filepath.Join(dir, "cert.pem"), filepath.Join(dir, "key.pem")
	for file, block := range map[string]*pem.Block{
		certFile: {Type: "CERTIFICATE", Bytes: cert},
		keyFile:  {Type: "PRIVATE KEY", Bytes: private},
	} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	roots = x509.NewCertPool()
	roots.AppendCertsFromPEM(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}))
	return certFile, keyFile, roots
}

func TestTheStoreSpeaksTLS(t *testing.T) {
	noLeak(t)
	certFile, keyFile, roots := certificate(t)
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
	if err == nil || isAnswer(err) {
		t.Errorf("add: %v", err)
	}
	node.Start()
	eventually(t, "the proxy finds it again", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
}
