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
	current bool       // the store is believed to have it still
	lost    *tombstone // may have replaced it
	tries   int        // compare-and-swaps of the rewrite that has seen it
}

// A tombstone that was sent in place of a record, and of which nobody knows whether it was written: what a rewrite
// needs to go on with it.
type tombstone struct{ plain, sealed []byte }

// An edit is what somebody wants of a record.
type edit struct {
	// apply returns what is to replace a record with these fields, or why nothing is. It is called again after a conflict.
	apply func(ed edit, fields []byte, t term) (edited, error)

	// A Save's apply finds here what it needs: a closure is an allocation.
	core    *Core
	changes record.Changes
	first   []byte // what apply makes of the record that the rewrite begins with, if that is known

	// repeatable: to do it twice does no more than to do it once.
	repeatable bool

	// joins: it may be written together with others', by whoever holds the lock and perhaps after its own request has
	// given up. apply looks at nothing of its session then but what never changes, and at the changes that it was made
	// with.
	joins bool
}

// edited is what an edit makes of a record.
type edited struct {
	plain []byte
	taken []byte // by a Take
	sum   uint64 // of a Count
}

// rewrite replaces the core's record. See engine.rewrite.
func (c *Core) rewrite(ctx context.Context, ed edit) (edited, error) {
	_, done, err := c.rewriteSeen(ctx, ed)
	return done, err
}

// rewriteSeen returns what has been seen of the record too.
func (c *Core) rewriteSeen(ctx context.Context, ed edit) (snapshot, edited, error) {
	seen := snapshot{fields: c.Work().Base(), term: c.term, version: c.version, current: c.current}
	seen, done, err := c.e.rewrite(ctx, c.key, seen, ed)
	c.current = false // whatever came of it
	c.report.tried(seen.tries)
	switch err {
	case nil:
		c.size = len(done.plain) + c.e.ring.Overhead()
	case errKeep:
		c.version, c.current = seen.version, seen.current
		c.Work().Commit(seen.fields)
	}
	return seen, done, err
}

// A rewrite replaces one live record by what edits make of it: with the record that was seen last first, if that is
// believed to be the store's, and after a conflict with the one that is there then, until its context ends. It is the
// only place of this package that does a compare-and-swap of a session, and holds the key's lock meanwhile.
//
// Others' edits may be written with it: see together.go.
//
// Invariants between its steps:
//
//   - sealed is what the parts made of seen, or nil where seen has changed since; nobody is taken then;
//   - a part is in doubt from a swap whose outcome is unknown until a read shows that it was or was not written, or
//     that it no longer can be: then one that is not repeatable is not tried again;
//   - a tombstone is never overwritten: where the record has another version than seen and is live, none was written.
type rewrite struct {
	e      *engine
	store  Store // where the record is
	key    string
	seen   snapshot
	own    part
	others []*waiter // who are taken

	run      *saveContext // outlasts own's, where another part has more time; else nil
	now      time.Time    // of the last look at the record
	plain    []byte
	sealed   []byte // plain, as it is sent
	sent     token.RecordNonce
	ends     bool // sealed is a tombstone
	conflict bool // another write has come before one of this rewrite
	failed   int  // reads that have failed
	wait     backoff
	room     *buffer // for sealed
}

// rewrite does a rewrite of the record that was seen last, or has another request do it, and returns what has been seen
// of it since. A tombstone is written for as long as anybody is to find it: then the store forgets it, and with it the
// id.
//
// Its errors: ErrGone where there is no live record any more or its lifetime is over, as *renewedError where a renewal
// has ended it; ErrConflict; ErrUnavailable; ErrUnknown if a write may have happened and, because the edit is not
// repeatable, cannot be tried again, or because the time is up while another request writes it; and whatever the edit
// returns. Where a tombstone may have been written it is in the snapshot, with which another rewrite goes on where this
// one has ended.
func (e *engine) rewrite(ctx context.Context, key string, seen snapshot, ed edit) (snapshot, edited, error) {
	own := part{edit: ed, ctx: ctx, doubt: seen.lost != nil}
	waited, err := e.locks.lock(key, own)
	switch {
	case err != nil:
		return seen, edited{}, err
	case waited != nil && waited.told:
		return snapshot{fields: waited.base, tries: waited.tries}, waited.edited, waited.err
	case waited != nil:
		own, seen.current = waited.part, false
	}
	err = ErrUnknown // of a panic, in the store or the clock, as far as others are concerned
	w := rewrite{
		e: e, store: e.pool(seen.term.flags), key: key, seen: seen, own: own, conflict: waited != nil, wait: e.backoff(),
	}
	defer func() {
		w.tell(err)
		e.locks.unlock(key)
	}()
	w.now, w.room = e.cfg.Now(), e.buffer()
	defer e.recycle(w.room)
	if t := seen.lost; t != nil {
		w.sending(t.plain, t.sealed)
	}
	err = w.swapped()
	w.seen.lost, w.seen.tries = nil, w.own.tries
	if w.own.doubt && w.ends && err != nil && !errors.Is(err, ErrGone) {
		w.seen.lost = &tombstone{plain: w.plain, sealed: bytes.Clone(w.sealed)} // whose room is others' now
	}
	if err != nil {
		return w.seen, edited{}, inDoubt(err, w.own.doubt)
	}
	return w.seen, w.own.edited, nil
}

// swapped reads, prepares and swaps until the record is replaced or cannot be.
func (w *rewrite) swapped() error {
	if w.seen.current && w.e.expired(w.seen.term, w.now) {
		return ErrGone // as a read would say
	}
	for {
		if !w.seen.current {
			if written, err := w.read(); written || err != nil {
				return err
			}
		}
		if w.sealed == nil {
			if err := w.prepare(); err != nil {
				return err
			}
		}
		if written, err := w.swap(); written || err != nil {
			return err
		}
		w.seen.current = false
	}
}

// read makes seen the record that the store has now. It reports whether that is the one that was sent.
func (w *rewrite) read() (written bool, err error) {
	s, err := w.fetch()
	switch {
	case err != nil:
	case w.own.doubt && w.sealed != nil && s.nonce == w.sent:
		return true, nil
	case s.kind != kindLive:
		w.own.doubt = w.own.doubt && !w.ends
		err = ended(s)
	}
	if errors.Is(err, ErrGone) {
		w.join() // nothing brings it back for those who wait
	}
	if err != nil {
		return false, err
	}
	if s.version != w.seen.version {
		// The record that was sent cannot be written any more. Fields that were written may live on in the records
		// after it, a tombstone cannot.
		w.own.doubt = w.own.doubt && !w.ends
		w.release()
		if w.own.doubt && !w.own.repeatable {
			return false, ErrUnknown
		}
	}
	if s.term != w.seen.term || !bytes.Equal(s.fields, w.seen.fields) {
		w.own.first = nil
	}
	w.seen = snapshot{fields: s.fields, term: s.term, version: s.version, current: true}
	return false, nil
}

// fetch asks for the record, several times if the store does not answer.
func (w *rewrite) fetch() (stored, error) {
	for {
		w.now = w.e.cfg.Now()
		s, err := w.e.fetch(w.ctx(), w.store, w.key, w.now)
		if err == nil {
			return s, nil
		}
		if err == errUnopened {
			return stored{}, errUnreadable
		}
		if errors.Is(err, ErrNotFound) {
			return stored{}, ErrGone
		}
		if w.failed++; w.failed < maxReads && w.wait.pause(w.ctx()) {
			continue
		}
		if w.conflict && w.ctx().Err() != nil {
			err = ErrConflict
		}
		return stored{}, err
	}
}

// prepare makes of seen what is to be sent.
func (w *rewrite) prepare() error {
	own := edited{plain: w.own.first}
	if own.plain == nil {
		var err error
		if own, err = w.own.apply(w.own.edit, w.seen.fields, w.seen.term); err != nil {
			return err
		}
	}
	w.own.edited = own
	plain := own.plain
	w.join()
	for _, x := range w.others {
		x.base = plain[plainHeader:]
		if x.edited, x.err = x.apply(x.edit, x.base, w.seen.term); x.err == nil {
			plain = x.plain
		}
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
func (w *rewrite) swap() (written bool, err error) {
	w.tried()
	err = w.store.Swap(w.ctx(), w.key, w.sealed, w.seen.version, w.ttl())
	switch {
	case err == nil:
		w.e.touches.note(w.key, w.now)
		return true, nil
	case errors.Is(err, ErrTooLarge) && len(w.others) > 0:
		w.own.joins = false
		w.release()
		return false, nil
	case errors.Is(err, ErrTooLarge):
		return false, &SizeError{Size: len(w.sealed), Fields: record.Sizes(w.plain[plainHeader:])}
	case errors.Is(err, ErrUnavailable):
		return false, err
	case errors.Is(err, ErrNotFound):
		return false, ErrGone
	case errors.Is(err, ErrStale):
		if w.conflict, err = true, ErrConflict; !w.own.doubt {
			w.release()
		}
	default:
		err = unavailable(err)
		w.doubted()
	}
	if w.wait.pause(w.ctx()) {
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
