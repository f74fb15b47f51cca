package session

import (
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// inDoubt adds to an error that something may have been written.
func inDoubt(err error, doubt bool) error {
	if doubt && !errors.Is(err, ErrUnknown) {
		return errors.Join(err, ErrUnknown)
	}
	return err
}

// maxReads is how often a record is asked for in a store that does not answer.
const maxReads = 4

// errKeep is returned by an edit that wants nothing written.
var errKeep = errors.New("session: nothing to write")

// A snapshot is a live record as it was last seen.
type snapshot struct {
	fields  []byte
	created time.Time
	version Version
	current bool // the store is believed to have it still
	size    int
}

// rewrite replaces the core's record. See engine.rewrite.
func (c *Core) rewrite(ctx context.Context, repeatable bool, edit func(fields []byte, created time.Time) ([]byte, error)) error {
	s := snapshot{fields: c.Fields.Base(), created: c.created, version: c.version, current: c.current}
	err := c.e.rewrite(ctx, c.key, &s, repeatable, edit)
	c.current = false // whatever came of it
	switch err {
	case nil:
		c.size = s.size
	case errKeep:
		c.version, c.current = s.version, true
		c.Fields.Commit(s.fields)
	}
	return err
}

// rewrite replaces a live record by what edit makes of it: with the record that was seen last first, if that is believed to
// be the store's, and after a conflict with the one that is there then, until the context ends. It owns every
// compare-and-swap of this package. A tombstone is written for as long as anybody is to find it: then the store forgets it,
// and with it the id.
//
// Its errors: ErrGone where there is no live record any more or its lifetime is over, as *renewedError where a renewal has
// ended it; ErrConflict; ErrUnavailable; ErrUnknown if a write may have happened and, because edit's work is not
// repeatable, cannot be tried again; and whatever edit returns.
func (e *engine) rewrite(
	ctx context.Context, key string, seen *snapshot, repeatable bool, edit func(fields []byte, created time.Time) ([]byte, error),
) error {
	waited, err := e.locks.lock(ctx, key)
	if err != nil {
		return ErrConflict
	}
	defer e.locks.unlock(key)
	seen.current = seen.current && !waited
	now := e.cfg.Now()
	if seen.current && e.expired(seen.created, now) {
		return ErrGone // as fetch would say
	}
	var (
		plain  []byte
		sealed []byte
		sent   token.RecordNonce
		ends   bool // sealed is a tombstone
		doubt  bool // a write of ours may have happened
		wait   = e.backoff()

		conflict = waited // another write has come before one of ours
		reads    int      // that have failed
	)
	buf := e.buffer()
	defer e.recycle(buf)
	for {
		if !seen.current {
			now = e.cfg.Now()
			s, err := e.fetch(ctx, key, now)
			switch {
			case errors.Is(err, ErrNotFound):
				return inDoubt(ErrGone, doubt)
			case err != nil:
				if reads++; reads < maxReads && wait.pause(ctx) {
					continue
				}
				if conflict && ctx.Err() != nil {
					err = ErrConflict
				}
				return inDoubt(err, doubt)
			case doubt && s.nonce == sent:
				seen.size = s.size
				return nil
			}
			if s.version != seen.version {
				// What was sent cannot be written any more. Fields that were written may live on in what came after them,
				// but a tombstone is never overwritten, so that none was written.
				sealed, doubt = nil, doubt && !ends
			}
			switch {
			case s.kind != kindLive:
				return inDoubt(ended(s), doubt)
			case doubt && sealed == nil && !repeatable:
				return ErrUnknown
			}
			*seen = snapshot{fields: s.fields, created: s.created, version: s.version, current: true}
		}
		if sealed == nil {
			if plain, err = edit(seen.fields, seen.created); err != nil {
				return inDoubt(err, doubt)
			}
			sealed = e.ring.Seal(buf.b[:0], key, plain)
			buf.b = sealed
			sent = token.Nonce(sealed)
			ends = plain[0] != kindLive
		}
		ttl := e.ttl(seen.created, now)
		if ends {
			ttl = tombstoneGrace
		}
		err := e.store.Swap(ctx, key, sealed, seen.version, ttl)
		switch {
		case err == nil:
			e.touches.note(key, now)
			seen.size = len(sealed)
			return nil
		case errors.Is(err, ErrTooLarge):
			return &SizeError{Size: len(sealed), Fields: record.Sizes(plain[plainHeader:])}
		case errors.Is(err, ErrUnavailable):
			return inDoubt(err, doubt)
		case errors.Is(err, ErrNotFound):
			return inDoubt(ErrGone, doubt)
		case errors.Is(err, ErrStale):
			conflict = true
			if !wait.pause(ctx) {
				return inDoubt(ErrConflict, doubt)
			}
		default:
			doubt = true
			if !wait.pause(ctx) {
				return inDoubt(unavailable(err), doubt)
			}
		}
		seen.current = false
	}
}

// A renewedError is the ErrGone of a record that a renewal has ended.
type renewedError struct{ next successor }

func (*renewedError) Error() string { return ErrGone.Error() }
func (*renewedError) Unwrap() error { return ErrGone }

// ended returns why a record that is not live has ended.
func ended(s stored) error {
	if s.kind == kindRenewed {
		return &renewedError{next: s.next}
	}
	return ErrGone
}

// A backoff spreads the tries of those who write the same record from several processes: each pause is a random part of a
// bound that doubles from 1 to 32 ms. Within a second that is about 60 tries.
type backoff struct {
	tries  int
	jitter func(bound time.Duration) time.Duration // of the engine
}

func (e *engine) backoff() backoff { return backoff{jitter: e.jitter} }

// pause waits and reports whether there is time for another try.
func (b *backoff) pause(ctx context.Context) bool {
	bound := time.Millisecond << min(b.tries, 5)
	b.tries++
	if b.tries == 1 {
		return ctx.Err() == nil // most conflicts are over at once
	}
	timer := time.NewTimer(b.jitter(bound))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
