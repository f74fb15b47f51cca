package session

import (
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// An unfinished renewal is one whose tombstone was sent and never answered: nobody knows whether the session has
// moved to its new id. The record there is kept, and the changes are neither saved nor pending, until the next Save
// finds out.
type unfinished struct {
	changes    record.Changes
	plain      []byte   // the new record
	next       added    // where it is
	seen       snapshot // of the old one, with the tombstone
	passing    passing
	kind       Kind // of the Save that it was
	enrolment  enrolment
	renew      bool // Renew was called
	remember   wish
	privileged bool // as of the new record
}

// finish goes on with a renewal that is unfinished. If the old record is its tombstone, or can be replaced by it still,
// the session has moved, and its cookie is sent; what was changed since is pending. If the old record has changed or
// ended otherwise, the tombstone can never be written any more: all changes are pending then, as after any other error.
// The error is that nobody knows yet. It may take a SaveTimeout of its own.
func (c *Core) finish() error {
	u := c.unfinished
	if u == nil {
		return nil
	}
	if c.resp.late() {
		return inDoubt(ErrLateSave, true)
	}
	if err := c.resp.leaving(); err != nil {
		return inDoubt(err, true)
	}
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	seen, _, err := c.e.rewrite(ctx, c.key, u.seen, edit{repeatable: true, apply: func(edit, []byte, term) (edited, error) {
		return edited{}, errKeep // another request has saved the session under its old id
	}})
	c.report.tried(seen.tries)
	if seen.lost != nil {
		u.seen = seen
		return err
	}
	c.unfinished = nil
	if err != nil {
		c.Work().Abort(u.changes)
		c.renew = c.renew || u.renew
		if c.remember == unsaid {
			c.remember = u.remember
		}
		if !errors.Is(err, ErrUnknown) { // else it has been the tombstone, and is gone
			u.enrolment.withdraw(ctx)
			c.discard(ctx, u.next)
		}
		return nil
	}
	c.passOn(ctx, u.passing, u.next)
	c.saved(u.plain, u.changes)
	c.privileged = u.privileged
	c.wrote(u.kind, u.changes, nil)
	return nil
}

// ending ends the session at its new id.
func (u *unfinished) ending() ending {
	return ending{key: u.next.key, seen: snapshot{term: u.next.term}, roster: u.next.roster}
}
