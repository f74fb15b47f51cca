//go:build !unix

package memcached

import (
	"errors"
	"net"
)

var errStale = errors.New("the connection is no longer as it was left")

// socket finds every connection silent: on this system a stale one costs its first request an error.
type socket struct{}

func newSocket(net.Conn) *socket { return nil }

func (*socket) exchanges() bool { return false }

func (*socket) silent() bool { return true }

func (*socket) exchange(_, _ []byte, _ bool) (sent, received int, err error) { return 0, 0, errStale }
