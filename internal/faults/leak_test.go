//go:build unix

package faults

import (
	"bytes"
	"runtime"
	"sync/atomic"
	"testing"
	"time"
)

// eventually polls until ok, for at most 30 s.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// running reports whether a goroutine is in a function.
func running(function string) bool {
	stacks := make([]byte, 1<<20)
	return bytes.Contains(stacks[:runtime.Stack(stacks, true)], []byte(function+"("))
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
