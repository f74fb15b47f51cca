//go:build unix

package servertest

import (
	"net"
	"sync"
	"testing"
)

// Serve listens on a free loopback port, calls serve for each connection in a goroutine of its own, and returns the address. The
// connections are closed when the test ends, which waits for serve to return.
func Serve(t testing.TB, serve func(net.Conn)) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	var mu sync.Mutex
	var conns []net.Conn
	ended := false
	var served sync.WaitGroup
	served.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			mu.Lock()
			conns = append(conns, c)
			if ended {
				_ = c.Close()
			}
			mu.Unlock()
			served.Go(func() { serve(c) })
		}
	})
	t.Cleanup(func() {
		_ = l.Close()
		mu.Lock()
		ended = true
		for _, c := range conns {
			_ = c.Close()
		}
		mu.Unlock()
		served.Wait()
	})
	return l.Addr().String()
}
