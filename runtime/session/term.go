package session

import (
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// A term says since when a session lives and which timeouts hold for it. It is decided when the session is created and
// at each renewal, and as long as the id is the same so is the term, whatever becomes of the fields: it stands in the
// token, so that what is past its Lifetime costs no I/O, and in the record. Where the two disagree, which only binaries
// of different make can bring about, the session lives by its record, and what the token says bounds it too.
type term struct {
	created time.Time
	flags   token.Flags
}

func termOf(c token.Claims) term { return term{created: c.Created, flags: c.Flags} }

// A wish is what Remember has been called with since the last Save.
type wish uint8

const (
	unsaid wish = iota
	remember
	forget
)

// goesOn returns the term of a session that goes on under a new id, or of one that begins, where t is zero. Created
// restarts at a login, and where other timeouts hold from now on than did before.
func (c *Core) goesOn(t term, login, privileged bool) term {
	next := term{created: t.created, flags: c.flags &^ rules}
	switch {
	case !privileged:
		next.flags |= token.Anonymous
	case c.remember == remember, c.remember == unsaid && !login && c.e.cfg.remembers(t.flags):
		next.flags |= token.Remembered
	}
	if t == (term{}) || login || c.e.differ(t.flags, next.flags) {
		next.created = c.Now()
	}
	return next
}

// differ reports whether something else holds with the one flags than with the others.
func (e *engine) differ(a, b token.Flags) bool {
	return e.cfg.timeouts(a) != e.cfg.timeouts(b) || e.cfg.remembers(a) != e.cfg.remembers(b)
}

// rest returns what is left of a session's Lifetime.
func (e *engine) rest(t term, now time.Time) time.Duration {
	return e.endOfLife(t).Sub(now)
}

func (e *engine) expired(t term, now time.Time) bool { return e.rest(t, now) <= 0 }

// ttl returns how long a record that is written now may live.
func (e *engine) ttl(t term, now time.Time) time.Duration {
	return max(min(e.cfg.timeouts(t.flags).Idle, e.rest(t, now)), time.Millisecond)
}

// expires returns when a session ends that nobody uses after now.
func (e *engine) expires(t term, now time.Time) time.Time {
	return earlier(e.endOfLife(t), now.Add(e.cfg.timeouts(t.flags).Idle))
}

// endOfLife is when a session must have ended, used or not.
func (e *engine) endOfLife(t term) time.Time { return t.created.Add(e.cfg.timeouts(t.flags).Lifetime) }

// longest is the longest that any session may live.
func (e *engine) longest() time.Duration {
	return max(e.cfg.Lifetime, e.cfg.Anonymous.Lifetime, e.cfg.Remembered.Lifetime)
}

// touchInterval is how much time has to pass between two touches of a session.
func (e *engine) touchInterval(t term) time.Duration {
	holds := e.cfg.timeouts(t.flags)
	return min(holds.Idle, holds.Lifetime) / 10
}
