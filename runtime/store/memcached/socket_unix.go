//go:build unix

package memcached

import (
	"crypto/tls"
	"errors"
	"io"
	"net"
	"os"
	"syscall"
)

// errStale is why nothing was sent: the connection is closed, or bytes wait on it that nobody asked for.
var errStale = errors.New("the connection is no longer as it was left")

// socket does what a net.Conn cannot: it looks whether bytes wait without waiting for them. No allocation.
type socket struct {
	raw     syscall.RawConn
	look    func(fd uintptr)
	step    func(fd uintptr) bool
	secured bool // the socket carries TLS: exchange would send in the clear

	// Of the look or the exchange under way:
	stage          stage
	fresh          bool
	request, reply []byte
	sent, received int
	err            error
	spare          [1]byte
}

type stage int

const (
	looking stage = iota
	sending
	receiving
)

// newSocket returns nil for a connection that is no socket.
func newSocket(c net.Conn) *socket {
	s := new(socket)
	if t, ok := c.(*tls.Conn); ok {
		c, s.secured = t.NetConn(), true
	}
	inner, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := inner.SyscallConn()
	if err != nil {
		return nil
	}
	s.raw, s.look, s.step = raw, s.doLook, s.doStep
	return s
}

// exchanges says whether exchange can be used.
func (s *socket) exchanges() bool { return s != nil && !s.secured }

// silent says whether the connection is open and no byte waits on it.
func (s *socket) silent() bool {
	return s == nil || s.raw.Control(s.look) == nil && s.err == nil
}

// exchange sends request and reads the first bytes of the reply, with one system call less than a look, a Write and a
// Read take: Read begins with an attempt that finds nothing, since no reply is that fast. Made before the request is
// sent, the attempt is the look. Go's poller reports all that arrives after it.
//
// A look at a fresh connection is left out: a reply that comes at once is about the connection. The poller may have
// reported that already and does not do so again, so that Read's attempt is made there after all. errStale means that
// nothing was sent. With sent < len(request) and no error the caller writes the rest and reads.
func (s *socket) exchange(request, reply []byte, fresh bool) (sent, received int, err error) {
	s.stage, s.fresh, s.request, s.reply = looking, fresh, request, reply
	if fresh {
		s.stage = sending
	}
	s.sent, s.received, s.err = 0, 0, nil
	if err := s.raw.Read(s.step); err != nil {
		s.err = err // the deadline, or closed
	}
	s.request, s.reply = nil, nil
	return s.sent, s.received, s.err
}

// doLook reads. A byte that is there is lost, which does no harm: the connection is given up for it.
func (s *socket) doLook(fd uintptr) {
	s.err = nil
	if _, err := again(syscall.Read, fd, s.spare[:]); err != syscall.EAGAIN {
		s.err = errStale
	}
}

// doStep goes as far as it can, and says whether that is the end or the poller should wait for bytes. Go's sockets do
// not block.
func (s *socket) doStep(fd uintptr) (done bool) {
	switch s.stage {
	case looking:
		if s.doLook(fd); s.err != nil {
			return true
		}
		fallthrough
	case sending:
		n, err := again(syscall.Write, fd, s.request)
		if err != nil && err != syscall.EAGAIN {
			s.err = os.NewSyscallError("write", err)
			return true
		}
		s.sent = max(n, 0)
		s.stage = receiving
		if s.sent < len(s.request) {
			return true
		}
		if !s.fresh {
			return false
		}
		fallthrough
	default:
		n, err := again(syscall.Read, fd, s.reply)
		switch {
		case err == syscall.EAGAIN:
			return false
		case err != nil:
			s.err = os.NewSyscallError("read", err)
		case n == 0:
			s.err = io.EOF
		default:
			s.received = n
		}
		return true
	}
}

// again repeats a system call that a signal has interrupted.
func again(call func(int, []byte) (int, error), fd uintptr, p []byte) (int, error) {
	for {
		n, err := call(int(fd), p)
		if err != syscall.EINTR {
			return n, err
		}
	}
}
