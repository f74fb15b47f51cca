package session

import (
	"bytes"
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// maxReads is how often a record is asked for in a store that does not answer.
const maxReads = 4

// errKeep is returned by an edit that wants nothing written.
var errKeep = errors.New("session: nothing to write")

// A snapshot is a live record as it was last seen.
type snapshot struct {
	fields  []byte
	term    term
	version Version
	current bool // the store is believed to have it still
	size    int
	plain   []byte     // what has replaced it, if anything has
	lost    *tombstone // may have replaced it
	tries   int        // compare-and-swaps of the rewrite that has seen it
}

// A tombstone that was sent in place of a record, and of which nobody knows whether it was written: what a rewrite
// needs to go on with it.
type tombstone struct{ plain, sealed []byte }

// rewrite replaces the core's record. See engine.rewrite.
func (c *Core) rewrite(ctx context.Context, repeatable bool, edit edit) error {
	_, err := c.rewriteSeen(ctx, repeatable, edit)
	return err
}

// rewriteSeen returns what has been seen of the record too.
func (c *Core) rewriteSeen(ctx context.Context, repeatable bool, edit edit) (snapshot, error) {
	seen := snapshot{fields: c.Work().Base(), term: c.term, version: c.version, current: c.current}
	seen, err := c.e.rewrite(ctx, c.key, seen, repeatable, edit)
	c.current = false // whatever came of it
	c.report.tried(seen.tries)
	switch err {
	case nil:
		c.size = seen.size
	case errKeep:
		c.version, c.current = seen.version, true
		c.Work().Commit(seen.fields)
	}
	return seen, err
}

// A rewrite replaces one live record by what an edit makes of it: with the record that was seen last first, if that is
// believed to be the store's, and after a conflict with the one that is there then, until its context ends. It is the
// only place of this package that does a compare-and-swap, and holds the key's lock meanwhile.
//
// Invariants between its steps:
//
//   - sealed is what edit made of seen, or nil where seen has changed since;
//   - doubt is set from a swap whose outcome is unknown until a read shows that it was or was not written, or that it
//     no longer can be: then an edit that is not repeatable is not tried again;
//   - a tombstone is never overwritten: where the record has another version than seen and is live, none was written.
type rewrite struct {
	e          *engine
	store      Store // where the record is
	key        string
	seen       snapshot
	repeatable bool
	edit       edit

	now      time.Time // of the last look at the record
	plain    []byte
	sealed   []byte // plain, as it is sent
	sent     token.RecordNonce
	ends     bool // sealed is a tombstone
	doubt    bool
	conflict bool // another write has come before one of this rewrite
	failed   int  // reads that have failed
	tries    int  // swaps
	wait     backoff
	room     *buffer // for sealed
}

// An edit returns the plain record that is to replace one with these fields, or why none is. It is called again after a
// conflict.
type edit func(fields []byte, t term) (plain []byte, err error)

// rewrite does a rewrite of the record that was seen last, and returns what it has seen of it since. A tombstone is
// written for as long as anybody is to find it: then the store forgets it, and with it the id.
//
// Its errors: ErrGone where there is no live record any more or its lifetime is over, as *renewedError where a renewal
// has ended it; ErrConflict; ErrUnavailable; ErrUnknown if a write may have happened and, because edit's work is not
// repeatable, cannot be tried again; and whatever edit returns. Where a tombstone may have been written it is in the
// snapshot, with which another rewrite goes on where this one has ended.
func (e *engine) rewrite(ctx context.Context, key string, seen snapshot, repeatable bool, edit edit) (snapshot, error) {
	waited, err := e.locks.lock(ctx, key)
	if err != nil {
		return seen, inDoubt(ErrConflict, seen.lost != nil)
	}
	defer e.locks.unlock(key)
	w := rewrite{
		e: e, store: e.pool(seen.term.flags), key: key, seen: seen, repeatable: repeatable, edit: edit,
		now: e.cfg.Now(), conflict: waited, wait: e.backoff(), room: e.buffer(),
	}
	defer e.recycle(w.room)
	w.seen.current = seen.current && !waited
	if t := seen.lost; t != nil {
		w.sending(t.plain, t.sealed)
		w.doubt = true
	}
	err = w.run(ctx)
	w.seen.lost, w.seen.tries = nil, w.tries
	if w.doubt && w.ends && !errors.Is(err, ErrGone) {
		w.seen.lost = &tombstone{plain: w.plain, sealed: bytes.Clone(w.sealed)} // whose room is others' now
	}
	return w.seen, inDoubt(err, w.doubt)
}

// run reads, prepares and swaps until the record is replaced or cannot be.
func (w *rewrite) run(ctx context.Context) error {
	if w.seen.current && w.e.expired(w.seen.term, w.now) {
		return ErrGone // as a read would say
	}
	for {
		if !w.seen.current {
			if written, err := w.read(ctx); written || err != nil {
				return err
			}
		}
		if w.sealed == nil {
			if err := w.prepare(); err != nil {
				return err
			}
		}
		if written, err := w.swap(ctx); written || err != nil {
			return err
		}
		w.seen.current = false
	}
}

// read makes seen the record that the store has now. It reports whether that is the one that was sent.
func (w *rewrite) read(ctx context.Context) (written bool, err error) {
	s, err := w.fetch(ctx)
	if err != nil {
		return false, err
	}
	if w.doubt && s.nonce == w.sent {
		w.written(s.size)
		return true, nil
	}
	if s.version != w.seen.version {
		// The record that was sent cannot be written any more. Fields that were written may live on in the records
		// after it, a tombstone cannot.
		w.sealed, w.doubt = nil, w.doubt && !w.ends
	}
	switch {
	case s.kind != kindLive:
		return false, ended(s)
	case w.doubt && w.sealed == nil && !w.repeatable:
		return false, ErrUnknown
	}
	w.seen = snapshot{fields: s.fields, term: s.term, version: s.version, current: true}
	return false, nil
}

// fetch asks for the record, several times if the store does not answer.
func (w *rewrite) fetch(ctx context.Context) (stored, error) {
	for {
		w.now = w.e.cfg.Now()
		s, err := w.e.fetch(ctx, w.store, w.key, w.now)
		if err == nil {
			return s, nil
		}
		if err == errUnopened {
			return stored{}, errUnreadable
		}
		if errors.Is(err, ErrNotFound) {
			return stored{}, ErrGone
		}
		if w.failed++; w.failed < maxReads && w.wait.pause(ctx) {
			continue
		}
		if w.conflict && ctx.Err() != nil {
			err = ErrConflict
		}
		return stored{}, err
	}
}

// prepare makes of seen what is to be sent.
func (w *rewrite) prepare() error {
	plain, err := w.edit(w.seen.fields, w.seen.term)
	if err != nil {
		return err
	}
	w.room.b = w.e.ring.Seal(w.room.b[:0], w.key, plain)
	w.sending(plain, w.room.b)
	return nil
}

func (w *rewrite) sending(plain, sealed []byte) {
	w.plain, w.sealed = plain, sealed
	w.sent = token.Nonce(sealed)
	w.ends = plain[0]&kindBits != kindLive
}

// swap sends it, and reports whether it is written. If neither that nor an error, the record has to be read again.
func (w *rewrite) swap(ctx context.Context) (written bool, err error) {
	w.tries++
	err = w.store.Swap(ctx, w.key, w.sealed, w.seen.version, w.ttl())
	switch {
	case err == nil:
		w.e.touches.note(w.key, w.now)
		w.written(len(w.sealed))
		return true, nil
	case errors.Is(err, ErrTooLarge):
		w.doubt = false
		return false, &SizeError{Size: len(w.sealed), Fields: record.Sizes(w.plain[plainHeader:])}
	case errors.Is(err, ErrUnavailable):
		return false, err
	case errors.Is(err, ErrNotFound):
		return false, ErrGone
	case errors.Is(err, ErrStale):
		w.conflict, err = true, ErrConflict
	default:
		w.doubt, err = true, unavailable(err)
	}
	if w.wait.pause(ctx) {
		return false, nil
	}
	return false, err
}

func (w *rewrite) ttl() time.Duration {
	if w.ends {
		return tombstoneGrace
	}
	return w.e.ttl(w.seen.term, w.now)
}

// written notes that the store has what was sent.
func (w *rewrite) written(size int) {
	w.seen.size, w.seen.plain, w.doubt = size, w.plain, false
}

// inDoubt adds to an error that something may have been written.
func inDoubt(err error, doubt bool) error {
	if doubt && !errors.Is(err, ErrUnknown) {
		return errors.Join(err, ErrUnknown)
	}
	return err
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
