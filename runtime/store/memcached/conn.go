package memcached

import (
	"bytes"
	"net"
	"slices"
	"time"
)

// conn is a caller's end of the connection that gomemcache believes to have: it holds a request until its reply is
// read, which is when the node sends it, alone or in a batch, on whatever link is free. The reply is handed over to
// its end and no further.
type conn struct {
	net.Conn // nil: gomemcache calls no more than what is here
	node     *node

	request  []byte
	command  string
	sent     bool   // or refused: the next bytes are another request's
	part     []byte // the reply in what has come for the batch, while that is there
	pair     bool   // the request is for two records
	second   []byte // of a pair: the part of the second one
	reply    []byte
	read     int       // bytes of the reply that have been handed over
	err      error     // instead of the reply
	deadline time.Time // of the request under way, or of the next one
	limit    time.Time // of that and what else its call does
	failures int32     // of the node in a row, when the request began

	batch []*conn       // of those that this one leads
	done  chan struct{} // gets a token when another one has led this one
}

func (n *node) connect() *conn {
	return &conn{node: n, sent: true, done: make(chan struct{}, 1)}
}

// SetDeadline takes the time for the next request. What gomemcache calls for each line of a reply is ignored.
func (c *conn) SetDeadline(t time.Time) error {
	if c.sent {
		c.deadline, c.limit = t, t.Add(c.node.budget-c.node.client.Timeout)
	}
	return nil
}

// extend gives the request a Timeout from now, within the IOBudget, and says whether there is any time left.
func (c *conn) extend() bool {
	now := time.Now()
	if c.deadline = now.Add(c.node.client.Timeout); c.limit.Before(c.deadline) {
		c.deadline = c.limit
	}
	return now.Before(c.deadline)
}

// Write takes a request, or the next piece of one that is too long for gomemcache's buffer.
func (c *conn) Write(p []byte) (int, error) {
	if c.sent {
		c.request, c.sent, c.failures = c.request[:0], false, c.node.breaker.count()
	}
	c.request = append(slices.Grow(c.request, len(p)+len(marker)), p...)
	c.pair = separate(c.request)
	return len(p), nil
}

// Read hands over the reply to the request under way.
func (c *conn) Read(p []byte) (int, error) {
	if !c.sent {
		c.sent, c.read, c.part, c.second, c.command = true, 0, nil, nil, command(c.request)
		err := c.node.ask(c)
		c.request = emptied(c.request)
		if err != nil {
			c.reply = c.reply[:0]
			return 0, err
		}
	}
	n := copy(p, c.reply[c.read:])
	if n == 0 {
		return 0, errReply // gomemcache wants more than a whole reply
	}
	if c.read += n; c.read == len(c.reply) {
		c.reply, c.read = emptied(c.reply), 0
	}
	return n, nil
}

// command is the name of the command that a request begins with.
func command(request []byte) string {
	for _, name := range [...]string{"gets", "cas", "add", "touch", "delete"} {
		if bytes.HasPrefix(request, []byte(name)) {
			return name
		}
	}
	return "version"
}

// key is that of a read.
func (c *conn) key() []byte { return c.request[len("gets ") : len(c.request)-len("\r\n")] }

// place returns where part, a value with the line that announces it, belongs, if it is what c asks for and has not yet
// got; else nil.
func (c *conn) place(part []byte) *[]byte {
	key, second := c.key(), []byte(nil)
	if c.pair {
		key, second, _ = bytes.Cut(key, []byte(" "))
	}
	switch {
	case c.part == nil && isOf(part, key):
		return &c.part
	case c.pair && c.second == nil && isOf(part, second):
		return &c.second
	}
	return nil
}

func isOf(part, key []byte) bool {
	rest, ok := bytes.CutPrefix(part[len("VALUE "):], key)
	return ok && rest[0] == ' '
}

// lacks reports whether there is no reply to c, or not all of it.
func (c *conn) lacks() bool { return c.part == nil || c.pair && c.second == nil }

// Close has nothing to do: links are the node's.
func (c *conn) Close() error { return nil }

const maxKept = 64 << 10 // a buffer that one large record has grown is not kept

func emptied(b []byte) []byte {
	if cap(b) > maxKept {
		return nil
	}
	return b[:0]
}
