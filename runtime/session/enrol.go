package session

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// An enrolment is what the tries of one Save do to rosters. Each replaces the entry of the one before, and what is not
// acknowledged to anybody is taken out again.
type enrolment struct {
	c      *Core
	roster token.Roster
	sum    token.Sum // of the entry that the last try may have made; zero: none
	left   bool      // the session has been taken out of its roster
}

// arrive writes a draft under a new id and does what has to be done to a roster for it to be alive. If it fails, it
// leaves nothing that anybody could find.
func (n *enrolment) arrive(ctx context.Context, d *draft, old string) (added, error) {
	a, err := n.c.add(ctx, d.plain, d.term)
	if err != nil {
		n.withdraw(ctx)
		return added{}, err
	}
	a.roster = d.mark.roster
	if err := n.enter(ctx, d, a, old); err != nil {
		n.withdraw(ctx)
		n.c.discard(ctx, a)
		return added{}, notEntered(err)
	}
	return a, nil
}

func (n *enrolment) enter(ctx context.Context, d *draft, a added, old string) error {
	e := n.c.e
	sum, earlier := token.SumOf(a.key), n.sum
	end := e.endOfLife(a.term)
	switch d.step {
	case stepLogin, stepLate:
		var since time.Time
		if d.step == stepLate {
			since = n.c.term.created
			if ended, err := e.endedSince(ctx, d.owner, since); err != nil || ended {
				return goneIf(ended, err)
			}
		}
		n.roster, n.sum = d.mark.roster, sum
		_, err := e.register(ctx, registration{
			mark: d.mark, owner: d.owner, sum: sum, earlier: earlier, since: since, end: end, limit: n.c.limit(),
			report: n.c.report,
		})
		return err
	case stepBeside:
		n.roster, n.sum = d.mark.roster, sum
		from := token.SumOf(old)
		return e.amend(ctx, d.mark.roster, func(r *roster) error {
			r.expire(e.cfg.Now())
			r.removeSum(earlier)
			if r.find(sum) == nil && !r.renew(from, sum, end) {
				return ErrGone
			}
			return nil
		})
	case stepLeave:
		if n.left {
			return nil
		}
		if !d.before.marked {
			ended, err := e.endedSince(ctx, d.before.value, n.c.term.created)
			return goneIf(ended, err)
		}
		from := token.SumOf(old)
		err := e.amend(ctx, d.before.roster, func(r *roster) error {
			if r.find(from) == nil {
				return ErrGone
			}
			r.removeDevice(d.before.device)
			return nil
		})
		n.left = err == nil
		return err
	}
	return nil
}

// withdraw takes out what the last try has entered. What it cannot take out is the entry of a record that nobody has
// been given the id of.
func (n *enrolment) withdraw(ctx context.Context) {
	if n.sum == (token.Sum{}) {
		return
	}
	_ = n.c.e.amend(ctx, n.roster, func(r *roster) error {
		if !r.removeSum(n.sum) {
			return errKeep
		}
		return nil
	})
	n.sum = token.Sum{}
}

// notEntered is the error of a Save that could not enter a roster. Whether the entry was written does not matter: the
// record that it is of is nobody's.
func notEntered(err error) error {
	switch {
	case errors.Is(err, ErrGone):
		return ErrGone
	case errors.Is(err, ErrUnknown):
		return ErrUnavailable
	}
	return err
}

func goneIf(ended bool, err error) error {
	if err == nil && ended {
		return ErrGone
	}
	return err
}

// A registration is a login, or a session from before its schema had an owner, that enters a roster.
type registration struct {
	mark         mark
	owner        []byte
	sum, earlier token.Sum
	since        time.Time // it has ended with an EndAll of that time or later; zero: a login, which starts anew
	end          time.Time
	report       *report
	limit        int // how many the owner may have at a time
}

// register enters a login, or finds that the record is listed already, and returns the device as which it is. If the
// owner has too many sessions then, the oldest ends.
func (e *engine) register(ctx context.Context, g registration) (device, error) {
	entered := g.mark.device
	after, err := e.latest(ctx, g.owner)
	if err != nil {
		return device{}, err
	}
	var out []entry
	tries := 0
	err = e.amend(ctx, g.mark.roster, func(r *roster) error {
		tries++
		out = nil
		r.expire(e.cfg.Now())
		r.removeSum(g.earlier)
		if x := r.find(g.sum); x != nil {
			entered = x.device
			return errKeep
		}
		if !g.since.IsZero() && !r.ended.Before(g.since) {
			return ErrGone
		}
		out = e.makeRoom(ctx, r, g.limit)
		r.add(g.mark.device, g.sum, max(e.cfg.Now().UnixMilli(), after+1), g.end)
		return nil
	})
	if err != nil {
		return device{}, err
	}
	g.report.revoked(g.mark.roster, out, tries)
	e.dropRecords(ctx, out)
	return entered, e.trim(ctx, g)
}

// oldest is how many of the earliest logins are looked at before one of them that is alive has to end.
const oldest = 8

// makeRoom takes logins out of a roster until there is room for another: those among the oldest whose records are gone,
// or else the oldest.
func (e *engine) makeRoom(ctx context.Context, r *roster, limit int) (out []entry) {
	all := r.devices()
	if len(all) < limit {
		return nil
	}
	gone := e.gone(ctx, all[:min(oldest, len(all))])
	left := len(all)
	for i, entries := range all {
		if i < len(gone) && gone[i] {
			r.removeDevice(entries[0].device)
			left--
		}
	}
	for i, entries := range all {
		if left < limit {
			break
		}
		if i < len(gone) && gone[i] {
			continue
		}
		out = append(out, r.removeDevice(entries[0].device)...)
		left--
	}
	return out
}

// gone reports which of some logins have no record any more. One that cannot be asked for has.
func (e *engine) gone(ctx context.Context, logins [][]entry) []bool {
	gone := make([]bool, len(logins))
	each(len(logins), func(i int) {
		for _, x := range logins[i] {
			s, err := e.fetch(ctx, e.store, x.sum.Key(e.cfg.KeyPrefix), e.cfg.Now())
			if !errors.Is(err, ErrNotFound) && (err != nil || s.kind == kindLive) {
				return
			}
		}
		gone[i] = true
	})
	return gone
}

// A place is where a login is listed.
type place struct {
	entries []entry
	roster  token.Roster
}

// places returns the logins of an owner on the rosters of all secrets, in no order.
func (e *engine) places(ctx context.Context, owner []byte) (all []place, err error) {
	for i := range e.ring.Rosters() {
		name := e.ring.Roster(i, owner)
		list, err := e.roll(ctx, name)
		if err != nil {
			return nil, err
		}
		r, _ := parseRoster(list.plain)
		r.expire(e.cfg.Now())
		for _, entries := range r.devices() {
			all = append(all, place{entries, name})
		}
	}
	return all, nil
}

// later orders places, the latest login first. All servers agree on it.
func later(a, b place) int {
	x, y := a.entries[0], b.entries[0]
	return cmp.Or(cmp.Compare(y.login, x.login), bytes.Compare(y.device[:], x.device[:]))
}

// trim ends the oldest logins where an owner has too many on the rosters of several secrets. Each login looks after it
// has entered, so that of two that enter two rosters at once one sees both. Only what has limit later ones has to go,
// and that for good, so that it does not matter who says so and when.
func (e *engine) trim(ctx context.Context, g registration) error {
	if e.ring.Rosters() == 1 {
		return nil
	}
	all, err := e.places(ctx, g.owner)
	if err != nil {
		return err
	}
	slices.SortFunc(all, later)
	for _, x := range all[min(g.limit, len(all)):] {
		tries := 0
		if err := e.amend(ctx, x.roster, func(r *roster) error {
			tries++
			if r.removeDevice(x.entries[0].device) == nil {
				return errKeep
			}
			return nil
		}); err != nil {
			return err
		}
		g.report.revoked(x.roster, x.entries, tries)
		e.dropRecords(ctx, x.entries)
	}
	return nil
}

// latest returns the number of the owner's latest login on the rosters of all secrets, where there are several.
func (e *engine) latest(ctx context.Context, owner []byte) (int64, error) {
	if e.ring.Rosters() == 1 {
		return 0, nil
	}
	all, err := e.places(ctx, owner)
	if err != nil || len(all) == 0 {
		return 0, err
	}
	return slices.MinFunc(all, later).entries[0].login, nil
}

// dropRecords deletes the records of sessions that have ended because no roster lists them any more, as well as it can.
func (e *engine) dropRecords(ctx context.Context, of []entry) {
	each(len(of), func(i int) { _ = e.store.Delete(ctx, of[i].sum.Key(e.cfg.KeyPrefix)) })
}

// limit is how many sessions an owner may have at a time.
func (c *Core) limit() int {
	if i := c.e.layout.Owner(); i >= 0 {
		return c.e.layout.Field(i).Owner
	}
	return defaultLimit
}

// defaultLimit holds where a binary whose schema has no owner moves a session of another's.
const defaultLimit = 100

// leave takes a login out of a roster, and reports whether it was there. Where the device is not known, the record's
// key tells which it is.
func (e *engine) leave(ctx context.Context, name token.Roster, d device, key string) (found bool, err error) {
	sum := token.SumOf(key)
	err = e.amend(ctx, name, func(r *roster) error {
		d := d
		if x := r.find(sum); d == (device{}) && x != nil {
			d = x.device
		}
		if found = r.removeDevice(d) != nil; !found {
			return errKeep
		}
		return nil
	})
	return found, err
}
