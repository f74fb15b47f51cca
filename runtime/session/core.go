package session

import (
	"context"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// A phase is how a session stands to the store.
type phase uint8

const (
	phaseNew   phase = iota // the store has nothing of it
	phaseLive               // the store had its record when it was loaded or saved
	phaseEnded              // its record has ended since: Save is ErrGone, unless it is a login
)

// A Ref is how a generated session holds its Core: behind a second pointer. fmt follows one pointer of a value whose
// verb does not suit it, as it is with %s of a copied session or of one in an unexported field, and asks no method.
type Ref struct{ *Core }

// A Core is the part of a session that does not depend on its fields' types. Generated sessions hold one and delegate
// to it; nothing else uses it. It is safe for concurrent use after it was bound.
type Core struct {
	record.Fields
	ref Ref

	e    *engine
	ctx  context.Context
	resp response

	mu         sync.Mutex // one Save, Destroy or Take at a time; guards what follows
	id         token.ID
	roster     token.Roster // of its token; that of the record's mark, if it has one, or none
	flags      token.Flags  // of its token, too: unknown ones are passed on
	phase      phase
	current    bool // version is that of Work's Base
	privileged bool // a renew field had a value when the session was loaded or last renewed
	renew      bool
	remember   wish   // of Remember, until a Save
	peeked     bool   // of Inspection.Peek: for reading alone
	unsure     bool   // the last Save may have written what is still pending
	key        string // in the store; of a new session, the key that its cookie led to in vain, or none
	term       term   // of its record; of a new session with a key, what its cookie said
	version    Version
	size       int
	unfinished *unfinished
	rare       *rare   // nil: none of it
	report     *report // of the call that is under way, if anybody observes
	owner      string  // in events: whose it is
}

// Ref refers to c. It is for generated code, which calls it once.
func (c *Core) Ref() *Ref {
	c.ref.Core = c
	return &c.ref
}

// rare is what few requests need of their session. The others' sessions are smaller for it: a Core is allocated for
// each request.
type rare struct {
	own       []byte   // what the request's earlier Saves have made of the fields that a login else leaves behind
	ending    []ending // the sessions that Destroy could not end yet
	cookieDue bool     // Destroy has to expire the browser's cookie
}

// rarely returns the core's rare, which there is from now on.
func (c *Core) rarely() *rare {
	if c.rare == nil {
		c.rare = new(rare)
	}
	return c.rare
}

// own returns rare's own.
func (c *Core) own() []byte {
	if c.rare == nil {
		return nil
	}
	return c.rare.own
}

func (c *Core) init(e *engine, slots []record.Slot, ctx context.Context, resp response) {
	c.e = e
	c.ctx = ctx
	c.resp = resp
	c.Work().Init(e.layout, slots, c)
}

// Now is the time of Config's clock, for the fields.
func (c *Core) Now() time.Time { return c.e.cfg.Now() }

// Misfit logs a stored value that is not of its field's type. A getter calls it, without a lock.
func (c *Core) Misfit(f *record.Field) {
	c.e.cfg.Logger.WarnContext(c.ctx, "stored session field does not fit its type and reads as absent", "key", f.Key)
	if c.peeked || c.e.observer.Load() == nil {
		return
	}
	defer c.release(c.observed())
	c.misfit(f)
}

// ChangedLate warns of a change that comes when Do has ended. A setter calls it, without a lock.
func (c *Core) ChangedLate() {
	c.e.warn(c.resp.request, &c.e.outlived,
		"a session is changed after its Middleware or Do has ended, and nothing but a Save by hand saves that"+inTime)
}

// unreadable logs that a record opens and has no fields that make sense, and returns the error of a Save that meets it.
func (c *Core) unreadable(err error) error {
	c.e.cfg.Logger.WarnContext(c.ctx, "session record cannot be read, the session has ended",
		"error", loggedError(err))
	return errUnreadable
}

// adopt makes the core the session of an id.
func (c *Core) adopt(id token.ID, key string, t term, size int) {
	c.phase = phaseLive
	c.id, c.key, c.term, c.size = id, key, t, size
	c.current = false
}

// Renew gives the session a new id at the next Save, which keeps its fields and the time of its creation. A session
// that is not in the store yet has nothing to renew.
func (c *Core) Renew() {
	c.mu.Lock()
	c.renew = c.phase != phaseNew
	c.mu.Unlock()
}

// Remember says whether the session of who has logged in outlives the browser: from the next Save on the times of
// Config.Remembered hold and the cookie has a Max-Age, or, with false, no longer. A login handler calls it where the
// visitor has asked to be kept logged in; every other login has the times of the rule, whatever held before.
//
//	s.SetUserID(account.ID)
//	s.Remember(r.FormValue("keep") != "")
//
// It renews the id, as Renew does. Where that changes which times hold, Created restarts. It is without effect on a
// session in which no field with the renew option has a value: nobody is logged in there.
func (c *Core) Remember(on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.renew = c.phase != phaseNew
	if c.remember = forget; on {
		c.remember = remember
	}
}

// Meta returns what is known of the session beside its fields.
func (c *Core) Meta() Meta {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.phase != phaseLive {
		return Meta{veil: veiled(""), New: true}
	}
	m := Meta{
		ID:         logID(c.key),
		veil:       veiled(c.token()),
		Remembered: c.e.cfg.remembers(c.term.flags),
		Created:    c.term.created,
		Expires:    c.e.expires(c.term, c.e.cfg.Now()),
		Size:       c.size,
	}
	if c.fromList() {
		m.Expires = c.e.endOfLife(c.term)
	}
	if c.Work().Owned() {
		if mark, ok := markOf(c.Work().Base()); ok {
			m.Device = mark.device.String()
		}
	}
	return m
}

// fromList reports whether the session came from an owner's List: a roster knows no ids.
func (c *Core) fromList() bool { return c.id == token.ID{} }

// token is the cookie's value of a live session, or empty where that is not known.
func (c *Core) token() string {
	if c.fromList() {
		return ""
	}
	return c.e.ring.Sign(token.Claims{ID: c.id, Created: c.term.created, Flags: c.flags, Roster: c.roster})
}
