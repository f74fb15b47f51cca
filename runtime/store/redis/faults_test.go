//go:build unix

package redis_test

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

const (
	budget = redis.DefaultIOBudget
	noisy  = 40 // a test allows forty times the time, so that no machine is too slow for it
)

// isAnswer says whether err claims to know the record.
func isAnswer(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrExists) || errors.Is(err, session.ErrStale)
}

// verbs are the names of the calls, in order.
var verbs = []string{"get", "add", "swap", "touch", "delete"}

// calls are the five calls of a store, by name.
func calls(s session.Store, key string) map[string]func(context.Context) error {
	return callsWith(s, key, session.Version{1})
}

func callsWith(s session.Store, key string, v session.Version) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, _, err := s.Get(ctx, key); return err },
		"add":    func(ctx context.Context) error { return s.Add(ctx, key, []byte("new"), time.Hour) },
		"swap":   func(ctx context.Context) error { return s.Swap(ctx, key, []byte("new"), v, time.Hour) },
		"touch":  func(ctx context.Context) error { return s.Touch(ctx, key, time.Hour) },
		"delete": func(ctx context.Context) error { return s.Delete(ctx, key) },
	}
}

func writes(call string) bool { return call == "add" || call == "swap" }

// says makes a fake answer everything with a fixed text.
func says(text string) func(net.Conn, []string, string) {
	return func(c net.Conn, _ []string, _ string) { _, _ = io.WriteString(c, text) }
}

func TestEachFaultEndsInTimeWithATypedErrorAndLeavesNothingBehind(t *testing.T) {
	type start = func(t *testing.T) (addr string, f *fake)
	scripted := func(send func(c net.Conn, command []string, reply string)) start {
		return func(t *testing.T) (string, *fake) { f := newFake(t, send); return f.addr(), f }
	}
	at := func(addr func(t testing.TB) string) start {
		return func(t *testing.T) (string, *fake) { return addr(t), nil }
	}
	nothing := func(net.Conn, []string, string) {}
	for _, fault := range []struct {
		name  string
		start start
		open  bool // nobody knows what became of a write
	}{
		{"refused", at(servertest.FreePort), false},
		{"no such socket", at(func(t testing.TB) string { return t.TempDir() + "/none" }), false},
		{"black hole", at(servertest.BlackHole), false},
		{"accepts and never answers", at(silent), false},
		{"never answers a request", scripted(nothing), true},
		{"closes instead of an answer", scripted(func(c net.Conn, _ []string, _ string) { _ = c.Close() }), true},
		{"drips", scripted(func(c net.Conn, _ []string, _ string) {
			for range 400 {
				if _, err := io.WriteString(c, "+"); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}), true},
		{"garbage", scripted(says("\x00\xff\x13secret\r\n\r\n")), true},
		{"garbage without a line end", scripted(says(strings.Repeat("secret", 100_000))), true},
		{"another protocol", scripted(says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")), true},
		{"truncated value", scripted(func(c net.Conn, _ []string, _ string) {
			_, _ = io.WriteString(c, "$100\r\nsecret")
			_ = c.Close()
		}), true},
		{"truncated line", scripted(func(c net.Conn, _ []string, _ string) {
			_, _ = io.WriteString(c, "$10")
			_ = c.Close()
		}), true},
		{"length shorter than the value", scripted(says("$3\r\nsecret\r\n")), true},
		{"length of 4 GiB", scripted(says("$4294967295\r\n")), true},
		{"length of 1 GiB", scripted(says("$1073741824\r\n")), true},
		{"length beyond any integer", scripted(says("$99999999999999999999999\r\n")), true},
		{"negative length", scripted(says("$-2\r\n")), true},
		{"no length", scripted(says("$\r\n")), true},
		{"endless array", scripted(says("*1000000000\r\n")), true},
		{"arrays without end", scripted(says(strings.Repeat("*1\r\n", 100_000))), true},
		{"a string where a number should be", scripted(func(c net.Conn, command []string, _ string) {
			if command[0] == "get" { // to which a string is the answer
				_, _ = io.WriteString(c, "$99\r\nsecret\r\n")
				_ = c.Close()
				return
			}
			_, _ = io.WriteString(c, "$6\r\nsecret\r\n")
		}), true},
		{"an error that no Redis has", scripted(says("-ERR upstream timed out\r\n")), true},
		{"an unknown command", scripted(says("-ERR unknown command `x`, with args beginning with: `the-key`, `secret`\r\n")), false},
		{"no right", scripted(says("-NOPERM User secret has no permissions to run the 'x' command\r\n")), false},
		{"no right, in a script", scripted(says("-NOPERM User secret has no permissions to run the 'x' command script: 1, on @user_script:4.\r\n")), false},
		{"no right to a key", scripted(says("-NOPERM No permissions to access a key\r\n")), false},
		{"protected mode", scripted(func(c net.Conn, _ []string, _ string) {
			_, _ = io.WriteString(c, "-DENIED Redis is running in protected mode because no password is set.\r\n")
			_ = c.Close()
		}), false},
		{"busy with a script", scripted(says("-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n")), false},
		{"a replica without its master", scripted(says("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n")), false},
		{"a wrong password", scripted(says("-WRONGPASS invalid username-password pair or user is disabled.\r\n")), false},
		{"slots that move", scripted(says("-TRYAGAIN Multiple keys request during rehashing of slot\r\n")), false},
		{"loading", scripted(says("-LOADING Redis is loading the dataset in memory\r\n")), false},
		{"read only", scripted(says("-READONLY You can't write against a read only replica.\r\n")), false},
		{"read only, in a script of Redis 6", scripted(says("-ERR Error running script (call to f_1): @user_script:4: " +
			"@user_script: 4: -READONLY You can't write against a read only replica.\r\n")), false},
		{"cluster down", scripted(says("-CLUSTERDOWN The cluster is down\r\n")), false},
		{"another node's", scripted(says("-MOVED 1044 127.0.0.1:1\r\n")), false},
		{"not logged in", scripted(says("-NOAUTH Authentication required.\r\n")), false},
		{"out of memory", scripted(says("-OOM command not allowed when used memory > 'maxmemory'.\r\n")), false},
		{"no disk", scripted(says("-MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk.\r\n")), false},
		{"too few replicas", scripted(says("-NOREPLICAS Not enough good replicas to write.\r\n")), false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			servertest.NoLeak(t)
			addr, fake := fault.start(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var slowest time.Duration
			for _, name := range verbs {
				call := calls(openAt(t, addr), "the-key")[name] // of a store that knows nothing of the fault yet
				start := time.Now()
				err := call(context.Background())
				slowest = max(slowest, time.Since(start))
				if err == nil || isAnswer(err) {
					t.Errorf("%s: %v, want an error that says that the call failed", name, err)
					continue
				}
				unavailable := errors.Is(err, session.ErrUnavailable)
				switch {
				case !writes(name) && !unavailable:
					t.Errorf("%s: %v, want session.ErrUnavailable", name, err)
				case writes(name) && fault.open && unavailable && fake.got(name): // a busy machine may not get so far
					t.Errorf("%s: %v, but nobody can know", name, err)
				case writes(name) && !fault.open && !unavailable && !errors.Is(err, os.ErrDeadlineExceeded):
					t.Errorf("%s: %v, want session.ErrUnavailable", name, err)
				}
				if text := err.Error(); strings.Contains(text, "secret") || strings.Contains(text, "the-key") {
					t.Errorf("%s: the error tells too much: %v", name, err)
				}
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 16<<20 {
				t.Errorf("%d bytes set aside", grown)
			}
			t.Logf("slowest call %v, budget %v", slowest, budget)
			if slowest > noisy*budget {
				t.Errorf("slowest call %v, budget %v", slowest, budget)
			}
		})
	}
}

// silent accepts connections and says nothing, not even to HELLO.
func silent(t testing.TB) string { return servertest.Serve(t, func(net.Conn) {}) }

func TestADeadlineEarlierThanTheBudgetIsKept(t *testing.T) {
	servertest.NoLeak(t)
	const allowed, limit = 50 * time.Millisecond, 4 * time.Second // of 5
	for name, addr := range map[string]string{
		"a server that hangs":            newFake(t, func(net.Conn, []string, string) {}).addr(),
		"a server that takes no callers": servertest.BlackHole(t),
	} {
		for _, verb := range verbs {
			do := calls(open(t, patient(redis.Options{Addrs: []string{addr}})), "k")[verb] // whose own limits are 5 s and 10 s
			ctx, cancel := context.WithTimeout(t.Context(), allowed)
			start := time.Now()
			err := do(ctx)
			took := time.Since(start)
			cancel()
			if err == nil || isAnswer(err) {
				t.Errorf("%s, %s: %v", name, verb, err)
			}
			t.Logf("%s, %s: %v", name, verb, took)
			if took > limit {
				t.Errorf("%s, %s took %v, its deadline was in %v", name, verb, took, allowed)
			}
		}
	}
}

// Timers never run early, so that a machine that stalls cannot fail the lower bounds.
func TestTimeoutAndIOBudgetAreHonoured(t *testing.T) {
	const timeout, ioBudget = 300 * time.Millisecond, 600 * time.Millisecond
	hanging := func() *redis.Store {
		f := newFake(t, func(net.Conn, []string, string) {})
		return open(t, redis.Options{Addrs: []string{f.addr()}, PoolSize: 1, Timeout: timeout, IOBudget: ioBudget})
	}
	touch := func(s *redis.Store) (took time.Duration) {
		start := time.Now()
		if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("touch: %v", err)
		}
		return time.Since(start)
	}
	if took := touch(hanging()); took < timeout || took > noisy*timeout {
		t.Errorf("a server that hangs: %v, timeout %v", took, timeout)
	}

	// The connection is busy for longer than any of them may wait.
	s := hanging()
	var slowest longest
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { slowest.observe(touch(s)) })
	}
	wg.Wait()
	if took := slowest.get(); took < ioBudget || took > noisy*ioBudget {
		t.Errorf("a pool that is exhausted: %v, budget %v", took, ioBudget)
	}
}

// Whoever sends a Swap again that had worked is told that it is stale.
func TestAWriteThatMayHaveHappenedIsNotSentAgain(t *testing.T) {
	for name, open := range map[string]func(t *testing.T, addr string) *redis.Store{
		"with the store's own client": func(t *testing.T, addr string) *redis.Store {
			return open(t, patient(redis.Options{Addrs: []string{addr}}))
		},
		"with a client that retries": func(t *testing.T, addr string) *redis.Store {
			c := goredis.NewClient(&goredis.Options{Addr: addr, MaxRetries: 5, ContextTimeoutEnabled: true, Protocol: 2, DisableIdentity: true})
			t.Cleanup(func() { _ = c.Close() })
			return redis.NewFromClient(c)
		},
	} {
		t.Run(name, func(t *testing.T) {
			var fail atomic.Bool
			f := newFake(t, func(c net.Conn, _ []string, reply string) {
				if fail.Load() {
					_ = c.Close() // it has been executed
					return
				}
				_, _ = io.WriteString(c, reply)
			})
			s := open(t, f.addr())
			mustAdd(t, s, "k", "one", time.Hour)
			_, v, err := s.Get(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			fail.Store(true)
			if err := s.Swap(t.Context(), "k", []byte("two"), v, time.Hour); err == nil || isAnswer(err) || errors.Is(err, session.ErrUnavailable) {
				t.Errorf("swap: %v, want an error that leaves it open", err)
			}
			if n := f.count("evalsha") + f.count("eval"); n != 1 {
				t.Errorf("the swap was sent %d times", n)
			}
			if err := s.Add(t.Context(), "l", []byte("one"), time.Hour); err == nil || isAnswer(err) || errors.Is(err, session.ErrUnavailable) {
				t.Errorf("add: %v, want an error that leaves it open", err)
			}
			if n := f.count("set"); n != 2 {
				t.Errorf("the adds were sent %d times, want 2", n)
			}
			fail.Store(false)
			if got, _, err := s.Get(t.Context(), "k"); err != nil || string(got) != "two" {
				t.Errorf("get: %q, %v", got, err)
			}
		})
	}
}

func TestAReadThatFailsOnOneConnectionIsTriedOnAnother(t *testing.T) {
	for name, fault := range map[string]func(c net.Conn){
		"that was cut":               func(c net.Conn) { _ = c.Close() },
		"that never answers":         func(net.Conn) {},
		"with a reply of another":    func(c net.Conn) { _, _ = io.WriteString(c, "+OK\r\n") },
		"with a reply of no request": func(c net.Conn) { _, _ = io.WriteString(c, "?\r\n") },
	} {
		t.Run(name, func(t *testing.T) {
			var lie atomic.Bool
			f := newFake(t, func(c net.Conn, command []string, reply string) {
				if command[0] == "get" && lie.CompareAndSwap(true, false) {
					fault(c)
					return
				}
				_, _ = io.WriteString(c, reply)
			})
			s := open(t, redis.Options{Addrs: []string{f.addr()}, Timeout: 500 * time.Millisecond, IOBudget: 10 * time.Second})
			mustAdd(t, s, "k", "mine", time.Hour)
			before := f.connections()
			lie.Store(true)
			got, _, err := s.Get(t.Context(), "k")
			if err != nil || string(got) != "mine" {
				t.Errorf("get: %q, %v", got, err)
			}
			if opened := f.connections() - before; opened != 1 {
				t.Errorf("%d connections opened, want 1", opened)
			}
		})
	}
}

func TestCallersInTurnShareOneConnection(t *testing.T) {
	certFile, keyFile, roots := servertest.Certificate(t)
	cert, err := tls.LoadX509KeyPair(certFile, keyFile)
	if err != nil {
		t.Fatal(err)
	}
	for name, config := range map[string]*tls.Config{"plain": nil, "with TLS": {RootCAs: roots}} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			if config != nil {
				l = tls.NewListener(l, &tls.Config{Certificates: []tls.Certificate{cert}})
			}
			f := newFakeOn(t, l, nil)
			s := open(t, patient(redis.Options{Addrs: []string{f.addr()}, TLS: config}))
			mustAdd(t, s, "k", strings.Repeat("one", 10_000), time.Hour)
			for range 20 {
				if _, _, err := s.Get(t.Context(), "k"); err != nil {
					t.Fatal(err)
				}
			}
			if n := f.connections(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

func TestAfterAResetNoConnectionOfBeforeIsUsed(t *testing.T) {
	f := newFake(t, nil)
	s := open(t, patient(redis.Options{Addrs: []string{f.addr()}}))
	mustAdd(t, s, "k", "one", time.Hour)
	for i := range 5 {
		before := f.connections()
		s.Reset()
		for range 3 {
			if _, _, err := s.Get(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
		}
		if opened := f.connections() - before; opened != 1 {
			t.Errorf("reset %d: %d connections opened, want 1", i, opened)
		}
	}
}

// A server that says everything twice would make every later reply answer the request before it. What it says second is
// noticed when it is there before the next request goes out, which the test waits for.
func TestDuplicatedRepliesShowNobodyAnothersDataAndLoseNothing(t *testing.T) {
	servertest.NoLeak(t)
	said := make(chan struct{}, 1)
	f := newFake(t, func(c net.Conn, _ []string, reply string) {
		_, _ = io.WriteString(c, reply)
		_, _ = io.WriteString(c, reply)
		said <- struct{}{}
	})
	s := open(t, patient(redis.Options{Addrs: []string{f.addr()}}))
	ctx := t.Context()
	for i := range 50 {
		k := fmt.Sprintf("key-%d", i)
		err := s.Add(ctx, k, []byte("of "+k), time.Hour)
		if <-said; err != nil {
			t.Fatalf("add: %v", err)
		}
	}
	for i := range 50 {
		k := fmt.Sprintf("key-%d", i)
		got, v, err := s.Get(ctx, k)
		if <-said; err != nil || string(got) != "of "+k {
			t.Fatalf("get of %s: %q, %v", k, got, err)
		}
		err = s.Swap(ctx, k, []byte("new of "+k), v, time.Hour)
		if <-said; err != nil {
			t.Fatalf("swap: %v", err)
		}
		err = s.Swap(ctx, k, []byte("stale"), v, time.Hour) // the reply before stands on the connection twice
		if <-said; !errors.Is(err, session.ErrStale) {
			t.Fatalf("swap with a stale version: %v", err)
		}
	}
}
