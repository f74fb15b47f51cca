package memcached

import (
	"context"
	"net"
	"time"
)

// conn is the connection that a node gives to gomemcache. It looks at a request's first bytes and at its reply only as
// far as it must to know where the reply ends, and keeps three promises:
//
//   - A request never goes out on a connection that the server has closed, on which bytes wait that nobody asked for,
//     that was opened before a reset, or to an address that the name no longer has: another one is opened in its place,
//     unseen.
//   - A reply is handed over to its end and no further. Bytes after it are a reply that nobody asked for, and all later
//     ones would be taken for the answer to the wrong request: the connection is dropped.
//   - A request and its reply take no longer than one Timeout, however many pieces the reply comes in. gomemcache
//     itself grants each item of a reply the whole time again.
//
// No client of this protocol can see a surplus reply that arrives between the look at the connection and
// the real reply.
type conn struct {
	net.Conn // nil when dropped
	node     *node
	addr     string // where Conn leads
	epoch    uint32 // of the node, when Conn was opened
	socket   *socket
	fresh    bool      // opened for the request under way
	alarm    time.Time // the deadline that Conn has

	held     []byte // the start of a request, and mostly all of it, that waits for the read of its reply
	reply    reply
	busy     bool      // between the first byte of a request and the last one of its reply
	deadline time.Time // of the request under way, or of the next one
	failures int32     // of the node in a row, when the request began
	limit    time.Time // for the first request, which the call that opened the connection sends
}

// alarmSteps is how many steps the deadline of a busy connection takes in one Timeout. A request may be cut short by
// one step.
const alarmSteps = 16

// connect opens a connection; limit is the end of the call that wants it.
func (n *node) connect(ctx context.Context, limit time.Time) (net.Conn, error) {
	c := &conn{node: n, limit: limit, reply: reply{maxItem: n.maxItem}}
	if err := c.open(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

func (c *conn) open(ctx context.Context) error {
	c.epoch = c.node.epoch.Load()
	failures := c.node.breaker.count()
	inner, addr, err := c.node.dialer.dial(ctx)
	if err != nil {
		c.node.breaker.failed(failures)
		return &refusedError{err}
	}
	c.Conn, c.addr, c.socket, c.fresh, c.alarm = inner, addr, newSocket(inner), true, time.Time{}
	return nil
}

// SetDeadline takes the time for the next request. gomemcache calls it again for each item of a reply, which is
// ignored.
func (c *conn) SetDeadline(t time.Time) error {
	if c.busy {
		return nil
	}
	c.deadline = t
	if c.limit.IsZero() {
		c.fresh = false // though perhaps unused: the call that opened it may have ended before its request
		return nil
	}
	if c.limit.Before(t) {
		c.deadline = c.limit
	}
	c.limit = time.Time{}
	return nil
}

// Write holds a request back until its reply is read, for one exchange. A request that is too long for gomemcache's
// buffer comes in several writes; the second one sends the first.
func (c *conn) Write(p []byte) (int, error) {
	if !c.busy {
		c.reply.begin(p)
		c.busy, c.failures = true, c.node.breaker.count()
		c.held = append(c.held[:0], p...)
		return len(p), nil
	}
	if len(c.held) > 0 {
		if err := c.send(); err != nil {
			return 0, err
		}
	}
	n, err := c.Conn.Write(p)
	if err != nil {
		c.node.breaker.failed(c.failures)
	}
	return n, err
}

// send writes what is held back.
func (c *conn) send() error {
	if err := c.ready(); err != nil {
		return err
	}
	if !c.fresh && !c.socket.silent() {
		c.drop()
		if err := c.ready(); err != nil {
			return err
		}
	}
	_, err := c.Conn.Write(c.held)
	c.held = c.held[:0]
	if err != nil {
		c.node.breaker.failed(c.failures)
	}
	return err
}

// Read hands over the reply to the request under way.
func (c *conn) Read(p []byte) (int, error) {
	if !c.busy {
		return 0, errReply // gomemcache wants more than a whole reply
	}
	n, err := c.receive(p)
	end, bad := c.reply.take(p[:n])
	switch {
	case bad != nil:
		c.node.breaker.failed(c.failures)
		return 0, bad
	case c.reply.done:
		c.busy = false
		c.node.breaker.succeeded()
		if end < n || err != nil {
			c.drop()
		}
		return end, nil
	case err != nil:
		c.node.breaker.failed(c.failures)
	}
	return n, err
}

// receive reads what has arrived, after it has sent what is held back.
func (c *conn) receive(p []byte) (int, error) {
	switch {
	case len(c.held) == 0:
	case c.socket.exchanges():
		return c.exchange(p)
	default:
		if err := c.send(); err != nil {
			return 0, err
		}
	}
	return c.Conn.Read(p)
}

func (c *conn) exchange(p []byte) (int, error) {
	for {
		if err := c.ready(); err != nil {
			return 0, err
		}
		sent, n, err := c.socket.exchange(c.held, p, c.fresh)
		if err == errStale {
			c.drop()
			continue // on a fresh one
		}
		rest := c.held[sent:]
		c.held = c.held[:0]
		switch {
		case err != nil && sent == 0:
			return 0, &refusedError{err}
		case err != nil || len(rest) == 0:
			return n, err
		}
		if _, err := c.Conn.Write(rest); err != nil {
			return 0, err
		}
		return c.Conn.Read(p)
	}
}

// ready readies the connection for a request: one that must not be used any more is replaced.
func (c *conn) ready() error {
	c.node.dialer.refresh(lookupEvery)
	if c.Conn != nil && !c.fresh && (c.epoch != c.node.epoch.Load() || !c.node.dialer.leadsTo(c.addr)) {
		c.drop()
	}
	if c.Conn == nil {
		ctx, cancel := context.WithDeadline(context.Background(), c.deadline)
		defer cancel()
		if err := c.open(ctx); err != nil {
			return err
		}
	}
	// Each move of the runtime's timer costs a request 1 %, so that it moves in steps.
	if early := c.deadline.Sub(c.alarm); early < 0 || early > c.node.client.Timeout/alarmSteps {
		if err := c.Conn.SetDeadline(c.deadline); err != nil {
			return &refusedError{err}
		}
		c.alarm = c.deadline
	}
	return nil
}

func (c *conn) Close() error {
	c.drop()
	return nil
}

func (c *conn) drop() {
	if c.Conn != nil {
		_ = c.Conn.Close() // of no more use
		c.Conn = nil
	}
}
