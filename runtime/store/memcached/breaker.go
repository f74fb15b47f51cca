package memcached

import (
	"sync/atomic"
	"time"
)

const (
	breakAfter = 3           // failures in a row
	skipFor    = time.Second // between probes of a node that fails
)

// breaker skips a node that keeps failing: after breakAfter failures, one after the other, no request is sent to it for
// skipFor, then one, the probe, each skipFor, until one succeeds. Timeouts, refused and broken connections are
// failures; an answer of the server, SERVER_ERROR too, is a success. A reply that makes no sense, at once, is neither.
//
// Closed, which is when until is 0, it costs atomic loads alone.
type breaker struct {
	now      func() time.Time
	failures atomic.Int32
	until    atomic.Int64 // Unix nanoseconds of the next probe
}

// open says whether requests are skipped now.
func (b *breaker) open() bool {
	until := b.until.Load()
	return until != 0 && b.now().UnixNano() < until
}

// allow says whether a request may be sent. Of the callers after a skip, the one that moves the time of the next probe
// sends this one; if it never reports back, the next one is sent then.
func (b *breaker) allow() bool {
	until := b.until.Load()
	if until == 0 {
		return true
	}
	now := b.now()
	return now.UnixNano() >= until && b.until.CompareAndSwap(until, now.Add(skipFor).UnixNano())
}

func (b *breaker) succeeded() {
	if b.failures.Load() != 0 || b.until.Load() != 0 {
		b.failures.Store(0)
		b.until.Store(0)
	}
}

// failed counts a failure of a request that began when count was the number of failures. Of the requests that are under
// way together one counts: a pause of this process alone, in which all of them run out of time, is no reason to skip a
// node.
func (b *breaker) failed(count int32) {
	if b.failures.CompareAndSwap(count, count+1) && count+1 >= breakAfter {
		b.until.Store(b.now().Add(skipFor).UnixNano())
	}
}

// count is the number of failures in a row so far.
func (b *breaker) count() int32 { return b.failures.Load() }
