package session

import (
	"errors"
	"time"
)

// Destroy ends the session: the record in the store and the cookie. The session is empty and new afterwards; what is set
// on it then and saved gets an id of its own. Ending is final: no request that still holds the session can bring it back,
// also not one that was about to renew its id.
//
// The cookie is expired even when the store fails; the error then says that the record may live on until it expires.
// Within Middleware, ErrLateSave says that the record has ended but the cookie could not be expired, because the header
// had gone out.
func (c *Core) Destroy() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var err error
	switch c.phase {
	case phaseLive:
		err = errors.Join(c.end(), c.dropCookie())
	case phaseNew:
		if c.key != "" { // the store missed the record, or had one that cannot be read: it may have it again tomorrow
			err = c.end()
		}
		if c.resp.request != nil && c.e.hasCookie(c.resp.request.Header) {
			err = errors.Join(err, c.dropCookie())
		}
	case phaseEnded:
		// A renewal has ended it: the logout goes where that has gone. The browser may have the cookie of a login by now:
		// that stays, and this session stays ended, so that no Save displaces it.
		err = c.end()
		c.Fields.Clear()
		c.renew, c.unsure = false, false
		return err
	}
	c.Fields.Clear()
	c.phase = phaseNew
	c.key, c.size, c.current = "", 0, false
	c.privileged, c.renew, c.unsure = false, false, false
	return err
}

func (c *Core) dropCookie() error {
	if c.resp.w == nil {
		return nil // opened: there is no browser to tell
	}
	if c.resp.late() {
		return ErrLateSave
	}
	c.expireCookie()
	return nil
}

// maxHops bounds how far a logout follows renewals that overtook it.
const maxHops = 8

// end replaces the record by a tombstone and then removes it. The tombstone is what makes ending final: a renewal that
// raced with it either fails at the tombstone, or has left one of its own, which says where the session went on.
//
// Where no record is found it is deleted all the same: a record that cannot be read, or that a store misses for a moment,
// is to be gone.
func (c *Core) end() error {
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	key := c.key
	for range maxHops {
		const repeatable = true
		err := c.rewrite(ctx, key, repeatable, func(_ []byte, created time.Time) ([]byte, error) {
			return plainDestroyed(created), nil
		})
		if renewed, ok := errors.AsType[*renewedError](err); ok {
			if !renewed.next.known {
				return nil
			}
			key = c.e.ring.StoreKey(c.e.cfg.KeyPrefix, renewed.next.id)
			continue
		}
		if err != nil && !errors.Is(err, ErrGone) {
			return err // and no Delete: what is there may be the tombstone of a renewal, by which another logout follows it
		}
		if deleted := c.e.store.Delete(ctx, key); deleted != nil && err != nil {
			return unavailable(deleted)
		}
		return nil // a tombstone that could not be deleted does no harm
	}
	return ErrConflict
}
