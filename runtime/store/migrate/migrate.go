// Package migrate moves the sessions of a running site from one store to another, without a logout: each when it is
// next used. A store of this package is two others, to and from, and keeps every record in one of them.
//
// # The order
//
// All processes of the site go through these steps, one step after another: the next begins when the last process has
// made the one before.
//
//  1. migrate.New(old, new, ttl): nothing moves yet, but every process now looks in both.
//  2. migrate.New(new, old, ttl): sessions move when they are used; new ones begin in the new store.
//  3. When the longest idle time has passed, new alone: a session that was not used until then has ended.
//
// Every step can be taken back. While step 2 is being deployed some processes move records to the new store and
// others back to the old one, which costs round trips and loses nothing.
//
// # A move
//
// Every call moves its record first, so that a Version is always one of to's. While a record moves, claims stand in its
// place. A claim is a value that begins with a magic text; it says what it is for, has the record, and, while somebody
// works on it, a deadline half a second away. These are the steps:
//
//  1. Swap in from: the record becomes a claim that it is leaving. It belongs to the process that put it there, for the
//     first half of its time: after that this process writes nothing any more.
//  2. Add in to: a claim that it has arrived. Nobody uses the record yet.
//  3. Delete in from: the first claim goes.
//  4. Swap in to: the second claim becomes the record.
//
// A process that meets a claim of somebody else's waits, some milliseconds for a move that is under way. If the
// deadline passes, the owner was killed; whoever meets the claim then replaces it by one of its own and goes on from
// there. A record that has arrived has no owner: whoever meets it makes the steps 3 and 4.
//
// # Why nothing is lost and nothing comes back
//
// A record is usable in one store at most, and only while the other store has no claim that holds it. Of two processes,
// whatever their steps:
//
//   - Both find the record in from and want to move it. One Swap wins; the other one is stale, and looks again.
//   - One moves it as the other saves. Either the save is in from before the claim, whose Swap is then stale; or it
//     is a Swap in to with a version of to's, which was given after step 4. A save with the version of a record that
//     has moved away and come back is stale, because that is another version.
//   - One goes on with a move that was over long ago, because it stood still. Before it removes a claim that the record
//     has left behind it looks once more, under a claim of its own, whether the record is still where it arrived.
//   - One moves it there and the other one back. The second meets a claim, and waits or finishes the first move; only
//     then does it begin its own.
//   - One reads as the other moves. It looks in to and then in from. Before it says that there is no record it puts a
//     claim without a record in to, and keeps it there while it looks in from once more. Nobody can move the record
//     to that place meanwhile.
//   - One deletes as the other moves. A Delete first puts a claim that says that the record has ended into both stores,
//     in the place of the record or of nothing, so that nobody is left who could still move it; then it removes both.
//     Nobody finishes such a claim: it ends by itself after a second.
//   - Both add the same key. An Add keeps a claim without a record in from while it adds in to. Of two Adds in opposite
//     directions each finds the other's claim, or one finds the other's record: at most one succeeds.
//   - The process is killed before step 1: nothing has happened. After it: the claim has the record, and the next call
//     moves it. After step 2: the record is there twice, and neither can be used before one of them is gone. After step
//     3: it is in to. Within a Delete: the Delete has not been acknowledged, and the record has ended or has not.
//   - One process of step 0, or of step 3, has one store alone. In step 1 records stay in the old store, in step 2 they
//     are in the new one once they have been used. A claim that says that there is no record does not open, which is
//     the end of a session too.
//
// So a record under a fixed key that many processes add and swap, as the list of an owner's sessions is, is one record
// at every moment of a deploy: every process sees the one that was swapped in last.
//
// # Limits
//
// A process of step 0 or of step 3 knows nothing of claims. If it adds a record under a fixed key at the moment in
// which another process looks for one there and finds none, that record can be removed together with the claim. The
// sessions of an owner who logs in for the first time at just this moment end; none comes back.
//
// The deadline is a time of day: the clocks of the machines must agree within a quarter of a second. And a store must
// not carry out a call a quarter of a second after its caller has given up. A step that takes longer than that, because
// the store or this machine is slow, is begun anew when its claim is over, eight times in one call; after that, or when
// the call's time is over, it is session.ErrUnavailable, and the record stays in its claim until the next call.
//
// A record that moves gets the ttl of New, since no store tells how much it has left. Its next touch or save sets it
// right. A claim makes a record some 30 bytes larger while it is there. A move costs nine round trips instead of one,
// once for each session; a key that neither store has costs five, and a new session's first save three.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// store is a session.Store over two others.
type store struct {
	to, from session.Store
	ttl      time.Duration
	now      func() time.Time
}

// New returns a store that keeps its records in to, and moves those there that it finds in from. ttl is how long a
// record lives after its move, unless it is touched or saved: the longest idle timeout of the site's managers. Where
// a schema has an owner it is the longest Lifetime, because the list of an owner's sessions must live that long; a
// session whose last use is its move then lives that long too.
//
// The store has Ping, which asks both stores, Reset, which drops the idle connections of both, and a pool for
// anonymous sessions where one of the two has (session.Pooled). It closes neither.
//
// It panics without two stores, and for a ttl that is not positive, with which every session would end as it moves.
func New(to, from session.Store, ttl time.Duration) session.Store {
	if to == nil || from == nil {
		panic("migrate: New takes two stores")
	}
	if ttl <= 0 {
		panic(fmt.Sprintf("migrate: New with a ttl of %v, which would end every session that moves", ttl))
	}
	return &store{to: to, from: from, ttl: ttl, now: time.Now}
}

// Get returns the value under key, which is in to by then.
func (s *store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	value, v, err := s.locate(ctx, key)
	if err != nil {
		return nil, session.Version{}, refused(err)
	}
	return value, v, nil
}

// Add stores value in to if neither store has the key. A claim in from keeps others from adding it there meanwhile.
// Where two processes of different steps each have a claim in the other one's way, neither adds, and both try again.
func (s *store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	w := s.watch(ctx)
	for {
		h, err := s.occupy(w, key, s.from, nil, session.Version{})
		if err != nil {
			return refused(err)
		}
		if h != nil {
			err = s.to.Add(h.ctx, key, value, ttl)
			_ = h.remove() // or it ends by itself
			switch unwritten := errors.Is(err, session.ErrUnavailable); {
			case unwritten && w.unlessLate(h, err) == nil:
				continue
			case !errors.Is(err, session.ErrExists):
				return err
			}
		}
		switch _, _, err := s.locate(ctx, key); {
		case err == nil:
			return session.ErrExists
		case !errors.Is(err, session.ErrNotFound):
			return refused(err)
		}
		// The key was taken by a claim without a record, which is gone.
	}
}

// Swap replaces the value of version v.
func (s *store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	err := s.to.Swap(ctx, key, value, v, ttl)
	if !errors.Is(err, session.ErrNotFound) {
		return err
	}
	if _, _, err := s.locate(ctx, key); err != nil {
		return refused(err)
	}
	return session.ErrStale // the record has been moved away and back, and v is older
}

// Touch sets the time that the record under key has left.
func (s *store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	for {
		err := s.to.Touch(ctx, key, ttl)
		if !errors.Is(err, session.ErrNotFound) {
			return err
		}
		if _, _, err := s.locate(ctx, key); err != nil {
			return refused(err)
		}
	}
}

// Delete removes the record under key from both stores.
func (s *store) Delete(ctx context.Context, key string) error { return refused(s.end(ctx, key)) }

// Anonymous moves anonymous sessions between the pools that the two stores have for them.
func (s *store) Anonymous(whole session.Store) session.Store {
	if whole != session.Store(s) {
		return whole
	}
	return &store{to: session.AnonymousPool(s.to), from: session.AnonymousPool(s.from), ttl: s.ttl, now: s.now}
}

// Ping asks both stores.
func (s *store) Ping(ctx context.Context) error {
	var errs []error
	for _, st := range []session.Store{s.to, s.from} {
		if p, ok := st.(interface{ Ping(context.Context) error }); ok {
			errs = append(errs, p.Ping(ctx))
		}
	}
	return errors.Join(errs...)
}

// Nodes tells of the nodes of both stores.
func (s *store) Nodes(ctx context.Context) []session.Node {
	return slices.Concat(session.Nodes(ctx, "to", s.to), session.Nodes(ctx, "from", s.from))
}

// Reset drops the idle connections of both stores.
func (s *store) Reset() {
	for _, st := range []session.Store{s.to, s.from} {
		if r, ok := st.(interface{ Reset() }); ok {
			r.Reset()
		}
	}
}

// refused makes an error of a move one that says that the call itself has written nothing.
func refused(err error) error {
	if err == nil || errors.Is(err, session.ErrNotFound) || errors.Is(err, session.ErrUnavailable) {
		return err
	}
	return fmt.Errorf("migrate: %w: %w", session.ErrUnavailable, err)
}
