package memcached_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

const (
	budget = memcached.DefaultIOBudget
	noisy  = 40 // a test allows forty times the time, so that no machine is too slow for it
)

// isAnswer says whether err claims to know the record.
func isAnswer(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrExists) || errors.Is(err, session.ErrStale)
}

// calls are the five calls of a store, by name.
func calls(s session.Store, key string) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, _, err := s.Get(ctx, key); return err },
		"add":    func(ctx context.Context) error { return s.Add(ctx, key, []byte("new"), time.Hour) },
		"swap":   func(ctx context.Context) error { return s.Swap(ctx, key, []byte("new"), session.Version{1}, time.Hour) },
		"touch":  func(ctx context.Context) error { return s.Touch(ctx, key, time.Hour) },
		"delete": func(ctx context.Context) error { return s.Delete(ctx, key) },
	}
}

// verbs are the names of the calls, in order.
var verbs = []string{"get", "add", "swap", "touch", "delete"}

func writes(verb string) bool { return verb == "add" || verb == "swap" }

// says makes a fake answer everything with a fixed text.
func says(text string) func(net.Conn, servertest.Command, []byte) {
	return func(c net.Conn, _ servertest.Command, _ []byte) { _, _ = c.Write([]byte(text)) }
}

func TestEachFaultEndsInTimeWithATypedErrorAndLeavesNothingBehind(t *testing.T) {
	type start = func(t *testing.T) (addr string, f *servertest.Fake)
	fake := func(send func(c net.Conn, cmd servertest.Command, reply []byte)) start {
		return func(t *testing.T) (string, *servertest.Fake) {
			f := servertest.NewFake(t, send)
			return f.Addr(), f
		}
	}
	at := func(addr func(t testing.TB) string) start {
		return func(t *testing.T) (string, *servertest.Fake) { return addr(t), nil }
	}
	for _, fault := range []struct {
		name  string
		start start
		open  bool // nobody knows what became of a write
	}{
		{"refused", at(servertest.FreePort), false},
		{"no such socket", at(func(t testing.TB) string { return t.TempDir() + "/none" }), false},
		{"black hole", at(servertest.BlackHole), false},
		{"accepts and never answers", fake(func(net.Conn, servertest.Command, []byte) {}), true},
		{"closes instead of an answer", fake(func(c net.Conn, _ servertest.Command, _ []byte) { _ = c.Close() }), true},
		{"drips", fake(func(c net.Conn, _ servertest.Command, _ []byte) {
			for _, b := range bytes.Repeat([]byte("V"), 400) {
				if _, err := c.Write([]byte{b}); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}), true},
		{"values without end", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			for range 1000 {
				if _, err := fmt.Fprintf(c, "VALUE %s 0 1 1\r\nx\r\n", cmd.Key); err != nil {
					return
				}
				time.Sleep(10 * time.Millisecond)
			}
		}), true},
		{"garbage", fake(says("\x00\xff\x13secret\r\n\r\n")), true},
		{"garbage without a line end", fake(says(strings.Repeat("secret", 10000))), true},
		{"another protocol", fake(says("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")), true},
		{"truncated value", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s 0 100 1\r\nsecret", cmd.Key)
			_ = c.Close()
		}), true},
		{"truncated line", fake(func(c net.Conn, _ servertest.Command, _ []byte) {
			_, _ = c.Write([]byte("STO"))
			_ = c.Close()
		}), true},
		{"length shorter than the value", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s 0 3 1\r\nsecret\r\nEND\r\n", cmd.Key)
		}), true},
		{"length of 4 GiB", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s 0 4294967295 1\r\n", cmd.Key)
		}), true},
		{"length beyond any integer", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s 0 99999999999999999999999 1\r\n", cmd.Key)
		}), true},
		{"negative length", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s 0 -1 1\r\n", cmd.Key)
		}), true},
		{"no length", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			_, _ = fmt.Fprintf(c, "VALUE %s\r\n", cmd.Key)
		}), true},
		{"always another key's value", fake(says("VALUE secret 0 6 1\r\nsecret\r\nEND\r\n")), true},
		{"no versions", fake(func(c net.Conn, cmd servertest.Command, _ []byte) {
			if cmd.Verb == "gets" {
				_, _ = fmt.Fprintf(c, "VALUE %s 0 3\r\none\r\nEND\r\n", cmd.Key)
			}
		}), true},
		{"SERVER_ERROR", fake(says("SERVER_ERROR something broke\r\n")), true},
		{"ERROR", fake(says("ERROR\r\n")), true},
		{"out of memory", fake(says("SERVER_ERROR out of memory storing object\r\n")), false},
		{"too many connections", fake(says("ERROR Too many open connections\r\n")), false},
	} {
		t.Run(fault.name, func(t *testing.T) {
			servertest.NoLeak(t)
			addr, fake := fault.start(t)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			var slowest time.Duration
			for _, name := range verbs {
				// A store of its own: the breaker of one that has failed three times lets nothing through.
				key := "the-key-of-" + name
				call := calls(openDefault(t, addr), key)[name]
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
				case writes(name) && fault.open && unavailable && fake.Received(key) > 0: // a busy machine may not get so far
					t.Errorf("%s: %v, but nobody can know", name, err)
				case writes(name) && !fault.open && !unavailable && !errors.Is(err, os.ErrDeadlineExceeded):
					t.Errorf("%s: %v, want session.ErrUnavailable", name, err)
				}
				if text := err.Error(); strings.Contains(text, "secret") || strings.Contains(text, "the-key") {
					t.Errorf("%s: the error tells too much: %v", name, err)
				}
			}
			runtime.ReadMemStats(&after)
			if grown := after.TotalAlloc - before.TotalAlloc; grown > 4<<20 {
				t.Errorf("%d bytes set aside", grown)
			}
			t.Logf("slowest call %v, budget %v", slowest, budget)
			if slowest > noisy*budget {
				t.Errorf("slowest call %v, budget %v", slowest, budget)
			}
		})
	}
}

func TestADeadlineEarlierThanTheBudgetIsKept(t *testing.T) {
	servertest.NoLeak(t)
	const allowed, limit = 50 * time.Millisecond, 4 * time.Second // of 5
	for name, addr := range map[string]string{
		"a server that hangs":            servertest.NewFake(t, func(net.Conn, servertest.Command, []byte) {}).Addr(),
		"a server that takes no callers": servertest.BlackHole(t),
	} {
		for _, verb := range verbs {
			do := calls(open(t, addr), "k")[verb] // whose own limits are 5 s and 10 s
			ctx, cancel := context.WithTimeout(t.Context(), allowed)
			start := time.Now()
			err := do(ctx)
			took := time.Since(start)
			cancel()
			if err == nil || isAnswer(err) || !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%s, %s: %v", name, verb, err)
			}
			t.Logf("%s, %s: %v", name, verb, took)
			if took > limit {
				t.Errorf("%s, %s took %v, its deadline was in %v", name, verb, took, allowed)
			}
		}
	}
}

func TestAValueThatIsStillBeingSentWhenItsCallerGivesUpIsNotTheCallersSlice(t *testing.T) {
	const size = 32 << 20 // more than the kernel takes from a sender to whom nobody listens
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	begun, read, changed := make(chan struct{}), make(chan []byte, 1), make(chan struct{})
	go func() { // a server that reads the first line, and the value when its owner has changed it
		defer close(read)
		c, err := l.Accept()
		if err != nil {
			return
		}
		defer c.Close()
		r := bufio.NewReader(c)
		if _, err := r.ReadString('\n'); err != nil {
			return
		}
		close(begun)
		<-changed
		got := make([]byte, size)
		_, _ = io.ReadFull(r, got)
		read <- got
	}()
	s := openWith(t, memcached.Options{
		Addrs: []string{l.Addr().String()}, Timeout: 20 * time.Second, IOBudget: 40 * time.Second, MaxItemSize: size,
	})
	// The deadline, earlier than the budget, makes the store ready to give up.
	ctx, giveUp := context.WithTimeout(t.Context(), 20*time.Second)
	defer giveUp()
	go func() {
		<-begun
		giveUp()
	}()
	value := bytes.Repeat([]byte("a"), size)
	err = s.Add(ctx, "k", value, time.Hour)
	copy(value, bytes.Repeat([]byte("b"), size))
	close(changed)
	if err == nil || errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Add: %v, want an error that leaves it open", err)
	}
	if got := <-read; len(got) != size || bytes.Contains(got, []byte("b")) {
		t.Error("what the caller did to its slice afterwards was sent")
	}
}

func TestOneReplyForAnotherKeyIsReadAgainOnAFreshConnection(t *testing.T) {
	var lie atomic.Bool
	fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
		if cmd.Verb == "gets" && lie.CompareAndSwap(true, false) {
			reply = []byte("VALUE other 0 8 7\r\nstranger\r\nEND\r\n")
		}
		_, _ = c.Write(reply)
	})
	s := open(t, fake.Addr())
	if err := s.Add(t.Context(), "k", []byte("mine"), time.Hour); err != nil {
		t.Fatal(err)
	}
	before := fake.Accepted()
	lie.Store(true)
	got, _, err := s.Get(t.Context(), "k")
	if err != nil || string(got) != "mine" {
		t.Errorf("Get: %q, %v", got, err)
	}
	if opened := fake.Accepted() - before; opened != 1 {
		t.Errorf("%d connections opened, want 1", opened)
	}
}

// A server that says everything twice would make every later reply answer the request before it. What it says second is
// noticed when it is there before the next request goes out, which the test waits for.
func TestDuplicatedRepliesShowNobodyAnothersDataAndLoseNothing(t *testing.T) {
	for name, send := range map[string]func(c net.Conn, reply []byte){
		"at once": func(c net.Conn, reply []byte) { write(c, reply, reply) },
		"in two pieces": func(c net.Conn, reply []byte) {
			write(c, reply)
			time.Sleep(time.Millisecond) // mostly enough for the first to be read without the second
			write(c, reply)
		},
		"badly split": func(c net.Conn, reply []byte) { write(c, reply[:3]); write(c, reply[3:], reply) },
	} {
		t.Run(name, func(t *testing.T) {
			servertest.NoLeak(t)
			said := make(chan struct{}, 1)
			fake := servertest.NewFake(t, func(c net.Conn, _ servertest.Command, reply []byte) {
				send(c, reply)
				said <- struct{}{}
			})
			s := open(t, fake.Addr())
			ctx := t.Context()
			const sessions = 50
			version := make(map[string]session.Version)
			for i := range sessions {
				k := fmt.Sprintf("key-%d", i)
				err := s.Add(ctx, k, []byte("of "+k), time.Hour)
				if <-said; err != nil {
					t.Fatalf("add: %v", err)
				}
			}
			for i := range sessions {
				k := fmt.Sprintf("key-%d", i)
				got, v, err := s.Get(ctx, k)
				if <-said; err != nil || string(got) != "of "+k {
					t.Fatalf("get of %s: %q, %v", k, got, err)
				}
				version[k] = v
			}
			for k, v := range version {
				err := s.Swap(ctx, k, []byte("new of "+k), v, time.Hour)
				if <-said; err != nil {
					t.Fatalf("swap: %v", err)
				}
				// The reply before was STORED, and stands on the connection twice.
				err = s.Swap(ctx, k, []byte("stale"), v, time.Hour)
				if <-said; !errors.Is(err, session.ErrStale) {
					t.Fatalf("swap with a stale version: %v", err)
				}
				if got, _ := fake.Value(k); got != "new of "+k {
					t.Fatalf("stored under %s: %q", k, got)
				}
			}
		})
	}
}

func write(c net.Conn, parts ...[]byte) { _, _ = c.Write(bytes.Join(parts, nil)) }
