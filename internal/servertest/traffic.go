//go:build unix

package servertest

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Eventually polls until ok, for at most a minute, and returns how long that took.
func Eventually(t testing.TB, what string, ok func() bool) time.Duration {
	t.Helper()
	start := time.Now()
	for !ok() {
		if time.Since(start) > time.Minute {
			t.Fatalf("not after a minute: %s", what)
		}
		time.Sleep(time.Millisecond)
	}
	return time.Since(start)
}

// Longest keeps the longest of the times that goroutines observe.
type Longest struct{ ns atomic.Int64 }

// Observe notes a time.
func (l *Longest) Observe(took time.Duration) {
	for old := l.ns.Load(); int64(took) > old && !l.ns.CompareAndSwap(old, int64(took)); old = l.ns.Load() {
	}
}

// Get returns the longest so far.
func (l *Longest) Get() time.Duration { return time.Duration(l.ns.Load()) }

// Reset forgets them.
func (l *Longest) Reset() { l.ns.Store(0) }

// Traffic is what visitors of a store meet while it goes on.
type Traffic struct {
	OK, Failed, Wrong atomic.Int64 // calls; a wrong one has shown another's record
	Slowest           Longest
}

// Run reads and swaps the records under keys, each in a goroutine of its own and at most once in two milliseconds
// (refusals take microseconds, and would leave the others no processor), until stop is called, which waits for them to
// end.
func (tr *Traffic) Run(t testing.TB, s session.Store, keys []string) (stop func()) {
	end := make(chan struct{})
	var visitors sync.WaitGroup
	for _, k := range keys {
		visitors.Go(func() {
			pace := time.NewTicker(2 * time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-end:
					return
				case <-pace.C:
					tr.visit(t, s, k)
				}
			}
		})
	}
	return func() {
		close(end)
		visitors.Wait()
	}
}

func (tr *Traffic) visit(t testing.TB, s session.Store, k string) {
	timed := func(call func() error) error {
		start := time.Now()
		err := call()
		tr.Slowest.Observe(time.Since(start))
		return err
	}
	var got []byte
	var v session.Version
	err := timed(func() (err error) { got, v, err = s.Get(t.Context(), k); return err })
	switch {
	case errors.Is(err, session.ErrNotFound): // it came back empty
		err = timed(func() error { return s.Add(t.Context(), k, []byte("of "+k), time.Hour) })
	case err != nil && !errors.Is(err, session.ErrUnavailable):
		t.Errorf("get: %v", err)
	case err == nil && string(got) != "of "+k:
		tr.Wrong.Add(1)
	case err == nil:
		err = timed(func() error { return s.Swap(t.Context(), k, []byte("of "+k), v, time.Hour) })
	}
	if err != nil {
		tr.Failed.Add(1)
	} else {
		tr.OK.Add(1)
	}
}

// Crowd has 64 callers make a call 20 times each, on a server that has connections for some of them alone: each is
// served, or told within the budget that the store is unavailable.
func Crowd(t testing.TB, budget time.Duration, call func() error) {
	t.Helper()
	var callers sync.WaitGroup
	var tr Traffic
	for range 64 {
		callers.Go(func() {
			for range 20 {
				start := time.Now()
				err := call()
				tr.Slowest.Observe(time.Since(start))
				switch {
				case err == nil:
					tr.OK.Add(1)
				case errors.Is(err, session.ErrUnavailable):
					tr.Failed.Add(1)
				default:
					t.Error(err)
				}
			}
		})
	}
	callers.Wait()
	t.Logf("%d served, %d told that the store is unavailable, slowest %v, budget %v",
		tr.OK.Load(), tr.Failed.Load(), tr.Slowest.Get(), budget)
	if tr.Slowest.Get() > Noisy*budget {
		t.Error("too slow")
	}
}
