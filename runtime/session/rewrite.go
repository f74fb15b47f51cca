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

// rewrite replaces a live record by what edit makes of it: with the record that was loaded first, if that is known to be
// the store's, and after a conflict with the one that is there then, until the context ends. It owns every
// compare-and-swap of this package.
//
// Its errors: ErrGone where there is no live record any more or its lifetime is over, as *renewedError where a renewal has
// ended it; ErrConflict; ErrUnavailable; ErrUnknown if a write may have happened and, because edit's work is not
// repeatable, cannot be tried again; and whatever edit returns.
func (c *Core) rewrite(ctx context.Context, key string, repeatable bool, edit func(fields []byte, created time.Time) ([]byte, error)) error {
	fields, created, version := c.Fields.Base(), c.created, c.version
	current := c.current && key == c.key
	waited, err := c.e.locks.lock(ctx, key)
	if err != nil {
		return ErrConflict
	}
	defer c.e.locks.unlock(key)
	if key == c.key {
		c.current = false // whatever comes of it
	}
	current = current && !waited
	now := c.e.cfg.Now()
	if current && c.e.expired(created, now) {
		return ErrGone // as fetch would say
	}
	var (
		plain  []byte
		sealed []byte
		sent   token.RecordNonce
		ends   bool // sealed is a tombstone
		doubt  bool // a write of ours may have happened
		wait   = c.e.backoff()

		conflict = waited // another write has come before one of ours
		reads    int      // that have failed
	)
	buf := c.e.buffer()
	defer c.e.recycle(buf)
	for {
		if !current {
			now = c.e.cfg.Now()
			s, err := c.e.fetch(ctx, key, now)
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
				c.size = s.size
				return nil
			}
			if s.version != version {
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
			fields, created, version, current = s.fields, s.created, s.version, true
		}
		if sealed == nil {
			if plain, err = edit(fields, created); err != nil {
				if key == c.key && err == errKeep {
					c.version, c.current = version, true
					c.Fields.Commit(fields)
				}
				return inDoubt(err, doubt)
			}
			sealed = c.e.ring.Seal(buf.b[:0], key, plain)
			buf.b = sealed
			sent = token.Nonce(sealed)
			ends = plain[0] != kindLive
		}
		err := c.e.store.Swap(ctx, key, sealed, version, c.e.ttl(created, now))
		switch {
		case err == nil:
			c.e.touches.note(key, now)
			c.size = len(sealed)
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
		current = false
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
