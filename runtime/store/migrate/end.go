package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// end removes the record under key. It first puts a claim that says so into both stores, in the place of the record
// or of nothing, so that there is nobody left who could still move it; then it removes those.
func (s *store) end(ctx context.Context, key string) error {
	w := s.watch(ctx)
	for {
		if late, err := s.tryToEnd(w, key); !late {
			return err
		}
	}
}

// tryToEnd is late if a claim of its own was over before it was removed.
func (s *store) tryToEnd(w *watch, key string) (late bool, err error) {
	stores := [2]session.Store{s.from, s.to}
	var own [2]*held
	for i := 0; !own[0].still() || !own[1].still(); i = 1 - i {
		if own[i].still() {
			continue
		}
		if own[i] != nil {
			if err := w.unlessLate(own[i], own[i].ctx.Err()); err != nil {
				return false, err
			}
		}
		h, err := s.kill(w, key, stores[i])
		if err != nil {
			return false, err
		}
		own[i] = h
		if h == nil && own[1-i].still() {
			if _, _, c, err := look(w.ctx, key, stores[i]); err != nil {
				return false, err
			} else if c.is(ended) {
				break // somebody else's in the one, this call's in the other: the record is nowhere
			}
		}
	}
	for _, h := range own {
		if h == nil {
			continue
		}
		err := h.remove()
		if err != nil && w.unlessLate(h, err) == nil {
			late = true
		} else if err != nil {
			return false, err
		}
	}
	return late, nil
}

// kill puts a claim that says that the record has ended in the place of anything that a store has; nil if that is not
// possible yet.
func (s *store) kill(w *watch, key string, in session.Store) (*held, error) {
	value, v, c, err := look(w.ctx, key, in)
	if err != nil {
		return nil, err
	}
	if value == nil && !c.is(arrived) {
		return s.occupy(w, key, in, c, v)
	}
	return s.replace(w.ctx, key, in, v)
}

// occupy puts such a claim where there is nothing, or a claim whose time is over; nil if there is something else,
// after a moment.
func (s *store) occupy(w *watch, key string, in session.Store, c *claim, v session.Version) (*held, error) {
	if c != nil {
		if !w.over(*c, v) {
			return nil, w.pause()
		}
		return s.replace(w.ctx, key, in, v)
	}
	start := time.Now()
	mine := claim{kind: ended, deadline: s.now().Add(claimTime).UnixNano()}
	err := in.Add(w.ctx, key, mine.append(nil), endedTime)
	if errors.Is(err, session.ErrExists) {
		return nil, w.pause()
	}
	if err != nil {
		return nil, err
	}
	return hold(w.ctx, key, in, start), nil
}

// replace puts such a claim in the place of version v.
func (s *store) replace(ctx context.Context, key string, in session.Store, v session.Version) (*held, error) {
	return s.claim(ctx, key, in, claim{kind: ended}, v, endedTime)
}

// endedTime is when a claim that has no record goes by itself.
const endedTime = 2 * claimTime
