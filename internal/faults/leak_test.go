//go:build unix

package faults

import (
	"os"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// noLeak fails the test if, 5 s after its end, there are more goroutines or file descriptors than now.
func noLeak(t *testing.T) {
	t.Helper()
	goroutines, fds := runtime.NumGoroutine(), openFiles()
	t.Cleanup(func() {
		deadline := time.Now().Add(5 * time.Second)
		for {
			g, f := runtime.NumGoroutine(), openFiles()
			if g <= goroutines && f <= fds {
				return
			}
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<16)
				t.Errorf("%d goroutines and %d file descriptors, %d and %d before\n%s",
					g, f, goroutines, fds, stacks[:runtime.Stack(stacks, true)])
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
	})
}

func openFiles() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0 // not Linux
	}
	return len(entries)
}

// eventually polls until ok, for at most 30 s.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 30 s: %s", what)
		}
	}
}

// longest keeps the longest of the times that goroutines observe.
type longest struct{ ns atomic.Int64 }

func (l *longest) observe(took time.Duration) {
	for old := l.ns.Load(); int64(took) > old && !l.ns.CompareAndSwap(old, int64(took)); old = l.ns.Load() {
	}
}

func (l *longest) get() time.Duration {
	return time.Duration(l.ns.Load()).Round(100 * time.Microsecond)
}
