package migrate

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// look reads what a store has under key: nothing, a record (value), or a claim.
func look(ctx context.Context, key string, in session.Store) (value []byte, v session.Version, c *claim, err error) {
	value, v, err = in.Get(ctx, key)
	if errors.Is(err, session.ErrNotFound) {
		return nil, v, nil, nil
	}
	if err != nil {
		return nil, v, nil, err
	}
	if read, ok := readClaim(value); ok {
		return nil, v, &read, nil
	}
	if value == nil {
		value = []byte{} // an empty record is one
	}
	return value, v, nil, nil
}

// A watch is one call's look at the claims that it meets.
type watch struct {
	ctx   context.Context
	now   func() time.Time
	seen  sighting // the claim that was met last
	since time.Time
	late  int // steps that took longer than the claim that they were made under
}

// A sighting tells a claim from all others: a version alone may be one of either store's.
type sighting struct {
	version  session.Version
	deadline int64
}

func (s *store) watch(ctx context.Context) *watch { return &watch{ctx: ctx, now: s.now} }

// over says whether the time of a claim is over: by its deadline, or because it has been there for as long as any
// lasts.
func (w *watch) over(c claim, v session.Version) bool {
	if seen := (sighting{v, c.deadline}); w.seen != seen {
		w.seen, w.since = seen, time.Now()
	}
	return w.now().UnixNano() > c.deadline || time.Since(w.since) > claimTime
}

// maxLate is how often a call begins anew because a store, or this machine, was too slow.
const maxLate = 8

// unlessLate returns the error of a step that was made under a claim, and nil if the time of the claim, but not that
// of the call, was over by then: the caller looks again, and goes on from what it finds.
func (w *watch) unlessLate(h *held, err error) error {
	if err == nil || h.ctx.Err() != context.DeadlineExceeded || w.ctx.Err() != nil || w.late == maxLate {
		return err
	}
	w.late++
	return nil
}

// pause waits a moment, which is not the same for two calls that are in each other's way.
func (w *watch) pause() error {
	select {
	case <-time.After(pollEvery/2 + rand.N(pollEvery)):
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}
