package migrate

import (
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// locate moves the record under key to to, if it is not there, and reads it.
func (s *store) locate(ctx context.Context, key string) ([]byte, session.Version, error) {
	none := func(err error) ([]byte, session.Version, error) { return nil, session.Version{}, err }
	w := s.watch(ctx)
	for {
		value, v, c, err := look(ctx, key, s.to)
		switch {
		case err != nil:
			return none(err)
		case value != nil:
			return value, v, nil
		case c != nil && c.kind != ended:
			if err := s.settle(w, key, s.to, s.from, *c, v); err != nil {
				return none(err)
			}
			continue
		}
		inTo, atTo := c, v // nothing, or a claim that says that the record has ended
		value, v, c, err = look(ctx, key, s.from)
		switch {
		case err != nil:
			return none(err)
		case value != nil:
			err = s.move(w, key, s.from, s.to, claim{record: value}, v)
		case c != nil && c.kind != ended:
			err = s.settle(w, key, s.from, s.to, *c, v)
		default:
			var absent bool
			if absent, err = s.absent(w, key, inTo, atTo); absent {
				err = session.ErrNotFound
			}
		}
		if err != nil {
			return none(err)
		}
	}
}

// absent says whether neither store has the record. Looked for in one and then in the other it could have moved in
// between; so a claim goes to where it is not, for as long as the look takes, and nobody can move it there.
func (s *store) absent(w *watch, key string, inTo *claim, atTo session.Version) (bool, error) {
	h, err := s.occupy(w, key, s.to, inTo, atTo)
	if h == nil || err != nil {
		return false, err
	}
	value, _, c, err := look(h.ctx, key, s.from)
	_ = h.remove() // or it ends by itself
	return err == nil && value == nil && (c == nil || c.kind == ended), w.unlessLate(h, err)
}

// settle goes on with a move that somebody else has begun, or waits for them, for a moment. The caller looks again
// after it.
func (s *store) settle(w *watch, key string, in, other session.Store, c claim, v session.Version) error {
	switch {
	case c.kind == arrived:
		return s.arrive(w, key, in, other, c, v)
	case !w.over(c, v):
		return w.pause()
	}
	return s.move(w, key, in, other, c, v)
}

// move brings a record of from, or of a claim there whose time is over, into to, where it has arrived but cannot be
// used yet. That somebody else was faster is no error.
func (s *store) move(w *watch, key string, from, to session.Store, c claim, v session.Version) error {
	h, err := s.claim(w.ctx, key, from, claim{kind: leaving, record: c.record}, v, s.ttl)
	if h == nil || err != nil {
		return err
	}
	defer h.cancel()
	switch err := s.put(h.ctx, key, to, c.record); {
	case errors.Is(err, errInTheWay):
		return w.ctx.Err()
	case err != nil:
		return w.unlessLate(h, err)
	}
	_ = h.remove() // or arrive does it, when the claim's time is over
	return nil
}

// errInTheWay says that a claim's own time was over before that of one in the other store. It is left to who meets
// it, this call among them.
var errInTheWay = errors.New("another claim is in the way")

// put adds a record that is moved to the other store. If there is something already, an earlier claim's owner
// has put it there, unless it is a claim without a record.
func (s *store) put(ctx context.Context, key string, to session.Store, record []byte) error {
	w := s.watch(ctx)
	value := claim{kind: arrived, record: record}.append(nil)
	for {
		err := to.Add(ctx, key, value, s.ttl)
		if !errors.Is(err, session.ErrExists) {
			return err
		}
		there, v, c, err := look(ctx, key, to)
		switch {
		case err != nil:
			return err
		case there != nil, c.is(arrived):
			return nil
		case c == nil:
			continue
		case !w.over(*c, v):
			if w.pause() != nil {
				return errInTheWay
			}
			continue
		}
		err = to.Swap(ctx, key, value, v, s.ttl)
		if !errors.Is(err, session.ErrStale) && !errors.Is(err, session.ErrNotFound) {
			return err
		}
	}
}

// arrive ends a move: the claim that the record has left behind is removed, by its owner or, if that was killed, when
// its time is over; only then can the record be used. So no record comes back from a claim after it has ended.
func (s *store) arrive(w *watch, key string, in, other session.Store, c claim, v session.Version) error {
	_, behind, left, err := look(w.ctx, key, other)
	if err != nil {
		return err
	}
	if left.is(leaving) {
		if !w.over(*left, behind) {
			return w.pause()
		}
		h, err := s.claim(w.ctx, key, other, *left, behind, s.ttl)
		if h == nil || err != nil {
			return err
		}
		defer h.cancel()
		// The record may have left in since, and be in that claim alone. As long as the claim is there it cannot leave.
		_, now, _, err := look(h.ctx, key, in)
		if err == nil && now != v {
			return nil // once the claim is over the record is moved
		}
		if err == nil {
			err = h.remove()
		}
		if err != nil {
			return w.unlessLate(h, err)
		}
	}
	err = in.Swap(w.ctx, key, c.record, v, s.ttl)
	if errors.Is(err, session.ErrStale) || errors.Is(err, session.ErrNotFound) {
		return nil // somebody else was faster
	}
	return err
}

// A held claim is one of this call's own, in one store. Its context ends with the time in which the call may still
// act on it.
type held struct {
	ctx    context.Context
	cancel context.CancelFunc
	in     session.Store
	key    string
}

// still says whether it is this call's own for some time yet.
func (h *held) still() bool { return h != nil && h.ctx.Err() == nil }

func (h *held) remove() error {
	defer h.cancel()
	return h.in.Delete(h.ctx, h.key)
}

// claim puts a claim in the place of version v; nil if somebody else was faster.
func (s *store) claim(ctx context.Context, key string, in session.Store, c claim, v session.Version, ttl time.Duration,
) (*held, error) {
	start := time.Now()
	c.deadline = s.now().Add(claimTime).UnixNano()
	err := in.Swap(ctx, key, c.append(nil), v, ttl)
	if errors.Is(err, session.ErrStale) || errors.Is(err, session.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return hold(ctx, key, in, start), nil
}

// hold is a claim that was put there at some time after start.
func hold(ctx context.Context, key string, in session.Store, start time.Time) *held {
	ctx, cancel := context.WithDeadline(ctx, start.Add(ownTime))
	return &held{ctx, cancel, in, key}
}
