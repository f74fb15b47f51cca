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
//  3. When the longest idle time has passed, new alone: what was not used until then has ended anyway.
//
// Every step can be taken back. While step 2 is being deployed some processes move records to the new store and
// others back to the old one, which costs round trips and loses nothing.
//
// # A move
//
// Every call moves its record first, so that a Version is always one of to's. A move is a Swap in from, of the record
// for a claim; an Add in to; a Delete in from. A claim is a magic, the record, and a deadline, half a second away. It
// belongs to who has put it there, who Adds and Deletes in the first half of that time or not at all: after the
// deadline nobody does, and who meets the claim then puts one of its own in its place and finishes the move. Who
// meets it earlier waits, some milliseconds for a move that is under way, half a second for one whose process was
// killed.
//
// # Why nothing is lost and nothing comes back
//
// A record is in one store, or for the time of a move in both, and then one of the two is a claim. Of two processes,
// whatever their steps:
//
//   - Both find the record in from and want to move it. One Swap wins; the other one is stale, and looks again.
//   - One moves it as the other saves. Either the save is in from before the claim, whose Swap is then stale; or it
//     is a Swap in to with a version of to's, which was given after an Add there. A save with the version of a record
//     that has moved away and come back is stale: the Add has made another version.
//   - One moves it there and the other one back. The second meets a claim, in its to or its from, and waits, or
//     finishes it in the direction that it has; only then does it claim what it finds.
//   - One moves it where a claim of a move back was left behind, by a process that was killed after its Add. Of two
//     claims the later one has the record, for the earlier one had been added by then; the earlier one makes room
//     when its time is over.
//   - One reads as the other moves. It looks in to and then in from. Before it says that there is none it puts a
//     claim without a record in to, for as long as it looks in from once more, and nobody can move the record there
//     meanwhile.
//   - One deletes as the other moves. A Delete first puts a claim that says that the record has ended into both
//     stores, in the place of the record or of nothing, so that nobody is left who could still Add; then it removes
//     both. Nobody finishes such a claim: it ends by itself after a second.
//   - The process is killed before its Swap: nothing has happened. After it: the record is in the claim. After the
//     Add: it is in to, which is what counts, and the claim is finished by an Add that finds it there. Within a
//     Delete: it has not been acknowledged, and the record has ended or has not.
//   - One process of step 0, or of step 3, has one store alone. In step 1 records stay in the old store, in step 2
//     they are in the new one once they have been used; a claim that says that a record has ended does not open,
//     which is the end of a session too.
//
// # Limits
//
// Two processes of different steps that Add the same key at the same moment would both succeed. The keys of sessions
// are random, and added once.
//
// The deadline is a time of day: the clocks of the machines must agree within a quarter of a second. And a store must
// not carry out a call a quarter of a second after its caller has given up. A store that is slower than that makes a
// move session.ErrUnavailable, and the record stays in its claim until the next call.
//
// A record that moves gets the ttl of New, since no store tells how much it has left. Its next touch or save sets it
// right. A claim makes a record some 40 bytes larger while it is there.
package migrate

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// store is a session.Store over two others.
type store struct {
	to, from session.Store
	ttl      time.Duration
	now      func() time.Time
}

// New returns a store that keeps its records in to, and moves those there that it finds in from. ttl is what a record
// has left after its move: the longest IdleTimeout of the site's managers. What it returns has Ping, which asks both
// stores, and Reset. It closes neither.
func New(to, from session.Store, ttl time.Duration) session.Store {
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

// Add stores value in to if neither store has the key.
func (s *store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	for {
		switch _, _, err := s.locate(ctx, key); {
		case err == nil:
			return session.ErrExists
		case !errors.Is(err, session.ErrNotFound):
			return refused(err)
		}
		// What exists may be no more than a claim without a record.
		if err := s.to.Add(ctx, key, value, ttl); !errors.Is(err, session.ErrExists) {
			return err
		}
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
	return session.ErrStale // it has been moved away and is back, and v is of the time before
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
