package session

import (
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// Destroy ends the session: the record in the store and the cookie. The session is empty and new afterwards; what is
// set on it then and saved gets an id of its own. Ending is final: no request that still holds the session can bring it
// back, also not one that was about to renew its id. Where the request has several cookies of the session's name, as
// after a change of Domain or Path, the sessions of all that verify end, as many as Load would ask for.
//
// The cookie is expired even when the store fails; the error then says that the record may live on. Destroy is not done
// until it has succeeded: each further call on this session tries again, and returns nil only when all that it was
// called for has ended. Meanwhile the manager tries by itself, for as long as the process and the record live: see
// "Ending" in the package comment.
//
// Within Middleware, ErrLateSave says that the record has ended but the cookie could not be expired, because the header
// had gone out.
func (c *Core) Destroy() error {
	defer c.release(c.observed())
	return c.destroy()
}

func (c *Core) destroy() error {
	out := c.rarely()
	if c.key != "" { // a new session's: the store missed the record, or cannot read it, and may have it again tomorrow
		x := ending{
			key: c.key, seen: snapshot{term: c.term, version: c.version, current: c.current}, roster: c.roster,
		}
		if m, ok := markOf(c.Work().Base()); ok {
			x.roster, x.device = m.roster, m.device
		}
		out.ending = append(out.ending, x)
		c.endOthers(out)
	}
	if c.unfinished != nil { // a login's tombstone would not lead there
		out.ending = append(out.ending, c.unfinished.ending())
		c.unfinished = nil
	}
	switch c.phase {
	case phaseLive:
		out.cookieDue = c.resp.w != nil // there is no browser to tell of one that was opened
	case phaseNew:
		out.cookieDue = out.cookieDue || c.resp.request != nil && c.e.offersToken(c.resp.request.Header)
	case phaseEnded:
		// A renewal has ended it: the logout goes where that has gone. The browser may have the cookie of a login by now:
		// that stays, and this session stays ended, so that no Save displaces it.
	}
	c.Work().Clear()
	c.key, c.term, c.size, c.current, out.own = "", term{}, 0, false, nil
	c.flags, c.roster, c.owner = 0, token.Roster{}, ""
	c.renew, c.remember, c.unsure = false, unsaid, false
	if c.phase != phaseEnded {
		c.phase, c.privileged = phaseNew, false
	}
	late := c.fails(c.dropCookie(out)) // first, so that no panic of the store keeps it
	return errors.Join(c.endAll(out), late)
}

// endOthers makes Destroy end the sessions of the request's other cookies too: Load has taken the first that it found
// alive, and one behind it would be who is logged in after the logout.
func (c *Core) endOthers(out *rare) {
	if c.resp.request == nil {
		return
	}
	for claims := range c.e.claims(c.resp.request.Header, nil) {
		x := ending{key: c.e.ring.StoreKey(c.e.cfg.KeyPrefix, claims.ID), seen: snapshot{term: termOf(claims)},
			roster: claims.Roster}
		if x.key != c.key {
			out.ending = append(out.ending, x)
		}
	}
}

// endAll ends what Destroy was called for, and leaves to the manager what cannot be ended now, a panic or not.
func (c *Core) endAll(out *rare) error {
	if len(out.ending) == 0 {
		return nil
	}
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	pending := out.ending
	out.ending = nil
	leave := func(x ending) {
		out.ending = append(out.ending, x)
		c.e.unended.add(c.e, x)
	}
	defer func() {
		for _, x := range pending {
			leave(x)
		}
	}()
	var failed error
	for len(pending) > 0 {
		from := pending[0].key
		err := c.e.end(ctx, &pending[0])
		c.report.ended(from, &pending[0], err)
		if err != nil {
			failed = err
			leave(pending[0])
		} else { // perhaps after an earlier call that failed
			c.e.unended.forget(from)
			c.e.unended.forget(pending[0].key)
		}
		pending = pending[1:]
	}
	return failed
}

func (c *Core) dropCookie(out *rare) error {
	if !out.cookieDue {
		return nil
	}
	if c.resp.late() {
		return ErrLateSave
	}
	c.expireCookie()
	out.cookieDue = false
	return nil
}

// An ending is a session that is to end.
type ending struct {
	key    string
	seen   snapshot
	roster token.Roster // that lists it, if it has an owner
	device device       // as which, if that is known
	found  bool         // something has been ended, or may have been
	tries  int          // compare-and-swaps of the record, by the last try
}

// maxHops bounds how far a logout follows renewals that overtook it.
const maxHops = 8

// end replaces the record by a tombstone and then removes it. The tombstone is what makes ending final: a renewal that
// raced with it either fails at the tombstone, or has left one of its own, which says where the session went on. There
// x stands then, so that another try need not find the way again.
//
// Where no record is found it is deleted all the same: a record that cannot be read, or that a store misses for a
// moment, is to be gone.
//
// A session that has an owner is off the roster first, under whatever ids it has gone on, which ends it on every server
// at once. That, or the end of its record, is enough: a node that does not answer for the one takes only half of the
// time, and leaves the rest to the other.
func (e *engine) end(ctx context.Context, x *ending) error {
	unlisted := false
	x.tries = 0
	if x.roster != (token.Roster{}) {
		deadline, _ := ctx.Deadline()
		half := newSaveContext(ctx, time.Until(deadline)/2)
		found, err := e.leave(half, x.roster, x.device, x.key)
		half.release()
		unlisted = err == nil && (found || x.device != device{})
		x.found = x.found || found || err != nil
	}
	err := e.endRecord(ctx, x)
	if unlisted {
		return nil
	}
	return err
}

func (e *engine) endRecord(ctx context.Context, x *ending) error {
	for range maxHops {
		seen, _, err := e.rewrite(ctx, x.key, x.seen, edit{repeatable: true, apply: func(edit, []byte, term) (edited, error) {
			return edited{plain: plainDestroyed(e.cfg.Now())}, nil
		}})
		x.seen, x.seen.current = seen, false
		x.tries += seen.tries
		x.found = x.found || !errors.Is(err, ErrGone)
		if renewed, ok := errors.AsType[*renewedError](err); ok {
			if !renewed.next.known {
				return nil
			}
			x.key = e.ring.StoreKey(e.cfg.KeyPrefix, renewed.next.id)
			x.seen = snapshot{term: renewed.next.term}
			continue
		}
		if err != nil && !errors.Is(err, ErrGone) {
			return err // and no Delete: the record may be the tombstone of a renewal, by which another try follows it
		}
		if deleted := e.pool(x.seen.term.flags).Delete(ctx, x.key); deleted != nil && err != nil {
			return unavailable(deleted)
		}
		return nil // a tombstone that could not be deleted does no harm
	}
	return ErrConflict
}
