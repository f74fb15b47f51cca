package redis

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/internal/address"
)

// dialer opens connections for go-redis.
type dialer struct {
	timeout time.Duration // of a dial, TLS included; go-redis sets none when it dials to listen to a Sentinel
	tls     *tls.Config
	maxBulk int
	step    time.Duration // by which deadlines move
	epoch   atomic.Uint32 // raised by a reset; connections of an earlier one are not used again
}

func (d *dialer) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, d.timeout)
	defer cancel()
	epoch := d.epoch.Load()
	if address.IsPath(addr) { // go-redis knows those that begin with / alone
		network = "unix"
	}
	inner, err := (&net.Dialer{KeepAlive: 30 * time.Second}).DialContext(ctx, network, addr)
	if err == nil && d.tls != nil {
		inner, err = d.secure(ctx, inner, addr)
	}
	if err != nil {
		return nil, &dialError{err}
	}
	return &conn{Conn: inner, dialer: d, epoch: epoch, reply: reply{maxBulk: d.maxBulk}, raw: rawConn(inner)}, nil
}

func rawConn(c net.Conn) syscall.RawConn {
	if secured, ok := c.(*tls.Conn); ok {
		c = secured.NetConn()
	}
	if socket, ok := c.(syscall.Conn); ok {
		if raw, err := socket.SyscallConn(); err == nil {
			return raw
		}
	}
	return nil
}

func (d *dialer) secure(ctx context.Context, inner net.Conn, addr string) (net.Conn, error) {
	config := d.tls
	if config.ServerName == "" {
		config = config.Clone()
		config.ServerName, _, _ = net.SplitHostPort(addr)
	}
	secured := tls.Client(inner, config)
	if err := secured.HandshakeContext(ctx); err != nil {
		_ = inner.Close()
		return nil, fmt.Errorf("TLS handshake with %s: %w", addr, err)
	}
	return secured, nil
}

// conn is a connection to one server.
type conn struct {
	net.Conn
	dialer *dialer
	epoch  uint32 // of the dialer, when this was opened
	reply  reply
	raw    syscall.RawConn // of Conn, under TLS if there is any; nil: it has none

	readBy, writeBy time.Time // the deadlines that Conn has
}

// Deadlines move in steps. go-redis moves two for each command, and takes both away before that: each move of the
// runtime's timer is some 1 % of a command.
const deadlineSteps = 16 // in one Timeout; a command may be cut short by one

func (c *conn) SetReadDeadline(t time.Time) error {
	if !c.moves(c.readBy, t) {
		return nil
	}
	c.readBy = t
	return c.Conn.SetReadDeadline(t)
}

func (c *conn) SetWriteDeadline(t time.Time) error {
	if !c.moves(c.writeBy, t) {
		return nil
	}
	c.writeBy = t
	return c.Conn.SetWriteDeadline(t)
}

// SetDeadline is what go-redis calls, with no time, before it looks at an idle connection. A deadline that has not
// passed is not in the way of that.
func (c *conn) SetDeadline(t time.Time) error {
	if t.IsZero() && (c.readBy.IsZero() || time.Now().Before(c.readBy)) {
		return nil
	}
	c.readBy, c.writeBy = t, t
	return c.Conn.SetDeadline(t)
}

func (c *conn) moves(from, to time.Time) bool {
	early := to.Sub(from)
	return from.IsZero() != to.IsZero() || early < 0 || early > c.dialer.step
}

// Read refuses replies that announce more than any answer to this package's requests can be.
func (c *conn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if bad := c.reply.check(p[:n]); bad != nil {
		return 0, bad
	}
	return n, err
}

// Write returns what a server says before it closes a connection in the middle of a request, for which go-redis does
// not look. That has come by then, or never will: nobody waits for it, and no deadline is to pass before it is read.
func (c *conn) Write(p []byte) (int, error) {
	n, err := c.Conn.Write(p)
	if err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
		return n, err
	}
	var said [256]byte
	_ = c.Conn.SetReadDeadline(time.Now().Add(c.dialer.timeout))
	k, _ := c.Conn.Read(said[:])
	if line, ok := bytes.CutPrefix(said[:k], []byte("-")); ok {
		if text, _, ok := bytes.Cut(line, []byte("\r\n")); ok {
			err = &closedError{string(text), err}
		}
	}
	return n, err
}

// SyscallConn is how go-redis looks at an idle connection before it uses it: one that the server has closed, or on
// which bytes wait that nobody asked for, it drops. Here it learns of a reset too, and can look through TLS, where
// bytes that wait are as much out of order: a server's session tickets come before its first reply.
func (c *conn) SyscallConn() (syscall.RawConn, error) {
	if c.epoch != c.dialer.epoch.Load() {
		return nil, errReset
	}
	if c.raw == nil {
		return nil, errors.ErrUnsupported
	}
	return c.raw, nil
}
