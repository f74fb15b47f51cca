//go:build unix

package servertest

import (
	"context"
	"errors"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Noisy is how many times longer than its budget a call may take in a test, so that no machine is too slow for it.
const Noisy = 40

// Faults tests what the calls of a store say when the server fails them: each ends in time, with an error from which
// the caller knows whether something was written and which tells nothing else, and leaves nothing behind.
type Faults struct {
	// Open opens a store on the server at an address, with limits of its own. Each call gets one that knows nothing of
	// the fault yet.
	Open func(t testing.TB, addr string) session.Store

	// Budget is how long a call may take.
	Budget time.Duration

	// Memory is how many bytes all calls may allocate, also for a reply that announces a great length.
	Memory uint64

	// Secrets are what no error may tell, beside what is tested for all stores.
	Secrets []string

	// Unwritten are faults after which it is known that nothing has been written, Unknown those after which nobody can
	// know. They depend on the protocol; servers that cannot be reached are tested for all stores. Where a reply tells
	// a secret, it is the word "secret".
	Unwritten, Unknown map[string]Start
}

// A Start brings a fault about. It returns the server's address and, for one of the Unknown, whether a call has come.
type Start func(t testing.TB) (addr string, came func(call, key string) bool)

// At is a Start where there is no more than an address.
func At(addr func(testing.TB) string) Start {
	return func(t testing.TB) (string, func(call, key string) bool) { return addr(t), nil }
}

// NoSocket is the address of a socket that there is not.
func NoSocket(t testing.TB) string { return t.TempDir() + "/none" }

// Verbs are the names of a store's calls, in order.
var Verbs = []string{"get", "add", "swap", "touch", "delete"}

// A Pinger is a store that can be asked whether its server is up, as most can.
type Pinger interface {
	session.Store
	Ping(context.Context) error
}

// Calls are the calls of a store, by name, and its ping if it has one.
func Calls(s session.Store, key string, v session.Version) map[string]func(context.Context) error {
	calls := map[string]func(context.Context) error{
		"get":    func(ctx context.Context) error { _, _, err := s.Get(ctx, key); return err },
		"add":    func(ctx context.Context) error { return s.Add(ctx, key, []byte("the-value"), time.Hour) },
		"swap":   func(ctx context.Context) error { return s.Swap(ctx, key, []byte("the-value"), v, time.Hour) },
		"touch":  func(ctx context.Context) error { return s.Touch(ctx, key, time.Hour) },
		"delete": func(ctx context.Context) error { return s.Delete(ctx, key) },
	}
	if p, ok := s.(Pinger); ok {
		calls["ping"] = p.Ping
	}
	return calls
}

// IsAnswer says whether err claims to know the record.
func IsAnswer(err error) bool {
	return errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrExists) || errors.Is(err, session.ErrStale)
}

// Run tests each fault.
func (f Faults) Run(t *testing.T) {
	everybodys := map[string]Start{"refused": At(FreePort), "black hole": At(BlackHole)}
	for _, faults := range []map[string]Start{everybodys, f.Unwritten, f.Unknown} {
		for _, name := range slices.Sorted(maps.Keys(faults)) {
			_, unknown := f.Unknown[name]
			t.Run(name, func(t *testing.T) { f.run(t, faults[name], unknown) })
		}
	}
}

func (f Faults) run(t *testing.T, start Start, unknown bool) {
	NoLeak(t)
	addr, came := start(t)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	var slowest time.Duration
	for _, name := range append(slices.Clone(Verbs), "ping") {
		key := "the-key-of-" + name
		call := Calls(f.Open(t, addr), key, session.Version{1})[name]
		if call == nil {
			continue
		}
		begun := time.Now()
		err := call(t.Context())
		slowest = max(slowest, time.Since(begun))
		if err == nil || IsAnswer(err) {
			t.Errorf("%s: %v, want an error that says that the call failed", name, err)
			continue
		}
		f.judge(t, name, err, unknown, came != nil && came(name, key))
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > f.Memory {
		t.Errorf("%d bytes set aside, want at most %d", grown, f.Memory)
	}
	t.Logf("slowest call %v, budget %v", slowest, f.Budget)
	if slowest > Noisy*f.Budget {
		t.Errorf("slowest call %v, budget %v", slowest, f.Budget)
	}
}

// judge checks what the error of a call says. A write may not have come, on a busy machine.
func (f Faults) judge(t *testing.T, call string, err error, unknown, came bool) {
	t.Helper()
	writes := call == "add" || call == "swap"
	switch unavailable := errors.Is(err, session.ErrUnavailable); {
	case !writes && !unavailable:
		t.Errorf("%s: %v, want session.ErrUnavailable", call, err)
	case writes && unknown && came && unavailable:
		t.Errorf("%s: %v, but nobody can know", call, err)
	case writes && !unknown && !unavailable && !errors.Is(err, os.ErrDeadlineExceeded):
		t.Errorf("%s: %v, want session.ErrUnavailable", call, err)
	}
	for _, secret := range append([]string{"secret", "the-key", "the-value"}, f.Secrets...) {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%s: the error tells too much: %v", call, err)
		}
	}
}

// KeepsDeadlines tests that a call ends when its context does, long before the store's own limits of some seconds, on a
// server that takes no callers and on one that takes them and hangs.
func KeepsDeadlines(t *testing.T, open func(t testing.TB, addr string) session.Store, hanging string) {
	NoLeak(t)
	const allowed, limit = 50 * time.Millisecond, 4 * time.Second
	for name, addr := range map[string]string{
		"a server that hangs": hanging, "a server that takes no callers": BlackHole(t),
	} {
		for _, verb := range Verbs {
			call := Calls(open(t, addr), "k", session.Version{1})[verb]
			ctx, cancel := context.WithTimeout(t.Context(), allowed)
			start := time.Now()
			err := call(ctx)
			took := time.Since(start)
			cancel()
			if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("%s, %s: %v", name, verb, err)
			}
			t.Logf("%s, %s: %v", name, verb, took)
			if took > limit {
				t.Errorf("%s, %s took %v, its deadline was in %v", name, verb, took, allowed)
			}
		}
	}
}
