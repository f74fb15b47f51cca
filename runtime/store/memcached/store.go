// Package memcached keeps sessions in memcached, on one node or on several, through github.com/bradfitz/gomemcache.
//
// A record is one item, under one key, on the one node that the key belongs to: rendezvous hashing chooses it, so that
// a node added or removed moves no more records than it must. There are no copies: the records of a dead node are
// unavailable, at once, and other visitors notice nothing. An evicted or restarted node has lost its records, which is
// a logout of their visitors; memcached should have memory enough never to evict ("evictions" of its stats stays 0).
//
// gomemcache speaks the protocol. This package adds what it leaves to its users: the choice of the node, addresses that
// are checked, and looked up again while the program runs, limits in time and number, a breaker for each node, requests
// that travel together when many come at once, and connections that are never used when they have gone stale or out of
// step.
//
// A proxy in between must answer the command version, with which every batch and every write ends, as memcached's own
// proxy, mcrouter and twemproxy from 0.5.0 do. Through one that does not nothing can be written, as Ping says.
package memcached

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// Store keeps session records in memcached. It implements session.Store, and is safe for concurrent use.
//
// A call ends within Options.IOBudget, or at its context's deadline if that is earlier; cancelling the context while
// the call is under way does not end it sooner. An error wraps session.ErrUnavailable when nothing was written, and
// always for Get, Touch and Delete; an Add or a Swap that failed after its bytes had gone out does not, for nobody
// knows.
type Store struct {
	nodes placement
	now   func() time.Time
}

var _ session.Store = (*Store)(nil)

// New returns a store on the nodes at addrs, "host:port" or the path of a unix socket, with the default options.
// The nodes need not be up; an address that cannot be resolved is an error that names it.
func New(addrs ...string) (*Store, error) {
	return NewWithOptions(Options{Addrs: addrs})
}

// Get returns the value under key, with memcached's CAS id as its version.
func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	n, start := s.nodes.pick(key), time.Now()
	item, err := n.call(ctx, n.budget, request{verb: failure.Get, key: key})
	if err == nil && item.Key != key {
		// A reply too many on this connection, and perhaps on others: every later one answers the request before.
		n.reset()
		item, err = n.call(ctx, n.budget-time.Since(start), request{verb: failure.Get, key: key})
		if err == nil && item.Key != key {
			err = errOtherKey
		}
	}
	if err == nil && item.CasID == 0 {
		err = errNoCAS
	}
	if err != nil {
		return nil, session.Version{}, n.failure(failure.Get, err)
	}
	return item.Value, session.Version{item.CasID}, nil
}

// Add stores value under a key that has none.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.write(ctx, failure.Add, memcache.Item{Key: key, Value: value, Expiration: exptime(s.now, ttl)})
}

// Swap replaces the value of version v.
func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return s.write(ctx, failure.Swap, memcache.Item{Key: key, Value: value, Expiration: exptime(s.now, ttl), CasID: v[0]})
}

func (s *Store) write(ctx context.Context, verb failure.Verb, item memcache.Item) error {
	n := s.nodes.pick(item.Key)
	if n.maxItem > 0 && len(item.Value) > n.maxItem {
		return n.failure(verb, &failure.SizeError{Size: len(item.Value), Max: n.maxItem})
	}
	r := request{verb: verb, item: n.newItem()}
	*r.item = item
	_, err := n.call(ctx, n.budget, r)
	*r.item = memcache.Item{}
	n.items.Put(r.item)
	return n.failure(verb, err)
}

// Touch sets the time that the record under key has left. It keeps the CAS id.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	n := s.nodes.pick(key)
	_, err := n.call(ctx, n.budget, request{verb: failure.Touch, key: key, exptime: exptime(s.now, ttl)})
	return n.failure(failure.Touch, err)
}

// Delete removes the record under key.
func (s *Store) Delete(ctx context.Context, key string) error {
	n := s.nodes.pick(key)
	_, err := n.call(ctx, n.budget, request{verb: failure.Delete, key: key})
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil
	}
	return n.failure(failure.Delete, err)
}

// Ping asks every node for its version, skipped nodes too, and reports those that do not answer, which a proxy that
// does not know the command is too. A store of which one node is down still serves the visitors of the others.
func (s *Store) Ping(ctx context.Context) error {
	errs := make([]error, len(s.nodes))
	for i, n := range s.nodes {
		errs[i] = n.ping(ctx)
	}
	return errors.Join(errs...)
}

// Nodes asks every node for its version, at the same time, and tells of those that requests pass over.
func (s *Store) Nodes(ctx context.Context) []session.Node {
	nodes := make([]session.Node, len(s.nodes))
	var asked sync.WaitGroup
	for i, n := range s.nodes {
		asked.Go(func() {
			skipped := n.breaker != nil && n.breaker.open()
			nodes[i] = session.Pinged(ctx, cmp.Or(n.name, "memcached"), n.ping)
			if skipped {
				nodes[i].Detail = "skipped, after failures in a row"
			}
		})
	}
	asked.Wait()
	return nodes
}

// Reset drops the idle connections, and those in use once they are idle. It is for a caller that found a reply to be
// another request's.
func (s *Store) Reset() {
	for _, n := range s.nodes {
		n.reset()
	}
}
