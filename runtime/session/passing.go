package session

import (
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A passing is what a Save means for whose the session is.
type passing struct {
	known  bool   // the schema names an owner, or the record has a mark
	before holder // whose it was when it was loaded or last saved
	login  bool   // it becomes somebody's whose it was not
	moves  bool   // the field that says whose it is changes: the session gets a new id
	marks  bool   // it is somebody's and has no mark yet, from before the schema had an owner
}

// passing looks at what changes do to whose the session is.
func (c *Core) passing(changes record.Changes) (p passing, err error) {
	if c.e.layout.Owner() < 0 && !c.Work().Owned() {
		return passing{}, nil
	}
	base := c.Work().Base()
	p.known = true
	if p.before, err = c.holderOf(base); err != nil {
		return passing{}, err
	}
	field, touched := c.ownerField(p.before, changes)
	if !touched {
		p.marks = p.before.value != nil && !p.before.marked
		return p, nil
	}
	plain, err := c.Work().Replay(nil, base, changes)
	if err != nil {
		return passing{}, c.refused(err)
	}
	after := c.heldBy(plain, field)
	p.moves = !after.same(p.before)
	p.login = p.moves && after.value != nil
	return p, nil
}

// ownerField returns the field by whose changes a record changes hands: the schema's, or else that of its mark.
func (c *Core) ownerField(h holder, changes record.Changes) (field int, touched bool) {
	if i := c.e.layout.Owner(); i >= 0 && changes.Touch(i) {
		return i, true
	}
	if h.marked {
		if i := c.e.layout.Find(string(h.key)); i >= 0 {
			return i, changes.Touch(i)
		}
	}
	return -1, false
}

// A step is what has to be done to a roster before a new record can take the place of an old one.
type step uint8

const (
	stepNone   step = iota // nothing: it is nobody's
	stepLogin              // it enters as a login of its own
	stepBeside             // it enters beside the record that it goes on from
	stepLate               // it enters, from before the schema had an owner
	stepLeave              // the record that it goes on from is taken out: it is nobody's any more
)

// A draft is a record that is to be written under a new id.
type draft struct {
	plain      []byte
	term       term
	privileged bool
	before     holder // whose the record is that it goes on from
	owner      []byte // whose it is
	mark       mark   // of its own, unless it is nobody's
	step       step
}

// draft makes of a record what a login, or another renewal, writes under the new id. Nothing of one owner's is ever in
// another's session: where a session passes from one to another, or to nobody, there is nothing but the changes.
func (c *Core) draft(base []byte, t term, changes record.Changes, p passing) (d draft, err error) {
	if d.before, err = c.holderOf(base); err != nil {
		return draft{}, err
	}
	switch {
	case d.before.marked && d.before.value == nil:
		return draft{}, ErrGone
	case d.before.marked && !p.known && p.login:
		// A binary that knows of its owner has marked it since it was loaded: a login is another thing now.
		return draft{}, ErrConflict
	}
	if p.login {
		if base, err = c.Work().Without(base, c.own(), planted); err != nil {
			return draft{}, c.unreadable(err)
		}
	}
	if d.plain, err = c.replay(t, base, changes); err != nil {
		return draft{}, err
	}
	if p.known || d.before.marked {
		if err = c.passOver(&d, changes, p); err != nil {
			return draft{}, err
		}
	}
	// What has an owner is somebody's, whatever this binary's schema takes for a login: it belongs where its roster is.
	d.privileged = d.mark.roster != token.Roster{} || c.Work().PrivilegedIn(d.plain[plainHeader:])
	d.term = c.goesOn(t, p.login, d.privileged)
	h := recordHeader(kindLive, d.term)
	copy(d.plain, h[:])
	return d, nil
}

// passOver finds out whose a draft is, and leaves in it what may be that one's.
func (c *Core) passOver(d *draft, changes record.Changes, p passing) (err error) {
	after := d.before
	if field, touched := c.ownerField(d.before, changes); touched {
		if h := c.heldBy(d.plain[plainHeader:], field); !h.same(d.before) {
			after = h
		}
	}
	if d.before.value != nil && !after.same(d.before) {
		if d.plain, err = c.replay(term{}, nil, changes); err != nil {
			return err
		}
	}
	d.owner, d.mark = after.value, after.mark
	switch {
	case after.value == nil && d.before.value == nil:
		return nil
	case after.value == nil:
		d.step = stepLeave
		return nil
	case p.login:
		d.step = stepLogin
	case !after.same(d.before):
		return ErrConflict // it was somebody else's when it was loaded
	case d.before.marked:
		d.step = stepBeside // its mark is among the fields that stay
		return nil
	default:
		d.step = stepLate
	}
	d.mark.roster, d.mark.device = c.e.ring.Roster(0, d.owner), newDevice()
	d.plain, err = c.marked(d.plain, d.mark)
	return err
}

// marked returns a plain record with a mark, and checks its size once more.
func (c *Core) marked(plain []byte, m mark) ([]byte, error) {
	return c.checkSize(record.WithOwnerMark(plain, plainHeader, m.encode()))
}
