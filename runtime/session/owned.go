package session

import (
	"bytes"
	"context"
	"crypto/rand"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A mark stands in the record of a session that has an owner, beside its fields, so that every binary knows, whatever
// its schema says: which roster the session has to be on, as which device, and which field said so, under what type.
type mark struct {
	kind   record.Type
	roster token.Roster
	device device
	key    []byte
}

const (
	markVersion = 1
	markHeader  = 1 + 1 + len(token.Roster{}) + len(device{})
)

func (m mark) encode() []byte {
	b := append(make([]byte, 0, markHeader+len(m.key)), markVersion, byte(m.kind))
	b = append(append(b, m.roster[:]...), m.device[:]...)
	return append(b, m.key...)
}

// markOf returns a record's mark. ok is false for one that this binary does not understand.
func markOf(base []byte) (m mark, ok bool) {
	if base == nil {
		return mark{}, false
	}
	b := record.OwnerMark(base)
	if len(b) <= markHeader || b[0] != markVersion {
		return mark{}, false
	}
	m.kind = record.Type(b[1])
	m.roster = token.Roster(b[2:])
	m.device = device(b[2+len(token.Roster{}):])
	m.key = b[markHeader:]
	return m, m.roster != token.Roster{}
}

func newDevice() (d device) {
	_, _ = rand.Read(d[:]) // never fails: see crypto/rand
	return d
}

// A holder is whose a record is.
type holder struct {
	mark
	marked bool   // the record has the mark
	value  []byte // of the field that says so; nil: nobody's
}

// holderOf returns whose a record is: by its mark, or where it has none by the field that the schema names. ErrGone for
// a mark that this binary does not understand.
func (c *Core) holderOf(base []byte) (h holder, err error) {
	if base == nil {
		return holder{}, nil
	}
	now := c.e.cfg.Now().UnixNano()
	if record.OwnerMark(base) != nil {
		ok := false
		if h.mark, ok = markOf(base); !ok {
			return holder{}, c.unreadable(errFormat)
		}
		h.marked = true
		h.value = record.ValueOf(base, string(h.key), now)
		if i := c.e.layout.Find(string(h.key)); i >= 0 && h.value != nil && c.e.layout.IsNone(i, h.value) {
			h.value = nil
		}
		return h, nil
	}
	if i := c.e.layout.Owner(); i >= 0 {
		return c.heldBy(base, i), nil
	}
	return holder{}, nil
}

// heldBy returns whose a record is by one field of the schema.
func (c *Core) heldBy(base []byte, i int) (h holder) {
	f := c.e.layout.Field(i)
	value := record.ValueOf(base, f.Key, c.e.cfg.Now().UnixNano())
	if value == nil || c.e.layout.IsNone(i, value) || !c.e.layout.Fits(i, value) {
		return holder{}
	}
	h.kind, h.key, h.value = f.Type, []byte(f.Key), value
	return h
}

func (h holder) same(as holder) bool {
	return bytes.Equal(h.value, as.value) && (h.value == nil || bytes.Equal(h.key, as.key))
}

// isOwners reports whether the field that a mark names is the one that says whose a session is now. Where that has been
// another field, somebody else's sessions may be on the roster, whose name tells the value alone.
func (e *engine) isOwners(m mark) bool { return e.layout.Find(string(m.key)) == e.layout.Owner() }

// rolled is a roll, or why there is none.
type rolled struct {
	roll
	key string // of the roster, if the token names one
	err error
}

// fetchListed is fetch of a session's record, and at the same time roll of the roster that its token names, if it
// names one: then somebody is logged in, and both are in the same store. What became of the roster does not matter
// where there is no record.
func (e *engine) fetchListed(
	ctx context.Context, key string, claims token.Claims, now time.Time,
) (s stored, list rolled, err error) {
	if claims.Roster == (token.Roster{}) {
		s, err = e.fetch(ctx, e.pool(claims.Flags), key, now)
		return s, rolled{}, err
	}
	list.key = e.rosterKey(claims.Roster)
	first, second := e.getPair(ctx, key, list.key)
	if s, err = e.open(ctx, e.store, key, first, now); err != nil || s.kind != kindLive {
		return s, list, err
	}
	list.roll, list.err = e.unroll(ctx, list.key, settle(ctx, e.store, list.key, second))
	return s, list, nil
}

// agrees reports whether what a mark says holds for the fields beside it: the field has a value, of the type that the
// schema gives it if that knows it, and the roster is its.
func (c *Core) agrees(m mark, base []byte) bool {
	if i := c.e.layout.Owner(); i >= 0 {
		if f := c.e.layout.Field(i); string(m.key) == f.Key && m.kind != f.Type {
			return false
		}
	}
	value := record.ValueOf(base, string(m.key), c.e.cfg.Now().UnixNano())
	return value != nil && c.e.ring.Names(m.roster, value)
}

// listed reports whether a session that has been loaded is alive as far as its owner goes. list is the roster that its
// token names, where it names one. The error is that the store could not be asked.
func (c *Core) listed(name token.Roster, key string, s *stored, list rolled) (bool, error) {
	named := name != token.Roster{}
	if c.Work().Owned() {
		m, ok := markOf(s.fields)
		if !ok || named && name != m.roster || !c.agrees(m, s.fields) {
			c.e.cfg.Logger.WarnContext(c.ctx, "session record and its owner disagree, the session has ended")
			c.foundUnreadable(key)
			return false, nil
		}
		if !named {
			list.key = c.e.rosterKey(m.roster)
			list.roll, list.err = c.e.unroll(c.ctx, list.key, get(c.ctx, c.e.store, list.key))
			c.owner = c.ownerIn(list)
		}
		if list.found && list.plain == nil {
			c.foundUnreadable(list.key)
		}
		return list.err == nil && list.plain != nil && lists(list.plain, token.SumOf(key), c.e.cfg.Now()), list.err
	}
	if named {
		return false, nil // a record that a roster lists has a mark
	}
	if i := c.e.layout.Owner(); i >= 0 && c.Work().Holds(i) {
		ended, err := c.e.endedSince(c.ctx, c.heldBy(s.fields, i).value, s.term.created)
		return !ended, err
	}
	return true, nil
}

// endedSince reports whether a session without a mark, from before its schema had an owner, has ended with an EndAll of
// its owner. A roster that is missing ends none, one that does not open may have.
func (e *engine) endedSince(ctx context.Context, owner []byte, created time.Time) (bool, error) {
	for i := range e.ring.Rosters() {
		r, err := e.roll(ctx, e.ring.Roster(i, owner))
		switch {
		case err != nil:
			return false, err
		case r.found && (r.plain == nil || !rosterEnded(r.plain).Before(created)):
			return true, nil
		}
	}
	return false, nil
}
