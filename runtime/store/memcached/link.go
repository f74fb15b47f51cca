package memcached

import (
	"bytes"
	"context"
	"errors"
	"math"
	"net"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// marker ends each exchange but that of a single read. No other command is answered as it is, so that its reply stands
// where it must only if no reply before it is missing or one too many.
const marker = "version\r\n"

// A link is a connection to a node. It keeps these promises:
//
//   - A request never goes out on a connection that the server has closed, on which bytes wait that nobody asked for,
//     that was opened before a reset, or to an address that the name no longer has: another one is taken in its place,
//     unseen.
//   - No reply is handed over before the marker's has come, but for an error to a single request: the server may have
//     closed the connection. If another comes in its place, it is not known which reply is whose, and the connection is
//     dropped; so it is if bytes come after it, which nobody asked for, and behind every error.
//   - The value that a single read gets bears its key.
//   - Requests and their replies take no longer than one Timeout, however many pieces they come in.
//
// No client of this protocol can see that all that an exchange was answered with comes again, marker included, between
// the look at the connection and the reply to the next, or the reply to a single read before that to the next one of
// its key.
type link struct {
	net.Conn
	node   *node
	addr   string // where Conn leads
	epoch  uint32 // of the node, when Conn was opened
	socket *socket
	fresh  bool      // opened for the exchange under way
	alarm  time.Time // the deadline that Conn has

	out, in []byte // of the exchange under way
	end     int    // of what has been looked at in in
	most    int    // bytes of in
	spent   bool   // not to be used again
}

const (
	minRead    = 4 << 10 // bytes that there is room for
	alarmSteps = 16      // of a deadline in one Timeout; a request may be cut short by one
)

// exchange sends the requests of a batch together and gives each its reply or an error. It returns about how many bytes
// came back.
func (n *node) exchange(batch []*conn) (size int) {
	n.dialer.refresh(lookupEvery)
	l, err := n.send(batch)
	if err == nil {
		err = l.receive(batch)
	}
	switch {
	case err == nil, tooLong(err), err == errOtherKey:
		n.breaker.succeeded()
	case err == errReply, err == errMarker: // it has not hung, which skipping it would be good for
	default:
		n.breaker.failed(batch[0].failures)
	}
	if err == errOtherKey { // there may be a reply too many on other links too
		n.reset()
	}
	if err != nil {
		fail(batch, err)
	}
	if l != nil {
		size = len(l.in) + len(batch[0].reply)
		l.spent = l.spent || err != nil
		n.park(l)
	}
	return size
}

// tooLong says that the node has answered, with more than is read of it.
func tooLong(err error) bool {
	_, value := errors.AsType[*failure.SizeError](err)
	return value || err == errReplies
}

func fail(batch []*conn, err error) {
	for _, c := range batch {
		c.err = err
	}
}

// send returns the link on which the requests have gone out, if any of their bytes may have.
func (n *node) send(batch []*conn) (*link, error) {
	first := batch[0]
	for {
		l := n.idle()
		if l == nil {
			ctx, cancel := context.WithTimeout(context.Background(), min(n.client.Timeout, time.Until(first.limit)))
			defer cancel()
			l = &link{node: n, epoch: n.epoch.Load(), fresh: true}
			var err error
			if l.Conn, l.addr, err = n.dialer.dial(ctx); err != nil {
				return nil, &refusedError{err}
			}
			l.socket = newSocket(l.Conn)
			first.extend()
		}
		l.setDeadline(first.deadline)
		if err := l.send(batch); err != errStale {
			return l, err
		}
		_ = l.Close()
	}
}

// idle returns the link that was used last, so that few are in use, or nil if there is none.
func (n *node) idle() *link {
	for {
		n.mu.Lock()
		last := len(n.links) - 1
		if last < 0 {
			n.mu.Unlock()
			return nil
		}
		l := n.links[last]
		n.links = n.links[:last]
		n.mu.Unlock()
		if l.epoch == n.epoch.Load() && n.dialer.leadsTo(l.addr) {
			return l
		}
		_ = l.Close()
	}
}

// park keeps a link for the next exchange.
func (n *node) park(l *link) {
	l.out, l.in, l.fresh = emptied(l.out), emptied(l.in), false
	n.mu.Lock()
	keep := !l.spent && l.epoch == n.epoch.Load()
	if keep {
		n.links = append(n.links, l)
	}
	n.mu.Unlock()
	if !keep {
		_ = l.Close()
	}
}

// setDeadline moves the deadline in steps: each move of the runtime's timer costs a request 1 %.
func (l *link) setDeadline(t time.Time) {
	if early := t.Sub(l.alarm); early < 0 || early > l.node.client.Timeout/alarmSteps {
		l.alarm = t
		_ = l.Conn.SetDeadline(t) // what is wrong with it shows when it is used
	}
}

// send sends the requests and the marker, and reads what has come first. errStale: nothing was sent.
func (l *link) send(batch []*conn) error {
	out := l.requests(batch)
	l.in = slices.Grow(l.in[:0], minRead)
	if !l.socket.exchanges() {
		if !l.fresh && !l.socket.silent() {
			return errStale
		}
		return l.write(batch, out)
	}
	sent, n, err := l.socket.exchange(out, l.in[:cap(l.in)], l.fresh)
	l.in = l.in[:n]
	switch {
	case err != nil && err != errStale && sent == 0:
		return &refusedError{err}
	case err == nil && sent < len(out):
		_, err = l.Write(out[sent:])
	}
	return err
}

// write is for TLS: of a record that holds more than the end of a value, memcached 1.6 does not read the rest.
func (l *link) write(batch []*conn, out []byte) (err error) {
	if batch[0].command != "gets" {
		for _, c := range batch {
			if _, err := l.Write(c.request); err != nil {
				return err
			}
		}
		out = out[len(out)-len(marker):]
	}
	_, err = l.Write(out)
	return err
}

// requests returns what is sent for a batch: one command for its reads, since memcached sends the reply to each on its
// own, and the marker, but for a single read, which would cost a second packet. Its reply names its key.
func (l *link) requests(batch []*conn) []byte {
	first, reads := batch[0], batch[0].command == "gets"
	switch {
	case len(batch) == 1 && reads:
		return first.request
	case len(batch) == 1:
		return append(first.request, marker...)
	case reads:
		l.out = append(l.out[:0], "gets"...)
		for _, c := range batch {
			l.out = append(append(l.out, ' '), c.key()...)
		}
		l.out = append(l.out, "\r\n"...)
	default:
		l.out = l.out[:0]
		for _, c := range batch {
			l.out = append(l.out, c.request...)
		}
	}
	l.out = append(l.out, marker...)
	return l.out
}

// receive reads the replies to a batch and the marker's, and hands them over.
func (l *link) receive(batch []*conn) (err error) {
	alone, reads := len(batch) == 1, batch[0].command == "gets"
	if l.end, l.most = 0, maxReplies; alone {
		l.most = math.MaxInt
	}
	if reads {
		err = l.values(batch)
	} else {
		err = l.lines(batch)
	}
	replies := l.in[:l.end]
	switch {
	case err != nil:
		return err
	case alone && reads:
	case alone && l.spent: // by an error
	default:
		if err := l.mark(alone); err != nil {
			return err
		}
	}
	l.spent = l.spent || l.end < len(l.in)
	if c := batch[0]; alone && c.pair && !c.lacks() {
		c.reply, c.err = appendPair(c.reply[:0], c), nil
		return nil
	} else if alone {
		c.reply, l.in, c.err = replies, c.reply, nil
		return nil
	}
	for _, c := range batch {
		if c.err = nil; c.lacks() {
			c.err = errLost // or there is no such record, says only who is asked for it alone
		} else if c.pair {
			c.reply = appendPair(c.reply[:0], c)
		} else if c.reply = append(c.reply[:0], c.part...); reads {
			c.reply = append(c.reply, "END\r\n"...)
		}
	}
	return nil
}

// lines finds the replies to a batch of writes.
func (l *link) lines(batch []*conn) (err error) {
	for _, c := range batch {
		if c.part, _, err = l.next(c.command); err != nil {
			return err
		}
	}
	return nil
}

// values finds the values for a batch of reads, in whatever order a proxy may have put them.
func (l *link) values(batch []*conn) error {
	for {
		part, last, err := l.next("gets")
		if last || err != nil {
			return err
		}
		if !give(batch, part) {
			return errOtherKey
		}
	}
}

// give gives a value to the first of those who ask for it.
func give(batch []*conn, part []byte) bool {
	for _, c := range batch {
		if place := c.place(part); place != nil {
			*place = part
			return true
		}
	}
	return false
}

// mark finds the marker's reply behind the replies. A single one that comes twice, as it was, is the answer, whichever
// of the two belongs to the request.
func (l *link) mark(alone bool) error {
	end := l.end
	_, _, err := l.next(marker)
	if err == errReply && alone && bytes.HasPrefix(l.in[end:], l.in[:end]) {
		l.end, l.spent = 2*end, true
		_, _, err = l.next(marker)
	}
	if err == errReply && bytes.HasPrefix(l.in[l.end:], []byte("ERROR")) {
		return errMarker
	}
	return err
}

// next reads the next part of the reply to command. What it returns stays as it is when more is read.
func (l *link) next(command string) (part []byte, last bool, err error) {
	for {
		size, last, err := partSize(command, l.in[l.end:], l.node.maxItem)
		missing := l.end + size - len(l.in)
		if err == nil && missing > 0 {
			err = l.fill(missing)
		}
		if err != nil {
			return nil, false, err
		}
		if missing <= 0 {
			l.end += size
			l.spent = l.spent || last && mayEnd("", l.in[l.end-size:l.end])
			return l.in[l.end-size : l.end], last, nil
		}
	}
}

// fill reads on, at least one byte of those that are wanted.
func (l *link) fill(wanted int) error {
	if len(l.in)+wanted > l.most {
		return errReplies
	}
	l.in = slices.Grow(l.in, max(wanted, minRead))
	n, err := l.Read(l.in[len(l.in):cap(l.in)])
	l.in = l.in[:len(l.in)+n]
	if n > 0 {
		return nil
	}
	return err
}
