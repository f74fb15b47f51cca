package session

import (
	"errors"
	"iter"
	"net/http"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// loadFirst fills the core with the session of a bearer request, or with the first live one that the request's cookies
// lead to. A cookie whose session has ended hides none behind it: after Domain or Path changed under one name,
// browsers send the old cookie and the new one. That a session was renewed a moment ago counts only if no other is
// live. The error is that the store could not be asked.
func (c *Core) loadFirst(h http.Header) error {
	for claims := range c.e.claims(h, c.report) {
		if alive, err := c.loadToken(claims, c.e.cfg.Now()); alive || err != nil {
			c.loaded(alive, err)
			return err
		}
	}
	c.loaded(false, nil)
	return nil
}

// claims yields what the request's tokens say that verify and whose session may be alive: the one of a bearer request,
// or as many of its cookies' as are asked for. The others are noted in r, which may be nil.
func (e *engine) claims(h http.Header, r *report) iter.Seq[token.Claims] {
	return func(yield func(token.Claims) bool) {
		if text, ok := e.bearer(h); ok {
			if claims, ok := e.verify(text, e.cfg.Now()); ok {
				yield(claims)
			} else {
				r.refuse(claims)
			}
			return
		}
		looked, asked := 0, 0
		for value := range e.cookies(h) {
			if looked++; looked > maxLooked {
				return
			}
			claims, ok := e.verify(value, e.cfg.Now())
			if !ok {
				r.refuse(claims)
				continue
			}
			if asked++; asked > maxAsked || !yield(claims) {
				return
			}
		}
	}
}

// verify returns what a token says that is one of this manager's, and whether it is and not past its Lifetime.
func (e *engine) verify(text string, now time.Time) (token.Claims, bool) {
	claims, ok := e.ring.Verify(text)
	return claims, ok && !e.expired(termOf(claims), now)
}

// loadToken fills the core with the session that a verified token names, if the store still has it, and reports whether
// it does. The error is that the store could not be asked.
func (c *Core) loadToken(claims token.Claims, now time.Time) (bool, error) {
	key := c.e.ring.StoreKey(c.e.cfg.KeyPrefix, claims.ID)
	if c.phase != phaseEnded {
		c.key, c.term, c.roster = key, termOf(claims), claims.Roster
	}
	s, list, err := c.e.fetchListed(c.ctx, key, claims, now)
	c.owner = c.ownerIn(list)
	switch {
	case errors.Is(err, ErrNotFound):
		if err == errUnopened {
			c.foundUnreadable(key)
		}
		return false, nil
	case err != nil:
		return false, err
	}
	switch s.kind {
	case kindRenewed:
		c.phase = phaseEnded
		return false, nil
	case kindDestroyed:
		return false, nil
	}
	if err := c.Work().Open(s.fields); err != nil {
		_ = c.unreadable(err)
		c.foundUnreadable(key)
		return false, nil
	}
	if listed, err := c.listed(claims.Roster, key, &s, list); !listed {
		c.Work().Clear()
		return false, err
	}
	if !c.passive() && c.e.touches.due(key, now, c.e.touchInterval(s.term)) &&
		errors.Is(c.touch(key, s.term, now), ErrNotFound) {
		c.Work().Clear()
		return false, nil
	}
	c.adopt(claims.ID, key, s.term, s.size)
	c.flags, c.roster = claims.Flags, claims.Roster
	c.version, c.current = s.version, true
	c.privileged = c.Work().Privileged()
	return true, nil
}

// passive reports whether the request is no use of its session. What is opened by its token is one.
func (c *Core) passive() bool {
	return c.peeked || c.e.cfg.Passive != nil && c.resp.request != nil && c.e.cfg.Passive(c.resp.request)
}

// touch slides the expiry of a record. If the store cannot, finds none, or panics, the next load tries again.
func (c *Core) touch(key string, t term, now time.Time) error {
	touched := false
	defer func() {
		if !touched {
			c.e.touches.forget(key)
		}
	}()
	err := c.e.pool(t.flags).Touch(c.ctx, key, c.e.ttl(t, now))
	touched = err == nil
	if !touched && !errors.Is(err, ErrNotFound) {
		c.e.cfg.Logger.WarnContext(c.ctx, "session could not be touched", "error", loggedError(err))
		c.note(Failed, nil, unavailable(err))
	}
	return err
}
