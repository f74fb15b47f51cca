//go:build unix

package servertest

import (
	"net"
	"os"
	"runtime"
	"testing"
	"time"
)

// leakTimeout is how long what a test has used may take to go away.
const leakTimeout = time.Minute

// NoLeak fails the test if, a minute after its end, there are more goroutines or file descriptors than now.
func NoLeak(t testing.TB) {
	t.Helper()
	if l, err := net.Listen("tcp", "127.0.0.1:0"); err == nil {
		_ = l.Close() // the files of Go's poller are there from the first use of the network on, and no leak
	}
	goroutines, fds := runtime.NumGoroutine(), OpenFiles(t)
	t.Cleanup(func() {
		deadline := time.Now().Add(leakTimeout)
		for {
			g, f := runtime.NumGoroutine(), OpenFiles(t)
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

// OpenFiles counts the file descriptors of this process; where there is no /proc, which only Linux must have, it
// returns 0.
func OpenFiles(t testing.TB) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil && runtime.GOOS == "linux" {
		t.Fatalf("servertest: %v", err)
	}
	return len(entries)
}
