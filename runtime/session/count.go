package session

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/record"
)

// Count adds to a counter in the store at once, and returns the sum, as a limit needs it. Generated CountF calls it.
//
// Of however many requests that count at the same time each is told another sum, in the order in which they counted, so
// that of those that go on only where the sum is at most 5, five do. Reading a counter, comparing it and adding to it
// is no limit: between the read and the Save others read the same. Any error means: refuse, whatever was counted.
//
//	if n, err := s.CountTries(1); err != nil || n > 5 {
//		return errTooManyTries
//	}
//
// It costs one compare-and-swap of its own, as Take does. Earlier changes of the request to the counter go with it;
// other changes stay pending. A session that the store does not have yet is created, its cookie set, with nothing but
// the counter; ErrLateSave if that is too late. At the ends of its type the sum stays there; AddF wraps. A ttl of the
// field counts from the first Count, as from the first Add, on an absent one.
//
// The errors are those of Save, with the same meaning; ErrGone where the session has ended. After an error what was
// pending for the counter is so still, and delta is not; but after ErrUnknown neither is, because both may have been
// written.
//
// A counter that a visitor can throw away limits nobody: who drops the cookie starts anew. A limit on guesses of a
// password belongs to the account, in the site's own database; this one is for what a session itself entitles to, such
// as a code that was sent.
func Count[T integer](ref *Ref, i int, delta T) (T, error) {
	sum, err := ref.count(i, uint64(delta))
	return T(sum), err
}

// An integer is what a counter can be.
type integer interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func (c *Core) count(i int, delta uint64) (uint64, error) {
	defer c.release(c.observed())
	begins := c.phase == phaseNew
	sum, err := c.countLocked(i, delta)
	if begins && err == nil {
		c.noteField(Created, i, nil)
	}
	c.noteField(Counted, i, err)
	return sum, err
}

func (c *Core) countLocked(i int, delta uint64) (uint64, error) {
	if c.unfinished != nil {
		return 0, ErrUnknown // nobody knows under which id the session is
	}
	if c.phase == phaseEnded {
		return 0, ErrGone
	}
	ctx := newSaveContext(c.ctx, c.e.cfg.SaveTimeout)
	defer ctx.release()
	pending := c.Work().BeginTake(i)
	ended := false // false after a panic, in the store or the clock
	defer func() {
		if !ended {
			c.Work().Abort(pending)
			c.unsure = true
		}
	}()
	counts := edit{joins: true, apply: func(_ edit, base []byte, t term) (edited, error) {
		h := recordHeader(kindLive, t)
		sum, plain, err := c.Work().CountFrom(h[:], base, i, pending, delta)
		if err != nil {
			return edited{}, c.unreadable(err)
		}
		plain, err = c.checkSize(plain)
		return edited{plain: plain, sum: sum}, err
	}}
	var (
		done edited
		err  error
	)
	if c.phase == phaseNew {
		done, err = c.createWith(ctx, counts)
	} else {
		done, err = c.rewrite(ctx, counts)
	}
	ended = true
	if err != nil {
		kept := pending
		if c.phase == phaseLive && errors.Is(err, ErrUnknown) {
			kept = record.Changes{}
		}
		c.Work().Abort(kept)
		return 0, err
	}
	c.Work().Commit(done.plain[plainHeader:])
	return done.sum, nil
}

// createWith creates the session with the record that an edit makes of an empty one. A record whose write is in doubt
// lies under an id that nobody has.
func (c *Core) createWith(ctx context.Context, ed edit) (edited, error) {
	const login, privileged = false, false // a counter makes nobody somebody
	t := c.goesOn(term{}, login, privileged)
	done, err := ed.apply(ed, nil, t)
	if err != nil {
		return edited{}, err
	}
	if c.resp.late() {
		return edited{}, ErrLateSave
	}
	next, err := c.add(ctx, done.plain, t)
	if err != nil {
		return edited{}, err
	}
	c.moveTo(next)
	return done, nil
}
