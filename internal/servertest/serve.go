//go:build unix

package servertest

import (
	"net"
	"sync"
	"testing"
)

// A Listener takes connections inside the test.
type Listener struct {
	listener net.Listener

	mu     sync.Mutex
	conns  []net.Conn
	closed bool
	served sync.WaitGroup
}

// Serve listens on a free loopback port and calls serve for each connection, in a goroutine of its own. The connections
// are closed when the test ends, which waits for serve to return.
func Serve(t testing.TB, serve func(net.Conn)) *Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("servertest: %v", err)
	}
	return ServeOn(t, l, serve)
}

// ServeOn is Serve on a listener of the test's.
func ServeOn(t testing.TB, on net.Listener, serve func(net.Conn)) *Listener {
	t.Helper()
	l := &Listener{listener: on}
	l.served.Go(func() { l.accept(serve) })
	t.Cleanup(l.Close)
	return l
}

// Addr is host:port.
func (l *Listener) Addr() string { return l.listener.Addr().String() }

// Accepted returns how many connections there have been.
func (l *Listener) Accepted() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.conns)
}

// Close ends the listener and all connections.
func (l *Listener) Close() {
	_ = l.listener.Close()
	l.mu.Lock()
	l.closed = true
	for _, c := range l.conns {
		_ = c.Close()
	}
	l.mu.Unlock()
	l.served.Wait()
}

func (l *Listener) accept(serve func(net.Conn)) {
	for {
		c, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.mu.Lock()
		l.conns = append(l.conns, c)
		if l.closed {
			_ = c.Close()
		}
		l.mu.Unlock()
		l.served.Go(func() { serve(c) })
	}
}
