package session

import (
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// Take removes a flash field in the store at once and returns its value, so that however many requests try, one gets
// it. It is what generated TakeF calls.
//
// An absent field costs no I/O, and one that was set in this request is taken in memory; elements that were appended or
// put to one that the store has is taken with it. Otherwise Take costs one compare-and-swap, and because that leaves
// the session without a version, a later Save of the same request costs one read more. Other pending changes stay
// pending. What cannot be taken for certain is not returned: a store that fails is logged.
func Take[T any](ref *Ref, i int, read func(*record.Reader) T) (T, bool) {
	return record.Decode(&ref.Fields, i, ref.take(i), read)
}

func (c *Core) take(i int) []byte {
	has := c.Fields.Has(i) // before the lock: it may have to say that the value does not fit
	defer c.release(c.observed())
	if c.unfinished != nil {
		return nil // nobody knows under which id the session is
	}
	if c.unsure && c.Work().Pending(i) {
		return nil // what was set may be in the store as well, for another request to take
	}
	if !c.Work().Adds(i) {
		if value, pending := c.Work().TakePending(i); pending {
			return value
		}
	}
	if c.phase != phaseLive || !has {
		return nil
	}
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	pending := c.Work().BeginTake(i)
	ended := false // false after a panic, in the store or the clock
	defer func() {
		if !ended && !pending.Empty() {
			c.Work().Abort(pending)
			c.unsure = true
		}
	}()
	done, err := c.rewrite(ctx, edit{joins: true, apply: func(_ edit, base []byte, t term) (edited, error) {
		h := recordHeader(kindLive, t)
		value, rest, err := c.Work().TakeFrom(h[:], base, i, pending)
		if err == nil && value == nil {
			err = errKeep // another request has taken it
		}
		return edited{plain: rest, taken: value}, err
	}})
	ended = true
	if err == nil {
		c.Work().Commit(done.plain[plainHeader:])
		c.noteField(Taken, i, nil)
		return done.taken
	}
	if !pending.Empty() {
		c.Work().Abort(pending)
	}
	if errors.Is(err, errKeep) {
		value, _ := c.Work().TakePending(i)
		return value
	}
	c.noteField(Taken, i, err)
	if !errors.Is(err, ErrGone) {
		c.e.cfg.Logger.WarnContext(c.ctx, "session flash could not be taken", "key", c.e.layout.Field(i).Key,
			"error", loggedError(err))
	}
	return nil
}
