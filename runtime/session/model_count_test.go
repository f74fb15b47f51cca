package session_test

import (
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// count counts at once, with what is pending of the counter.
func (c *modelClient) count() {
	c.travel()
	l := &c.local
	delta := int64(1 + c.rng.IntN(5))
	at := c.begin("count")
	var rest []change
	for _, change := range l.log {
		if change.field == "count" {
			at.log = append(at.log, change)
		} else {
			rest = append(rest, change)
		}
	}
	at.log = append(at.log, change{name: "count", field: "count", once: true, count: delta, apply: func(f *fields) { f.Count += delta }})
	start := time.Now()
	call := c.history.call()
	sum, err := l.session.CountCount(delta)
	c.s.log("%v counted %v: %d %v", c, names(at.log), sum, err)
	c.history.saved(call, c, at, err, sum)
	switch {
	case l.unfinished != nil && at.calls == 0:
		c.check(err != nil, "counts in a session that may be elsewhere: %v", err)
	case l.state == stateEnded:
		c.check(at.calls == 0 && errors.Is(err, session.ErrGone), "a request with the id from before a renewal counts: %v", err)
	case err != nil:
		c.failed(at, err, time.Since(start))
		if l.state == stateLive && errors.Is(err, session.ErrUnknown) {
			l.log = rest // consumed
		}
	default:
		c.counted(at, sum)
		l.log = rest
	}
	c.show("after Count")
}

// counted checks a Count that reported success, and takes note of it.
func (c *modelClient) counted(at *attempt, sum int64) {
	l, m := &c.local, c.model
	key, _ := m.keyOf(l.session.Meta().Token)
	m.mu.Lock()
	defer m.mu.Unlock()
	r := m.records[key]
	if l.state == stateNew {
		if r == nil || key != at.added || !same(r.fields, after(fields{}, at.log)) {
			m.fail("%v: Count created %+v", c, r)
			return
		}
		r.chain, r.reachable = new(chain), true
		l.cookie = l.session.Meta().Token
		l.state, l.key, l.base, l.renew = stateLive, key, r.fields, false
	} else {
		if r == nil || key != l.key || at.applied != 1 {
			m.fail("%v: Count reported success and has written %d times", c, at.applied)
			return
		}
		l.base = at.wrote
	}
	at.done, r.used = true, at.began
	if sum != l.base.Count {
		m.fail("%v: Count says %d, the store has %d", c, sum, l.base.Count)
	}
	if r.chain != nil {
		for _, change := range at.log {
			r.chain.acknowledged += change.count
		}
	}
}
