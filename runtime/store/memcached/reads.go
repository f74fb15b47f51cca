package memcached

import (
	"bytes"
	"context"
	"slices"
	"sync"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

const (
	maxFlights = 4    // reads under way to a node at a time
	maxGroup   = 64   // keys of one read
	maxKeys    = 3500 // bytes of its keys: gomemcache's buffer takes the command in one piece
)

// reads lets few reads be under way to a node at a time. Those that come meanwhile wait, and go out in one command when
// one returns, which costs client, server and network little more than a single one. It is rare but on a site that is
// so busy that its processors are what it waits for.
//
// Writes do not travel together: the reply to each says that something was stored, and nothing says whose.
type reads struct {
	mu      sync.Mutex
	flights int
	waiting []*reader
}

// A reader is one who waits for a record.
type reader struct {
	key  string
	item *memcache.Item
	done chan struct{} // gets a token when item is what the group has for this reader
}

// read gets an item. Only a value under the right key is a group's answer. Whatever else came of the group, a miss too,
// its readers ask again alone, so that no one meets what another one's record has caused.
func (n *node) read(ctx context.Context, key string) (*memcache.Item, error) {
	alone := request{verb: failure.Get, key: key}
	if n.slots == nil { // somebody else's client
		return n.call(ctx, alone)
	}
	if n.breaker.open() {
		return nil, &refusedError{errSkipped} // at once, though others still wait for their replies
	}
	r := n.reads.enter(key)
	if r == nil {
		defer n.land() // a panic, of a function in a tls.Config for one, must not cost a flight for good
		return n.call(ctx, alone)
	}
	start, timer := time.Now(), time.NewTimer(n.budget)
	defer timer.Stop()
	select {
	case <-r.done:
		if r.item != nil {
			return r.item, nil
		}
		return n.callWithin(ctx, n.budget-time.Since(start), alone)
	case <-ctx.Done():
		n.reads.leave(r)
		return nil, &refusedError{ctx.Err()}
	case <-timer.C:
		n.reads.leave(r)
		return nil, &refusedError{errBusy}
	}
}

// enter returns nil if the caller may read at once, and must call land afterwards; else what it has to wait for.
func (f *reads) enter(key string) *reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.flights < maxFlights {
		f.flights++
		return nil
	}
	r := &reader{key: key, done: make(chan struct{}, 1)}
	f.waiting = append(f.waiting, r)
	return r
}

// leave gives up waiting.
func (f *reads) leave(r *reader) {
	f.mu.Lock()
	if i := slices.Index(f.waiting, r); i >= 0 {
		f.waiting = slices.Delete(f.waiting, i, i+1)
	}
	f.mu.Unlock()
}

// next returns those who are to read together now that a flight is over, the longest waiting first, if there are any.
func (f *reads) next() []*reader {
	f.mu.Lock()
	defer f.mu.Unlock()
	n, size := 0, 0
	for n < min(len(f.waiting), maxGroup) {
		if size += len(f.waiting[n].key) + 1; size > maxKeys && n > 0 {
			break
		}
		n++
	}
	if n == 0 {
		f.flights--
		return nil
	}
	group := slices.Clone(f.waiting[:n])
	f.waiting = slices.Delete(f.waiting, 0, n)
	return group
}

// land ends a flight, which those who wait begin anew.
func (n *node) land() {
	if group := n.reads.next(); group != nil {
		go n.fly(group)
	}
}

// fly reads for a group.
func (n *node) fly(group []*reader) {
	keys := make([]string, len(group))
	for i, r := range group {
		keys[i] = r.key
	}
	items := n.readAll(keys)
	given := make(map[string]bool, len(items))
	for _, r := range group {
		r.item = items[r.key]
		if r.item != nil && given[r.key] { // each opens the record in place
			own := *r.item
			own.Value = bytes.Clone(own.Value)
			r.item = &own
		}
		given[r.key] = given[r.key] || r.item != nil
	}
	for _, r := range group {
		r.done <- struct{}{}
	}
	n.land()
}

// readAll returns the items that there are, or some of them, or none.
func (n *node) readAll(keys []string) map[string]*memcache.Item {
	if n.breaker.open() {
		return nil
	}
	if _, err := n.acquire(context.Background(), n.budget); err != nil {
		return nil
	}
	defer n.release()
	if !n.breaker.allow() {
		return nil
	}
	items, _ := n.client.GetMulti(keys) // those without an item ask for the error themselves
	for key := range items {
		if !slices.Contains(keys, key) { // a reply too many, as in Store.Get
			n.reset()
			return nil
		}
	}
	return items
}
