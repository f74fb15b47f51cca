//go:build unix

package faults

import (
	"io"
	"net"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
)

// A gate stands before a server that keeps its records while nobody reaches it: open, it passes everything on; shut, it
// refuses connections; as a black hole, it neither takes nor refuses them.
type gate struct {
	t       *testing.T
	addr    string
	backend string
	reply   func(to, from net.Conn) // passes on what the server says

	mu       sync.Mutex
	listener net.Listener
	conns    map[net.Conn]bool
	passing  sync.WaitGroup

	hole   int // the black hole's socket
	inHole []net.Conn
}

func newGate(t *testing.T, backend string, reply func(to, from net.Conn)) *gate {
	t.Helper()
	g := &gate{t: t, addr: servertest.FreePort(t), backend: backend, reply: reply, conns: make(map[net.Conn]bool)}
	g.open()
	t.Cleanup(g.shut)
	return g
}

// open lets everybody through.
func (g *gate) open() {
	g.t.Helper()
	g.fill()
	l, err := net.Listen("tcp", g.addr)
	if err != nil {
		g.t.Fatal(err)
	}
	g.mu.Lock()
	g.listener = l
	g.mu.Unlock()
	g.passing.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			g.passing.Go(func() { g.pass(c) })
		}
	})
}

func (g *gate) pass(c net.Conn) {
	b, err := net.Dial("tcp", g.backend)
	if err != nil {
		_ = c.Close()
		return
	}
	g.mu.Lock()
	if g.listener == nil {
		_, _ = c.Close(), b.Close()
	}
	g.conns[c], g.conns[b] = true, true
	g.mu.Unlock()
	end := func() { _, _ = c.Close(), b.Close() }
	g.passing.Go(func() { relay(b, c); end() })
	g.reply(c, b)
	end()
	g.mu.Lock()
	delete(g.conns, c)
	delete(g.conns, b)
	g.mu.Unlock()
}

// relay copies through this process: splice would leave pipes behind that look like a leak.
func relay(to, from net.Conn) { _, _ = io.Copy(struct{ io.Writer }{to}, struct{ io.Reader }{from}) }

// shut ends all connections and refuses new ones.
func (g *gate) shut() {
	g.fill()
	g.mu.Lock()
	if g.listener != nil {
		_ = g.listener.Close()
		g.listener = nil
	}
	for c := range g.conns {
		_ = c.Close()
	}
	g.mu.Unlock()
	g.passing.Wait()
}

// swallow ends all connections and makes a black hole of the address: a listener whose queue is full.
func (g *gate) swallow() {
	g.t.Helper()
	g.shut()
	_, text, _ := net.SplitHostPort(g.addr)
	port, err := strconv.Atoi(text)
	if err != nil {
		g.t.Fatal(err)
	}
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	if err != nil {
		g.t.Fatal(err)
	}
	g.hole = fd
	if err := syscall.SetsockoptInt(fd, syscall.SOL_SOCKET, syscall.SO_REUSEADDR, 1); err != nil {
		g.t.Fatal(err)
	}
	if err := syscall.Bind(fd, &syscall.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		g.t.Fatal(err)
	}
	if err := syscall.Listen(fd, 0); err != nil {
		g.t.Fatal(err)
	}
	for late := 0; late < 3; { // a machine that stalls is late once or twice
		c, err := net.DialTimeout("tcp", g.addr, 100*time.Millisecond)
		if err != nil {
			late++
			continue
		}
		late = 0
		g.inHole = append(g.inHole, c)
	}
}

// fill ends the black hole, if there is one.
func (g *gate) fill() {
	for _, c := range g.inHole {
		_ = c.Close()
	}
	if g.hole != 0 {
		_ = syscall.Close(g.hole)
	}
	g.hole, g.inHole = 0, nil
}
