package memcached

import (
	"errors"
	"time"
)

const (
	maxMembers = 64        // of a batch
	maxShared  = 16 << 10  // bytes of a request that travels with others
	maxBatch   = 64 << 10  // bytes of the requests of a batch, and of the replies that are expected
	maxReplies = 256 << 10 // bytes of the replies of a batch
)

// maxWait is how long a request waits for others to travel with: nothing to who is far away.
const maxWait = 250 * time.Microsecond

// queue is where requests wait to be sent together, in one write and with one wake-up for all of their replies. There
// is one for reads and one for writes, so that neither side of a connection ever has to send much before it reads.
//
// As many batches are under way to a node as there are processors, which they keep busy; what comes meanwhile goes out
// when one of them is back, or after maxWait: if that has not happened by then, the processors have nothing to do, and
// no request is to wait for the reply to another.
type queue struct {
	waiting []*conn // of which the first leads
	size    int     // bytes that they and their replies will have
	typical int     // bytes of a reply
}

// seal gives those who wait to the first of them; who comes then begins another batch.
func (q *queue) seal() {
	first := q.waiting[0]
	q.waiting, first.batch, q.size = first.batch[:0], q.waiting, 0
}

// ask gets the reply to the request of c. One that was lost or made no sense, perhaps by another request of its
// batch, is asked for once more, alone.
func (n *node) ask(c *conn) error {
	switch {
	case c.command == "version" || len(c.request) > maxShared:
		n.askAlone(c)
	case c.command == "gets":
		n.join(&n.reads, c)
	default:
		n.join(&n.writes, c)
	}
	if c.err != nil && !n.breaker.open() && c.again() && c.extend() {
		n.askAlone(c)
	}
	return c.err
}

// again reports whether the request is to be sent once more after an error: if that does no harm and may help.
func (c *conn) again() bool {
	if _, refused := errors.AsType[*refusedError](c.err); refused {
		return errors.Is(c.err, errBusy) // for whom leads, perhaps, who has come before
	}
	return c.command != "add" && c.command != "cas"
}

// join sends the request of c with others'.
func (n *node) join(q *queue, c *conn) {
	c.err = errLost
	n.mu.Lock()
	q.waiting = append(q.waiting, c)
	first := q.waiting[0]
	if q.size += len(c.request) + q.typical; q.size > maxBatch || len(q.waiting) == maxMembers {
		q.seal()
	}
	n.mu.Unlock()
	if first != c {
		<-c.done
		return
	}
	if c.enter(n.turns, c.deadline.Add(n.patience-n.client.Timeout)) {
		defer func() { <-n.turns }()
	}
	busy := !c.enter(n.slots, c.limit)
	n.mu.Lock()
	if len(q.waiting) > 0 && q.waiting[0] == c {
		q.seal()
	}
	n.mu.Unlock()
	defer func() { // after a panic too, of a function in a tls.Config for one
		for _, other := range c.batch[1:] {
			other.done <- struct{}{}
		}
		clear(c.batch)
	}()
	if busy {
		fail(c.batch, &refusedError{errBusy})
		return
	}
	defer func() { <-n.slots }()
	size := n.exchange(c.batch)
	n.mu.Lock()
	q.typical = size / len(c.batch)
	n.mu.Unlock()
}

func (n *node) askAlone(c *conn) {
	c.batch, c.part, c.second = append(c.batch[:0], c), nil, nil
	if !c.enter(n.slots, c.limit) {
		c.err = &refusedError{errBusy}
		return
	}
	defer func() { <-n.slots }()
	n.exchange(c.batch)
}

// enter waits for room until then.
func (c *conn) enter(room chan struct{}, then time.Time) bool {
	select {
	case room <- struct{}{}:
		return true
	default:
	}
	select {
	case room <- struct{}{}:
		c.extend()
		return true
	case <-time.After(time.Until(then)):
		return false
	}
}
