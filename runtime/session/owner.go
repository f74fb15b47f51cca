package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// An Owner is one who has sessions: an account. It lists them and ends them, whatever servers they are on and whether
// their cookies are at hand or not. Generated SessionsOf makes one of a value of the schema's owner field; whether that
// is somebody is not known here. The zero value of the field has no sessions.
//
// It is a value without state, cheap to make and safe for concurrent use. No verb of fmt shows whom it names.
type Owner[S any] struct {
	m     *Manager[S]
	value []byte // encoded; nil: nobody
	err   error  // of the value's own marshaler
}

// OwnerOf is what generated SessionsOf calls. write is as for record.Set.
func OwnerOf[S, T any](m *Manager[S], v T, write func(*record.Writer, T)) Owner[S] {
	o := Owner[S]{m: m}
	i := m.e.layout.Owner()
	if i < 0 {
		o.err = errors.New("session: the schema has no owner: its generated code is an old one, run go generate")
		return o
	}
	w := record.NewWriter(nil)
	write(w, v)
	if o.value, o.err = w.Encoded(); o.err != nil {
		o.err = &FieldError{Field: m.e.layout.Field(i).Name, Key: m.e.layout.Field(i).Key, Err: o.err}
	}
	if m.e.layout.IsNone(i, o.value) {
		o.value = nil
	}
	return o
}

// Format prints o's type, whatever the verb.
func (o Owner[S]) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// String names the type alone.
func (o Owner[S]) String() string { return "session.Owner{}" }

// MarshalText is String, for encoding/json, log/slog and their like.
func (o Owner[S]) MarshalText() ([]byte, error) { return []byte(o.String()), nil }

// List returns the owner's sessions that are alive, the latest login first: as Open would give them, but without
// sliding their expiry, so that a page that shows them keeps none of them alive. Each Meta has Device, for End; Token
// is empty, and Expires is the end of Lifetime. Save and Destroy work on them; a Save that renews is ErrLateSave.
//
// It costs one Get, and then one for each session, at most 16 at a time. The error is ErrUnavailable where one of
// them cannot be asked for: a list is whole. ctx bounds it.
func (o Owner[S]) List(ctx context.Context) ([]*S, error) {
	if o.value == nil || o.err != nil {
		return nil, o.err
	}
	e := o.m.e
	events := e.report(ctx)
	defer events.tell()
	logins, err := e.places(ctx, o.value)
	if err != nil {
		return nil, o.fails(events, err)
	}
	slices.SortFunc(logins, later)
	found, errs := make([]*S, len(logins)), make([]error, len(logins))
	each(len(logins), func(i int) {
		for _, x := range logins[i].entries { // of one that is being renewed the old record counts until it has ended
			found[i], errs[i] = o.listed(ctx, logins[i].roster, x)
			if found[i] != nil || errs[i] != nil && errs[i] != errUnreadable {
				return
			}
		}
	})
	for i, err := range errs {
		switch {
		case err == errUnreadable:
			events.unreadable(logins[i])
		case err != nil:
			return nil, o.fails(events, err)
		}
	}
	return slices.DeleteFunc(found, func(s *S) bool { return s == nil }), nil
}

// listed returns the session of an entry, or nil if there is none: with errUnreadable if it cannot be read.
func (o Owner[S]) listed(ctx context.Context, name token.Roster, x entry) (*S, error) {
	e, now := o.m.e, o.m.e.cfg.Now()
	key := x.sum.Key(e.cfg.KeyPrefix)
	found, err := e.fetch(ctx, e.store, key, now)
	switch {
	case err == errUnopened:
		return nil, errUnreadable
	case err == ErrNotFound || err == nil && found.kind != kindLive:
		return nil, nil
	case err != nil:
		return nil, err
	}
	s, c := o.m.new(ctx, response{})
	if err := c.Work().Open(found.fields); err != nil {
		return nil, c.unreadable(err)
	}
	if m, ok := markOf(found.fields); !ok || m.roster != name || m.device != x.device ||
		!e.isOwners(m) || !c.agrees(m, found.fields) {
		return nil, nil
	}
	c.adopt(token.ID{}, key, found.term, found.size)
	c.owner = c.ownerOf(name)
	c.version, c.current = found.version, true
	c.privileged = c.Work().Privileged()
	return s, nil
}

// End ends the session whose Meta has this Device: "log out the phone". ErrGone if the owner has none, so that a device
// that a form has sent cannot be anybody else's.
//
// When it returns nil the session is over on every server. Other errors as of EndAll.
func (o Owner[S]) End(ctx context.Context, device string) error {
	if o.value == nil || o.err != nil {
		return cmp.Or(o.err, error(ErrGone))
	}
	events := o.m.e.report(ctx)
	defer events.tell()
	found := false
	err := o.amend(ctx, events, o.rosters(), func(_ token.Roster, r *roster) ([]entry, error) {
		out := r.remove(func(x entry) bool { return x.device.String() == device })
		if out == nil {
			return nil, errKeep
		}
		found = true
		return out, nil
	})
	if err == nil && !found {
		err = ErrGone
	}
	return o.fails(events, err)
}

// EndAll ends all sessions of the owner, at one moment on every server: after a password was changed, or an account
// stolen. What had logged in before EndAll began is over when it returns nil: no request finds it, whatever one that
// was under way may still save, and it cannot renew its id. Only a login starts anew.
//
// The errors: ErrUnavailable, where the store could not be asked, together with ErrUnknown if some may have ended;
// ErrConflict. It is not tried again in the background, as a Destroy is: call it again. It takes at most SaveTimeout
// for that, and ctx bounds it too.
func (o Owner[S]) EndAll(ctx context.Context) error {
	if o.value == nil || o.err != nil {
		return o.err
	}
	events := o.m.e.report(ctx)
	defer events.tell()
	return o.fails(events, o.amend(ctx, events, o.rosters(), func(_ token.Roster, r *roster) ([]entry, error) {
		r.endUnmarked(o.m.e.cfg.Now())
		return r.remove(func(entry) bool { return true }), nil
	}))
}

// EndOthers ends all sessions of the owner but one: "log out my other devices". keep is that of the request that asks.
// If it is not on the owner's roster, because it is not the owner's or has ended, the error is ErrGone and nothing has
// ended; other errors as of EndAll.
func (o Owner[S]) EndOthers(ctx context.Context, keep *S) error {
	if o.err != nil {
		return o.err
	}
	kept, ok := o.keeps(keep)
	if !ok {
		return ErrGone
	}
	// The roster of the one that stays comes first: where that is not listed nothing is to end.
	names := slices.DeleteFunc(o.rosters(), func(name token.Roster) bool { return name == kept.roster })
	names = slices.Insert(names, 0, kept.roster)
	events := o.m.e.report(ctx)
	defer events.tell()
	return o.fails(events, o.amend(ctx, events, names, func(name token.Roster, r *roster) ([]entry, error) {
		stays := func(x entry) bool { return name == kept.roster && x.device == kept.device }
		if name == kept.roster && !slices.ContainsFunc(r.entries, stays) {
			return nil, ErrGone
		}
		r.endUnmarked(o.m.e.cfg.Now())
		return r.remove(func(x entry) bool { return !stays(x) }), nil
	}))
}

// keeps returns the mark of a session, if it is the owner's.
func (o Owner[S]) keeps(s *S) (mark, bool) {
	if s == nil || o.value == nil {
		return mark{}, false
	}
	c := o.m.schema.Core(s)
	c.mu.Lock()
	defer c.mu.Unlock()
	m, ok := markOf(c.Work().Base())
	return m, ok && c.phase == phaseLive && o.m.e.isOwners(m) && o.m.e.ring.Names(m.roster, o.value)
}

// rosters returns the names of the owner's rosters, of which there is one for each secret.
func (o Owner[S]) rosters() []token.Roster {
	names := make([]token.Roster, o.m.e.ring.Rosters())
	for i := range names {
		names[i] = o.m.e.ring.Roster(i, o.value)
	}
	return names
}

// amend changes one roster after the other, and then drops the records of what edit has taken out.
func (o Owner[S]) amend(
	ctx context.Context, events *report, names []token.Roster, edit func(token.Roster, *roster) ([]entry, error),
) error {
	e := o.m.e
	bounded, cancel := context.WithTimeout(ctx, e.cfg.SaveTimeout)
	defer cancel()
	var ended []entry
	defer func() {
		// They are over already. That the caller has gone is no reason to leave what they hold in the store.
		rest := newSaveContext(ctx, e.cfg.SaveTimeout)
		defer rest.release()
		e.dropRecords(rest, ended)
	}()
	for i, name := range names {
		var out []entry
		tries := 0
		err := e.amend(bounded, name, func(r *roster) (err error) {
			tries++
			out, err = edit(name, r)
			return err
		})
		if err != nil {
			return inDoubt(err, i > 0)
		}
		events.revoked(name, out, tries)
		ended = append(ended, out...)
	}
	return nil
}

// fails notes that a call fails, and returns its error.
func (o Owner[S]) fails(events *report, err error) error {
	if events == nil || err == nil {
		return err
	}
	ev := Event{Kind: Failed, Owner: o.m.e.ownerID(o.rosters()[0]), Err: err}
	if errors.Is(err, ErrGone) {
		ev.Kind = Gone
	}
	events.add(ev)
	return err
}
