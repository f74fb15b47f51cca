//go:build unix

package memcached

import (
	"net"
	"syscall"
)

// idleCheck tells whether an idle connection is as it was left: open, and silent. One system call, no allocation.
type idleCheck struct {
	raw   syscall.RawConn
	probe func(fd uintptr)
	buf   [1]byte
	quiet bool
}

// newIdleCheck returns nil, which finds every connection clean, for one that is no socket.
func newIdleCheck(c net.Conn) *idleCheck {
	if secured, ok := c.(interface{ NetConn() net.Conn }); ok {
		c = secured.NetConn()
	}
	socket, ok := c.(syscall.Conn)
	if !ok {
		return nil
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil
	}
	i := &idleCheck{raw: raw}
	i.probe = func(fd uintptr) {
		// Go's sockets do not block. A byte that is there is lost, which does no harm: the connection is given up for it.
		for {
			_, err := syscall.Read(int(fd), i.buf[:])
			if err != syscall.EINTR {
				i.quiet = err == syscall.EAGAIN
				return
			}
		}
	}
	return i
}

func (i *idleCheck) clean() bool {
	if i == nil {
		return true
	}
	return i.raw.Control(i.probe) == nil && i.quiet
}
