package inspect

import (
	"math/bits"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// counts are how often each Kind of event has come, and how long it took.
type counts struct {
	since time.Time
	mu    sync.Mutex
	kinds [session.Failed + 1]count
}

type count struct {
	n, failed, retried uint64
	bytes              uint64
	max                time.Duration
	spread             histogram
}

func newCounts(since time.Time) *counts { return &counts{since: since} }

func (c *counts) add(e session.Event) {
	if int(e.Kind) >= len(c.kinds) {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := &c.kinds[e.Kind]
	k.n++
	k.bytes += uint64(max(e.Bytes, 0))
	if e.Err != nil {
		k.failed++
	}
	if e.Tries > 1 {
		k.retried++
	}
	k.max = max(k.max, e.Took)
	k.spread.add(e.Took)
}

// A countRow is what the page shows of a Kind.
type countRow struct {
	Kind               string
	N, Failed, Retried uint64
	Bytes              uint64 // of a record, on average
	P50, P95, P99, Max time.Duration
}

// rows returns those of the Kinds that have come.
func (c *counts) rows() (rows []countRow) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.kinds {
		k := &c.kinds[i]
		if k.n == 0 {
			continue
		}
		rows = append(rows, countRow{
			Kind: session.Kind(i).String(), N: k.n, Failed: k.failed, Retried: k.retried, Bytes: k.bytes / k.n,
			P50: k.spread.quantile(0.5, k.max), P95: k.spread.quantile(0.95, k.max), P99: k.spread.quantile(0.99, k.max),
			Max: k.max,
		})
	}
	return rows
}

// A histogram counts durations in buckets of which eight are an octave, so that what it says of one is an eighth too
// much at most.
type histogram [64 << fine]uint64

const fine = 3

func (h *histogram) add(d time.Duration) { h[bucket(max(d, 0))]++ }

// bucket is the place of a duration: its highest bit, and the next three.
func bucket(d time.Duration) int {
	n := uint64(d)
	if n < 1<<fine {
		return int(n)
	}
	shift := bits.Len64(n) - 1 - fine
	return (shift+1)<<fine + int(n>>shift) - 1<<fine
}

// top is the largest duration in a bucket.
func top(i int) time.Duration {
	if i < 1<<fine {
		return time.Duration(i)
	}
	shift := i>>fine - 1
	return time.Duration((uint64(i&(1<<fine-1))+1<<fine+1)<<shift - 1)
}

// quantile returns the duration that a part q of all does not exceed.
func (h *histogram) quantile(q float64, most time.Duration) time.Duration {
	var all uint64
	for _, n := range h {
		all += n
	}
	rest := uint64(q * float64(all))
	for i, n := range h {
		if rest < n {
			return min(top(i), most)
		}
		rest -= n
	}
	return most
}
