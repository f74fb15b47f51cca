package session

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// Save writes what has changed since the last Save and, if the session is new or has a new id, sets the cookie. Without
// changes it does nothing. The changes stay pending if it fails, so that it can be tried again.
//
// See "Concurrency" in the package comment for what becomes of changes that other requests made meanwhile, and the
// package's errors for what Save may report.
func (c *Core) Save() error {
	defer c.release(c.observed())
	return c.save()
}

// save is Save for whoever holds c.mu.
func (c *Core) save() error {
	if err := c.finish(); err != nil {
		return c.fails(err)
	}
	changes, err := c.Work().Begin()
	if err != nil {
		return c.fails(c.refused(err))
	}
	renews := changes.Renews(c.e.layout)
	if changes.Empty() && !c.renew {
		return nil
	}
	kind, outcome := Failed, ErrUnknown // of a panic, in the store or the clock or the logger
	defer func() {
		c.wrote(kind, changes, outcome)
		if outcome != nil {
			if c.unfinished == nil {
				c.Work().Abort(changes)
			}
			c.unsure = c.unsure || errors.Is(outcome, ErrUnknown)
		}
	}()
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	p, err := c.passing(changes)
	renews = renews || p.moves
	// A login gives privileges to a session that had none, or gives it to another where sessions have owners. It alone
	// outlives the record that it was loaded from.
	if !p.known {
		p.login = renews && !c.privileged && c.Work().Privileged()
	}
	kind = c.kindOf(renews, p)
	var plain []byte
	renews = renews || c.renew
	if err == nil && c.phase == phaseLive && !(renews && c.current) {
		// A record that is too large, or a value that does not fit, fails before any I/O.
		plain, err = c.replay(c.term, c.Work().Base(), changes)
	}
	switch {
	case err != nil:
	case c.phase == phaseNew, c.phase == phaseEnded && p.login:
		plain, err = c.create(ctx, changes, p)
	case c.phase == phaseEnded:
		err = ErrGone
	case renews:
		plain, err = c.renewal(ctx, changes, p)
	case p.marks:
		plain, err = c.updateMarked(ctx, changes, p)
	default:
		plain, err = c.update(ctx, changes, plain)
	}
	if outcome = err; err != nil {
		return err
	}
	c.saved(plain, changes)
	if c.phase == phaseLive {
		c.remember = unsaid
	}
	if renews {
		c.privileged = c.Work().Privileged()
		c.renew = false
	}
	return nil
}

// saved notes that the store has the changes, in a plain record.
func (c *Core) saved(plain []byte, changes record.Changes) {
	c.Work().Commit(plain[plainHeader:])
	if own := c.Work().Own(c.own(), changes, planted); own != nil {
		c.rarely().own = own
	}
	c.unsure = false
}

// pending reports whether there is something to save, for whoever holds c.mu.
func (c *Core) pending() bool { return c.renew || c.unfinished != nil || c.Work().Changed() }

// create writes the changes as a session of their own. If they leave nothing to write, it writes nothing.
func (c *Core) create(ctx context.Context, changes record.Changes, p passing) ([]byte, error) {
	d, err := c.draft(nil, term{}, changes, p)
	if err != nil || record.Empty(d.plain[plainHeader:]) {
		return d.plain, err
	}
	if c.resp.late() {
		return nil, ErrLateSave
	}
	in := enrolment{c: c}
	next, err := in.arrive(ctx, &d, "")
	if err != nil {
		return nil, err
	}
	c.moveTo(next)
	return d.plain, nil
}

// moveTo makes the core a session that has just been added, and sends its cookie.
func (c *Core) moveTo(a added) {
	c.flags = c.flags&^rules | a.term.flags&rules
	c.adopt(a.id, a.key, a.term, a.size)
	if c.roster != a.roster || c.owner == "" {
		c.owner = c.ownerOf(a.roster)
	}
	c.roster = a.roster
	c.sendCookie()
}

// update merges the changes into the record that the store has. first is what they make of the one that was loaded.
func (c *Core) update(ctx context.Context, changes record.Changes, first []byte) ([]byte, error) {
	done, err := c.rewrite(ctx, edit{
		apply: edit.merge, core: c, changes: changes, first: first, repeatable: changes.Repeatable(), joins: true,
	})
	return done.plain, err
}

// merge is the apply of a Save that keeps its id.
func (ed edit) merge(fields []byte, t term) (edited, error) {
	h := recordHeader(kindLive, t)
	plain, err := ed.core.replayed(ed.core.Work().ReplayFor(h[:], fields, ed.changes))
	return edited{plain: plain}, err
}

// replay returns the plain record that the changes make of one, and checks its size.
func (c *Core) replay(t term, base []byte, changes record.Changes) ([]byte, error) {
	h := recordHeader(kindLive, t)
	return c.replayed(c.Work().Replay(h[:], base, changes))
}

// replayed checks what a replay has made of a record.
func (c *Core) replayed(plain []byte, err error) ([]byte, error) {
	if _, refused := errors.AsType[*record.Error](err); refused {
		return nil, c.refused(err)
	}
	if err != nil { // it was what another request wrote meanwhile
		return nil, c.unreadable(err)
	}
	return c.checkSize(plain)
}

// checkSize returns a plain record, if it is not too large.
func (c *Core) checkSize(plain []byte) ([]byte, error) {
	if n := len(plain) + c.e.ring.Overhead(); n > c.e.cfg.MaxSize {
		return nil, &SizeError{Size: n, Max: c.e.cfg.MaxSize, Fields: record.Sizes(plain[plainHeader:])}
	}
	return plain, nil
}

// refused makes an error of record's, why changes cannot be saved, one of this package's.
func (c *Core) refused(err error) error {
	switch e := err.(type) {
	case *record.Error:
		return &FieldError{Field: e.Field.Name, Key: e.Field.Key, Err: e.Err}
	case *record.TooLarge:
		return &SizeError{Size: e.Size + c.e.recordOverhead(), Max: c.e.cfg.MaxSize, Fields: e.Sizes}
	}
	return err
}

// added is a record that has just been written under an id of its own.
type added struct {
	id     token.ID
	key    string
	term   term
	roster token.Roster // that it has to be on
	size   int
}

// add writes a record under a fresh id, which nobody else knows. Each try has an id of its own: a write that seemed
// lost may still arrive, and must not bring back a session that has ended since. The record that it leaves then is
// nobody's, and expires.
func (c *Core) add(ctx context.Context, plain []byte, t term) (added, error) {
	doubt := false
	for wait := c.e.backoff(); ; {
		a := added{id: token.NewID(), term: t}
		a.key = c.e.ring.StoreKey(c.e.cfg.KeyPrefix, a.id)
		sealed := c.e.ring.Seal(nil, a.key, plain)
		a.size = len(sealed)
		now := c.e.cfg.Now()
		err := c.e.pool(t.flags).Add(ctx, a.key, sealed, c.e.ttl(t, now))
		switch {
		case err == nil:
			c.e.touches.note(a.key, now)
			return a, nil
		case errors.Is(err, ErrExists):
			return added{}, ErrConflict // 128 random bits twice: the source of randomness is broken
		case errors.Is(err, ErrTooLarge):
			return added{}, &SizeError{Size: len(sealed), Fields: record.Sizes(plain[plainHeader:])}
		case errors.Is(err, ErrUnavailable):
			return added{}, inDoubt(err, doubt)
		}
		doubt = true
		if !wait.pause(ctx) {
			return added{}, inDoubt(unavailable(err), doubt)
		}
	}
}
