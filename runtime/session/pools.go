package session

import (
	"context"
	"errors"
	"slices"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// A Pooled store has room of its own for anonymous sessions, those in which nobody was logged in when they got their
// id. A flood of passers-by then pushes out passers-by, and nobody who is logged in. A Manager asks its store once,
// and calls for each session the one store or the other: it knows which from the token, before any I/O.
//
// The stores of packages memory and file are Pooled, and so is what package migrate makes of such; Pools makes one of
// any two.
type Pooled interface {
	Store

	// Anonymous returns the store for anonymous sessions. whole is the store that the Manager was given. If that is
	// another, which embeds this one and has the method from it, whole itself is returned: what is called on the pool
	// would pass by what the other does in its calls.
	Anonymous(whole Store) Store
}

// AnonymousPool returns where a store keeps anonymous sessions: in a pool of their own, if it is Pooled, else in
// itself.
func AnonymousPool(s Store) Store {
	if p, ok := s.(Pooled); ok {
		return p.Anonymous(p)
	}
	return s
}

// Pools returns a store that keeps anonymous sessions in one store and all others in another: two memcached, say, of
// which the one for passers-by may be small and may evict. It has Ping, which asks both, and Reset. It closes neither.
//
// Where a site begins to do so, the anonymous sessions that are in the other store are not found any more; with
// migrate.New(anonymous, rest, ttl) as the first, until they have expired, they are.
func Pools(anonymous, rest Store) Store { return &pools{Store: rest, anonymous: anonymous} }

type pools struct {
	Store
	anonymous Store
}

func (p *pools) Anonymous(whole Store) Store {
	if whole != Store(p) {
		return whole
	}
	return p.anonymous
}

// apart returns the stores of passers-by and of all others: what Pools has joined as it was, with all that it can.
func apart(s Store) (anonymous, rest Store) {
	if p, ok := s.(*pools); ok {
		return p.anonymous, p.Store
	}
	return AnonymousPool(s), s
}

// Ping asks both stores.
func (p *pools) Ping(ctx context.Context) error {
	var errs []error
	for _, s := range []Store{p.Store, p.anonymous} {
		if s, ok := s.(interface{ Ping(context.Context) error }); ok {
			errs = append(errs, s.Ping(ctx))
		}
	}
	return errors.Join(errs...)
}

// Nodes tells of the nodes of both stores.
func (p *pools) Nodes(ctx context.Context) []Node {
	return slices.Concat(Nodes(ctx, "sessions", p.Store), Nodes(ctx, "anonymous sessions", p.anonymous))
}

// Reset drops the idle connections of both stores.
func (p *pools) Reset() {
	for _, s := range []Store{p.Store, p.anonymous} {
		reset(s)
	}
}

// reset drops the connections of a store that has some: their replies have shifted.
func reset(s Store) {
	if s, ok := s.(interface{ Reset() }); ok {
		s.Reset()
	}
}

// pool returns the store that has the sessions with these flags.
func (e *engine) pool(f token.Flags) Store {
	if f&token.Anonymous != 0 {
		return e.anonymous
	}
	return e.store
}
