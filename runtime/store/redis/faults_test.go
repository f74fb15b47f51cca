//go:build unix

package redis_test

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
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

const budget = redis.DefaultIOBudget

// says makes a fake answer everything with a fixed text.
func says(text string) func(net.Conn, []string, string) {
	return func(c net.Conn, _ []string, _ string) { _, _ = io.WriteString(c, text) }
}

func TestEachFaultEndsInTimeWithATypedErrorAndLeavesNothingBehind(t *testing.T) {
	scripted := func(send func(c net.Conn, command []string, reply string)) servertest.Start {
		return func(t testing.TB) (string, func(call, key string) bool) {
			f := newFake(t, send)
			return f.Addr(), func(call, _ string) bool {
				return f.count(map[string]string{"add": "set", "swap": "evalsha"}[call]) > 0
			}
		}
	}
	nothing := says("")
	silent := func(t testing.TB) string { return servertest.Serve(t, func(net.Conn) {}).Addr() } // not even to HELLO
	servertest.Faults{
		Open: func(t testing.TB, addr string) session.Store { return openAt(t, addr) }, Budget: budget, Memory: 16 << 20,
		Unwritten: map[string]servertest.Start{
			"no such socket":            servertest.At(servertest.NoSocket),
			"accepts and never answers": servertest.At(silent),
			"an unknown command":        scripted(says("-ERR unknown command `x`, with args beginning with: `the-key`, `secret`\r\n")),
			"no right":                  scripted(says("-NOPERM User secret has no permissions to run the 'x' command\r\n")),
			"no right, in a script":     scripted(says("-NOPERM User secret has no permissions to run the 'x' command script: 1, on @user_script:4.\r\n")),
			"no right to a key":         scripted(says("-NOPERM No permissions to access a key\r\n")),
			"protected mode": scripted(func(c net.Conn, _ []string, _ string) {
				_, _ = io.WriteString(c, "-DENIED Redis is running in protected mode because no password is set.\r\n")
				_ = c.Close()
			}),
			"busy with a script":           scripted(says("-BUSY Redis is busy running a script. You can only call SCRIPT KILL or SHUTDOWN NOSAVE.\r\n")),
			"a replica without its master": scripted(says("-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.\r\n")),
			"a wrong password":             scripted(says("-WRONGPASS invalid username-password pair or user is disabled.\r\n")),
			"slots that move":              scripted(says("-TRYAGAIN Multiple keys request during rehashing of slot\r\n")),
			"loading":                      scripted(says("-LOADING Redis is loading the dataset in memory\r\n")),
			"read only":                    scripted(says("-READONLY You can't write against a read only replica.\r\n")),
			"read only, in a script of Redis 6": scripted(says("-ERR Error running script (call to f_1): @user_script:4: " +
				"@user_script: 4: -READONLY You can't write against a read only replica.\r\n")),
			"cluster down":     scripted(says("-CLUSTERDOWN The cluster is down\r\n")),
			"another node's":   scripted(says("-MOVED 1044 127.0.0.1:1\r\n")),
			"not logged in":    scripted(says("-NOAUTH Authentication required.\r\n")),
			"out of memory":    scripted(says("-OOM command not allowed when used memory > 'maxmemory'.\r\n")),
			"no disk":          scripted(says("-MISCONF Redis is configured to save RDB snapshots, but it's unable to persist to disk.\r\n")),
			"too few replicas": scripted(says("-NOREPLICAS Not enough good replicas to write.\r\n")),
		},
		Unknown: map[string]servertest.Start{
			"never answers a request":     scripted(nothing),
			"closes instead of an answer": scripted(func(c net.Conn, _ []string, _ string) { _ = c.Close() }),
			"drips": scripted(func(c net.Conn, _ []string, _ string) {
				for range 400 {
					if _, err := io.WriteString(c, "+"); err != nil {
						return
					}
					time.Sleep(10 * time.Millisecond)
				}
			}),
			"garbage":                    scripted(says("\x00\xff\x13secret\r\n\r\n")),
			"garbage without a line end": scripted(says(strings.Repeat("secret", 100_000))),
			"another protocol":           scripted(says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")),
			"truncated value": scripted(func(c net.Conn, _ []string, _ string) {
				_, _ = io.WriteString(c, "$100\r\nsecret")
				_ = c.Close()
			}),
			"truncated line": scripted(func(c net.Conn, _ []string, _ string) {
				_, _ = io.WriteString(c, "$10")
				_ = c.Close()
			}),
			"length shorter than the value": scripted(says("$3\r\nsecret\r\n")),
			"length of 4 GiB":               scripted(says("$4294967295\r\n")),
			"length of 1 GiB":               scripted(says("$1073741824\r\n")),
			"length beyond any integer":     scripted(says("$99999999999999999999999\r\n")),
			"negative length":               scripted(says("$-2\r\n")),
			"no length":                     scripted(says("$\r\n")),
			"endless array":                 scripted(says("*1000000000\r\n")),
			"arrays without end":            scripted(says(strings.Repeat("*1\r\n", 100_000))),
			"a string where a number should be": scripted(func(c net.Conn, command []string, _ string) {
				if command[0] == "get" { // to which a string is the answer
					_, _ = io.WriteString(c, "$99\r\nsecret\r\n")
					_ = c.Close()
					return
				}
				_, _ = io.WriteString(c, "$6\r\nsecret\r\n")
			}),
			"an error that no Redis has": scripted(says("-ERR upstream timed out\r\n")),
		},
	}.Run(t)
}

func TestADeadlineEarlierThanTheBudgetIsKept(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	servertest.KeepsDeadlines(t, func(t testing.TB, addr string) session.Store {
		return open(t, patient(redis.Options{Addrs: []string{addr}}))
	}, newFake(t, says("")).Addr())
}

// Timers never run early, so that a machine that stalls cannot fail the lower bounds.
func TestTimeoutAndIOBudgetAreHonoured(t *testing.T) {
	const timeout, ioBudget = 300 * time.Millisecond, 600 * time.Millisecond
	hanging := func() *redis.Store {
		f := newFake(t, func(net.Conn, []string, string) {})
		return open(t, redis.Options{Addrs: []string{f.Addr()}, PoolSize: 1, Timeout: timeout, IOBudget: ioBudget})
	}
	touch := func(s *redis.Store) (took time.Duration) {
		start := time.Now()
		if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("touch: %v", err)
		}
		return time.Since(start)
	}
	if took := touch(hanging()); took < timeout || took > servertest.Noisy*timeout {
		t.Errorf("a server that hangs: %v, timeout %v", took, timeout)
	}

	// The connection is busy for longer than any of them may wait. A call that began a moment after another may end with it,
	// a sixteenth of its budget early.
	const least = ioBudget - ioBudget/16
	s := hanging()
	var slowest servertest.Longest
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { slowest.Observe(touch(s)) })
	}
	wg.Wait()
	if took := slowest.Get(); took < least || took > servertest.Noisy*ioBudget {
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
			s := open(t, f.Addr())
			mustAdd(t, s, "k", "one", time.Hour)
			_, v, err := s.Get(t.Context(), "k")
			if err != nil {
				t.Fatal(err)
			}
			fail.Store(true)
			if err := s.Swap(t.Context(), "k", []byte("two"), v, time.Hour); err == nil || servertest.IsAnswer(err) || errors.Is(err, session.ErrUnavailable) {
				t.Errorf("swap: %v, want an error that leaves it open", err)
			}
			if n := f.count("evalsha") + f.count("eval"); n != 1 {
				t.Errorf("the swap was sent %d times", n)
			}
			if err := s.Add(t.Context(), "l", []byte("one"), time.Hour); err == nil || servertest.IsAnswer(err) || errors.Is(err, session.ErrUnavailable) {
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
			s := open(t, redis.Options{Addrs: []string{f.Addr()}, Timeout: 500 * time.Millisecond, IOBudget: 10 * time.Second})
			mustAdd(t, s, "k", "mine", time.Hour)
			before := f.Accepted()
			lie.Store(true)
			got, _, err := s.Get(t.Context(), "k")
			if err != nil || string(got) != "mine" {
				t.Errorf("get: %q, %v", got, err)
			}
			if opened := f.Accepted() - before; opened != 1 {
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
			s := open(t, patient(redis.Options{Addrs: []string{f.Addr()}, TLS: config}))
			mustAdd(t, s, "k", strings.Repeat("one", 10_000), time.Hour)
			for range 20 {
				if _, _, err := s.Get(t.Context(), "k"); err != nil {
					t.Fatal(err)
				}
			}
			if n := f.Accepted(); n != 1 {
				t.Errorf("%d connections, want 1", n)
			}
		})
	}
}

func TestAfterAResetNoConnectionOfBeforeIsUsed(t *testing.T) {
	f := newFake(t, nil)
	s := open(t, patient(redis.Options{Addrs: []string{f.Addr()}}))
	mustAdd(t, s, "k", "one", time.Hour)
	for i := range 5 {
		before := f.Accepted()
		s.Reset()
		for range 3 {
			if _, _, err := s.Get(t.Context(), "k"); err != nil {
				t.Fatal(err)
			}
		}
		if opened := f.Accepted() - before; opened != 1 {
			t.Errorf("reset %d: %d connections opened, want 1", i, opened)
		}
	}
}

func TestDuplicatedRepliesShowNobodyAnothersDataAndLoseNothing(t *testing.T) {
	servertest.NoLeak(t)
	said := make(chan struct{}, 1)
	f := newFake(t, func(c net.Conn, _ []string, reply string) {
		_, _ = io.WriteString(c, reply)
		_, _ = io.WriteString(c, reply)
		said <- struct{}{}
	})
	servertest.TakesTurns(t, open(t, patient(redis.Options{Addrs: []string{f.Addr()}})), said)
}
