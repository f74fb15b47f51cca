package session

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A report collects the events of one call, and tells them when the call has let go of all locks: an Observer may use
// the session. Nil, where nobody observes, it does nothing.
type report struct {
	e      *engine
	to     Observer
	ctx    context.Context
	began  time.Duration // since the engine's start: a monotonic clock alone costs less than time.Now
	tries  int           // compare-and-swaps of a Core's own record
	denied error         // the worst of the request's tokens: see refuse
	events []Event
}

// report begins a call.
func (e *engine) report(ctx context.Context) *report {
	to := e.observer.Load()
	if to == nil {
		return nil
	}
	r, ok := e.reports.Get().(*report)
	if !ok {
		r = new(report)
	}
	r.e, r.to, r.ctx, r.began = e, *to, ctx, time.Since(e.start)
	return r
}

// tell ends the call. It is deferred before any lock is taken.
func (r *report) tell() {
	if r == nil {
		return
	}
	if len(r.events) > 0 {
		took := time.Since(r.e.start) - r.began
		for i := range r.events {
			r.events[i].Took = took
			r.to.Observe(r.ctx, r.events[i])
		}
	}
	clear(r.events)
	e := r.e
	*r = report{events: r.events[:0]}
	e.reports.Put(r)
}

// add takes an event, of whose Err the texts of others are removed.
func (r *report) add(ev Event) {
	if r == nil {
		return
	}
	ev.Err = ownError(ev.Err)
	r.events = append(r.events, ev)
}

// tried counts compare-and-swaps.
func (r *report) tried(n int) {
	if r != nil {
		r.tries += n
	}
}

// refuse notes a token that is none of this manager's or past its Lifetime. A load tells one Refused for all of them.
func (r *report) refuse(claims token.Claims) {
	switch {
	case r == nil:
	case claims.ID == token.ID{}:
		r.denied = ErrInvalidToken
	case r.denied == nil:
		r.denied = ErrGone
	}
}

// refused tells of the tokens that were refused.
func (r *report) refused() {
	if r != nil && r.denied != nil {
		r.add(Event{Kind: Refused, Err: r.denied})
	}
}

// ended notes what became of an ending, which began with the record under this key.
func (r *report) ended(from string, x *ending, err error) {
	if r == nil {
		return
	}
	ev := Event{Kind: Destroyed, Session: logID(from), Owner: r.e.ownerID(x.roster), Tries: x.tries, Err: err}
	switch {
	case err != nil:
		ev.Kind = Failed
	case !x.found:
		ev.Kind, ev.Err = Gone, ErrGone
	}
	r.add(ev)
}

// revoked notes that logins are over which a roster has listed. Of one that was being renewed the latest entry counts.
func (r *report) revoked(name token.Roster, out []entry, tries int) {
	if r == nil {
		return
	}
	owner := r.e.ownerID(name)
	for i, x := range out {
		if slices.ContainsFunc(out[i+1:], func(later entry) bool { return later.device == x.device }) {
			continue
		}
		r.add(Event{Kind: Revoked, Session: logID(x.sum.Key(r.e.cfg.KeyPrefix)), Owner: owner, Tries: tries})
	}
}

// unreadable notes that no record of a login can be read.
func (r *report) unreadable(x place) {
	if r != nil {
		key := x.entries[len(x.entries)-1].sum.Key(r.e.cfg.KeyPrefix)
		r.add(Event{Kind: Unreadable, Session: logID(key), Owner: r.e.ownerID(x.roster), Err: ErrGone})
	}
}

// ownerID names an owner in events: it is a part of his roster's store key, which is a hash of the roster's name.
func (e *engine) ownerID(name token.Roster) string {
	if name == (token.Roster{}) {
		return ""
	}
	return logID(e.rosterKey(name))
}

// ownerOf is ownerID where anybody wants to know.
func (c *Core) ownerOf(name token.Roster) string {
	if c.e.observer.Load() == nil {
		return ""
	}
	return c.e.ownerID(name)
}

// ownerIn is ownerOf of a roster that has been asked for.
func (c *Core) ownerIn(list rolled) string {
	if list.key == "" || c.e.observer.Load() == nil {
		return ""
	}
	return logID(list.key)
}

// observed takes the core's lock for one call, and returns what release needs to end it.
func (c *Core) observed() *report {
	r := c.e.report(c.ctx)
	c.mu.Lock()
	if c.report == nil {
		c.report = r
	}
	return r
}

// release gives back the lock, and tells what has happened. A call within another leaves that to the outer one.
func (c *Core) release(r *report) {
	if c.report == r {
		c.report = nil
	}
	c.mu.Unlock()
	r.tell()
}

// note takes an event of the core's session, to be told at the end of the call. An error makes it one of failure.
func (c *Core) note(kind Kind, keys []string, err error) {
	r := c.report
	if r == nil {
		return
	}
	ev := Event{Kind: kind, Owner: c.owner, Tries: r.tries, Bytes: c.size, Keys: keys, Err: err}
	if c.phase != phaseNew || kind == Missed {
		ev.Session = logID(c.key)
	}
	switch {
	case err == nil && kind != Loaded && kind != Missed:
		ev.Tries = max(ev.Tries, 1) // the Add of a new session
	case errors.Is(err, ErrGone):
		ev.Kind = Gone
	case err != nil:
		ev.Kind = Failed
	}
	r.tries = 0
	if errors.Is(err, errUnreadable) {
		c.foundUnreadable(c.key)
	}
	r.add(ev)
}

// noteField is note of a call that is about one field.
func (c *Core) noteField(kind Kind, i int, err error) {
	if c.report != nil {
		c.note(kind, c.e.layout.KeyOf(i), err)
	}
}

// misfit notes a stored value that is not of its field's type.
func (c *Core) misfit(f *record.Field) {
	if i := c.e.layout.Find(f.Key); i >= 0 && c.report != nil {
		c.report.add(Event{
			Kind: Misfit, Session: logID(c.key), Owner: c.owner, Bytes: c.size, Keys: c.e.layout.KeyOf(i),
		})
	}
}

// foundUnreadable notes a record that cannot be read, under a key that may not be the core's.
func (c *Core) foundUnreadable(key string) {
	if c.report != nil {
		c.report.add(Event{Kind: Unreadable, Session: logID(key), Owner: c.owner, Err: ErrGone})
	}
}

// fails notes that a call fails, and returns its error.
func (c *Core) fails(err error) error {
	if err != nil {
		c.note(Failed, nil, err)
	}
	return err
}

// loaded notes the outcome of a load that has asked for a session.
func (c *Core) loaded(alive bool, err error) {
	c.report.refused()
	switch {
	case err != nil:
		c.note(Failed, nil, err)
	case alive:
		c.note(Loaded, nil, nil)
	case c.key != "":
		c.note(Missed, nil, nil)
	}
}

// kindOf returns what a Save is if it succeeds.
func (c *Core) kindOf(renews bool, p passing) Kind {
	switch {
	case p.login:
		return LoggedIn
	case c.phase == phaseNew:
		return Created
	case c.renew || renews:
		return Renewed
	}
	return Saved
}

// wrote notes the outcome of a Save with changes.
func (c *Core) wrote(kind Kind, changes record.Changes, err error) {
	if c.report == nil || err == nil && c.phase != phaseLive { // a new session without a value is not written
		return
	}
	c.note(kind, changes.Keys(c.e.layout), err)
}
