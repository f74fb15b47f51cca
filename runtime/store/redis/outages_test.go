//go:build unix

package redis_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

func TestAServerThatDiesOrHangsUnderTraffic(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	for _, fault := range []struct {
		name          string
		begin, finish func(*servertest.Server)
	}{
		{"killed", (*servertest.Server).Kill, (*servertest.Server).Start},
		{"frozen", (*servertest.Server).Pause, (*servertest.Server).Resume},
	} {
		t.Run(fault.name, func(t *testing.T) {
			servertest.NoLeak(t)
			server := servertest.Redis(t)
			s := openAt(t, server.Addr())
			var keys []string
			for i := range 16 {
				keys = append(keys, fmt.Sprintf("key-%d", i))
			}
			var tr servertest.Traffic
			stop := tr.Run(t, s, keys)
			servertest.Eventually(t, "it serves", func() bool { return tr.OK.Load() > 200 })
			tr.Failed.Store(0)
			fault.begin(server)
			servertest.Eventually(t, "its visitors notice", func() bool { return tr.Failed.Load() > 100 })
			fault.finish(server)
			before := tr.OK.Load()
			took := servertest.Eventually(t, "it serves again", func() bool { return tr.OK.Load() > before+200 })
			stop()
			slowest := tr.Slowest.Get()
			t.Logf("back after %v; slowest call %v, budget %v", took, slowest, budget)
			if slowest > servertest.Noisy*budget {
				t.Errorf("slowest call %v, budget %v", slowest, budget)
			}
			if tr.Wrong.Load() > 0 {
				t.Error("somebody saw another one's record")
			}
		})
	}
}

func TestAfterARestartNoRequestSeesTheStaleConnections(t *testing.T) {
	const idle, loads = 100, 1000
	if servertest.OpenFiles(t) == 0 {
		t.Skip("the test counts its own sockets, which needs /proc")
	}
	certFile, keyFile, roots := servertest.Certificate(t)
	for name, c := range map[string]struct {
		server *servertest.Server
		tls    *tls.Config
	}{
		"TCP":         {servertest.Redis(t), nil},
		"unix socket": {servertest.RedisUnix(t), nil},
		"TLS":         {servertest.RedisTLS(t, certFile, keyFile, roots), &tls.Config{RootCAs: roots}},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t, patient(redis.Options{Addrs: []string{c.server.Addr()}, PoolSize: idle, TLS: c.tls}))
			mustAdd(t, s, "k", "one", time.Hour)
			var wg sync.WaitGroup
			c.server.Pause() // so that each request needs a connection of its own

			before := servertest.OpenFiles(t) - 1 // with the one that is idle
			for range idle {
				wg.Go(func() {
					if err := s.Touch(t.Context(), "k", time.Hour); err != nil {
						t.Errorf("touch: %v", err)
					}
				})
			}
			servertest.Eventually(t, "all connections are opened", func() bool { return servertest.OpenFiles(t) >= before+idle })
			c.server.Resume()
			wg.Wait()

			c.server.Restart()
			for range 20 {
				wg.Go(func() {
					for range loads / 20 { // Touch, which has no second attempt
						if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrNotFound) {
							t.Errorf("touch: %v", err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}

func TestAServerThatIsDownAtStartIsUsedOnceItIsUp(t *testing.T) {
	server := servertest.Redis(t)
	server.Stop()
	servertest.ComesUpLate(t, server, 2*redis.DefaultPoolSize, openAt(t, server.Addr())) // go-redis stops trying for a second
}

func TestWhatRedisRefusesIsUnavailableAndNotWritten(t *testing.T) {
	for _, c := range []struct {
		name    string
		args    []string
		refuse  []string // the command that makes the server refuse
		allow   []string // and the one that ends that, if the record of before can be looked at again
		word    string
		refused []string
	}{
		{"on a replica", nil, []string{"REPLICAOF", "127.0.0.1", "1"}, []string{"REPLICAOF", "NO", "ONE"},
			"READONLY", []string{"add", "swap", "touch", "delete"}},
		{"with its memory full", []string{"--maxmemory-policy", "noeviction"}, []string{"CONFIG", "SET", "maxmemory", "1"},
			[]string{"CONFIG", "SET", "maxmemory", "0"}, "OOM", []string{"add", "swap"}},
		{"without enough replicas", nil, []string{"CONFIG", "SET", "min-replicas-to-write", "1"},
			[]string{"CONFIG", "SET", "min-replicas-to-write", "0"}, "NOREPLICAS", []string{"add", "swap", "touch", "delete"}},
		{"without a password", nil, []string{"CONFIG", "SET", "requirepass", "secret"}, nil, "NOAUTH", servertest.Verbs},
	} {
		t.Run(c.name, func(t *testing.T) {
			server := servertest.Redis(t, c.args...)
			s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
			mustAdd(t, s, "k", "one", time.Hour)
			_, v, err := s.Get(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			server.Redis(c.refuse...)
			s.Reset() // a connection that has logged in before stays logged in
			for _, verb := range c.refused {
				err := servertest.Calls(s, "k", v)[verb](t.Context())
				if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), c.word) {
					t.Errorf("%s: %v, want session.ErrUnavailable for %s", verb, err, c.word)
				}
			}
			for _, verb := range []string{"get", "touch"} { // what is not refused works
				if slices.Contains(c.refused, verb) {
					continue
				}
				if err := servertest.Calls(s, "k", v)[verb](t.Context()); err != nil {
					t.Errorf("%s: %v", verb, err)
				}
			}
			if c.allow == nil {
				return
			}
			server.Redis(c.allow...)
			if got, _, err := s.Get(t.Context(), "k"); err != nil || string(got) != "one" {
				t.Errorf("get, afterwards: %q, %v", got, err)
			}
			if err := s.Swap(t.Context(), "k", []byte("two"), v, time.Hour); err != nil {
				t.Errorf("swap, afterwards, with the version of before: %v", err)
			}
		})
	}
	t.Run("with a wrong password", func(t *testing.T) {
		server := servertest.Redis(t)
		server.Redis("CONFIG", "SET", "requirepass", "secret")
		with := func(password string) *redis.Store {
			return open(t, patient(redis.Options{Addrs: []string{server.Addr()}, Password: password}))
		}
		refuses(t, with("wrong"), "WRONGPASS")
		mustAdd(t, with("secret"), "k", "one", time.Hour)
	})
	t.Run("without its master", func(t *testing.T) {
		server := servertest.Redis(t, "--replica-serve-stale-data", "no")
		server.Redis("REPLICAOF", "127.0.0.1", "1")
		s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
		if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "MASTERDOWN") {
			t.Errorf("get: %v", err)
		}
	})
	t.Run("without its slots", func(t *testing.T) {
		server := servertest.Redis(t, "--cluster-enabled", "yes")
		refuses(t, open(t, patient(redis.Options{Addrs: []string{server.Addr()}})), "CLUSTERDOWN")
	})
}

// refuses checks that every call is refused with a word of Redis'.
func refuses(t *testing.T, s session.Store, word string) {
	t.Helper()
	for _, verb := range servertest.Verbs {
		err := servertest.Calls(s, "k", session.Version{1})[verb](t.Context())
		if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), word) {
			t.Errorf("%s: %v, want session.ErrUnavailable for %s", verb, err, word)
		}
	}
}

func TestWithWhatTheDocumentationAllowsAUserTheStoreWorks(t *testing.T) {
	server := servertest.Redis(t)
	server.Redis("ACL", "SETUSER", "shop", "on", ">secret", "~shop:*",
		"+ping", "+get", "+set", "+pexpire", "+del", "+eval", "+evalsha", "+getrange", "+select")
	s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}, Username: "shop", Password: "secret", DB: 1}))
	mustAdd(t, s, "shop:k", "one", time.Hour)
	_, v, err := s.Get(t.Context(), "shop:k")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), "shop:k", []byte("two"), v, time.Hour); err != nil {
		t.Errorf("swap: %v", err)
	}
	if err := s.Touch(t.Context(), "shop:k", time.Hour); err != nil {
		t.Errorf("touch: %v", err)
	}
	if err := s.Delete(t.Context(), "shop:k"); err != nil {
		t.Errorf("delete: %v", err)
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("ping: %v", err)
	}
	server.Redis("ACL", "SETUSER", "shop", "-ping") // without which batches are of no use
	if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "'ping'") {
		t.Errorf("ping without the right to it: %v", err)
	}
	if err := s.Add(t.Context(), "other:k", []byte("one"), time.Hour); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "NOPERM") {
		t.Errorf("add of a key that is not the user's: %v", err)
	}
}

func TestAServerAtItsConnectionLimitIsAnErrorNotADisaster(t *testing.T) {
	servertest.NoLeak(t)
	server := servertest.Redis(t, "--maxclients", "16")
	mustAdd(t, open(t, patient(redis.Options{Addrs: []string{server.Addr()}})), "k", "one", time.Hour)
	s := openAt(t, server.Addr())
	servertest.Crowd(t, budget, func() error { _, _, err := s.Get(t.Context(), "k"); return err })
	servertest.Eventually(t, "it serves again", func() bool { _, _, err := s.Get(t.Context(), "k"); return err == nil })
}

func TestAValueOverTheLimitIsRefusedAndTheOldOneStays(t *testing.T) {
	server := servertest.Redis(t, "--proto-max-bulk-len", "1mb")
	for _, c := range []struct {
		name    string
		maxItem int
		size    int
	}{
		{"of the store", 1000, 1001},
		{"of the server", 4 << 20, 1<<20 + 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}, MaxItemSize: c.maxItem}))
			servertest.RefusesTooLarge(t, told{s}, c.size)
		})
	}
}

// told asks again where the server has closed the connection and its word is lost: what it does not read any more takes
// away, now and then, what it has said.
type told struct{ *redis.Store }

func (s told) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return asked(func() error { return s.Store.Add(ctx, key, value, ttl) })
}

func (s told) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return asked(func() error { return s.Store.Swap(ctx, key, value, v, ttl) })
}

func asked(write func() error) (err error) {
	for range 20 {
		if err = write(); !errors.Is(err, syscall.ECONNRESET) && !errors.Is(err, syscall.EPIPE) {
			break
		}
	}
	return err
}

func TestACertificateThatNobodyVouchesForIsUnavailable(t *testing.T) {
	certFile, keyFile, roots := servertest.Certificate(t)
	server := servertest.RedisTLS(t, certFile, keyFile, roots)
	s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}, TLS: &tls.Config{RootCAs: x509.NewCertPool()}}))
	var unknown x509.UnknownAuthorityError
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) || !errors.As(err, &unknown) {
		t.Errorf("get: %v", err)
	}
}

func TestAServerThatSpeaksNoTLSIsToldAsThat(t *testing.T) {
	server := httptest.NewServer(nil)
	defer server.Close()
	addr := server.Listener.Addr().String()
	s := open(t, patient(redis.Options{Addrs: []string{addr}, TLS: &tls.Config{MinVersion: tls.VersionTLS12}}))
	if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "TLS handshake with "+addr) {
		t.Error(err)
	}
}
