package session

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// renewal moves the session to a new id. It writes the record under the new id first, then ends the old one by a
// tombstone; if the old one has changed meanwhile, it starts over with what is there then, so that nothing which
// another request saved is lost. The cookie goes out only after the old record has ended.
//
// A login that comes too late, because the old record has ended already, still logs in: after another renewal with what
// it had loaded, less the flashes, of which there is to be only one; after a logout or an eviction with nothing but its
// own changes. Any other renewal is then ErrGone.
func (c *Core) renewal(ctx context.Context, changes record.Changes, p passing) ([]byte, error) {
	if c.resp.late() {
		return nil, ErrLateSave
	}
	if err := c.resp.leaving(); err != nil {
		return nil, err
	}
	loaded, old := c.Work().Base(), c.key
	var (
		d    draft
		next added
	)
	in := enrolment{c: c}
	// While the record at the old id is live, no tombstone of ours can have replaced it: after a doubtful write it is safe
	// to try again.
	seen, _, err := c.rewriteSeen(ctx, edit{repeatable: true, apply: func(_ edit, base []byte, t term) (edited, error) {
		c.discard(ctx, next)
		next = added{}
		var err error
		if d, err = c.draft(base, t, changes, p); err != nil {
			return edited{}, err
		}
		if next, err = in.arrive(ctx, &d, old); err != nil {
			return edited{}, err
		}
		if err := c.resp.leaving(); err != nil {
			return edited{}, err
		}
		// A logout that was under way ends the session in which this one goes on. It does not reach a login's: who logs in
		// anew is somebody else.
		after := successor{id: next.id, term: next.term, known: !p.login}
		return edited{plain: plainRenewed(c.e.cfg.Now(), after)}, nil
	}})
	if err == nil {
		c.passOn(ctx, p, next)
		return d.plain, nil
	}
	if seen.lost != nil {
		c.unfinished = &unfinished{
			changes: changes, plain: d.plain, next: next, seen: seen, passing: p, kind: c.kindOf(true, p), enrolment: in,
			renew: c.renew, remember: c.remember, privileged: d.privileged,
		}
		c.renew, c.remember = false, unsaid
		return nil, err
	}
	if !errors.Is(err, ErrUnknown) {
		in.withdraw(ctx)
		c.discard(ctx, next)
	}
	if !p.login || !errors.Is(err, ErrGone) {
		return nil, err
	}
	doubt := errors.Is(err, ErrUnknown)
	if _, renewed := errors.AsType[*renewedError](err); !renewed {
		loaded = nil
	} else if loaded, err = c.Work().Without(loaded, c.own(), flash); err != nil {
		return nil, err
	}
	if d, err = c.draft(loaded, term{}, changes, p); err != nil {
		return nil, inDoubt(err, doubt)
	}
	if next, err = in.arrive(ctx, &d, old); err != nil {
		return nil, inDoubt(err, doubt)
	}
	c.passOn(ctx, p, next)
	return d.plain, nil
}

// passOn ends a renewal. Where a login has made a session another's, its former owner's roster goes without it: that is
// all that could be left of a session whose record has ended.
func (c *Core) passOn(ctx context.Context, p passing, next added) {
	c.e.sweep(c.key, c.term.flags)
	if p.login && p.before.marked {
		_, _ = c.e.leave(ctx, p.before.roster, p.before.device, "")
	}
	c.moveTo(next)
}

// planted reports whether a login leaves behind what a field had before: a value that somebody may have planted in an
// anonymous session, to know it when it is another's. It keeps what its own changes give the field, and what earlier
// Saves of the request have given it, where that is what the store still has.
func planted(f *record.Field) bool { return f.Secret }

func flash(f *record.Field) bool { return f.Flash }

// discard drops a record whose id nobody has been given. A record that cannot be dropped expires.
func (c *Core) discard(ctx context.Context, a added) {
	if a.key != "" {
		_ = c.e.pool(a.term.flags).Delete(ctx, a.key)
	}
}
