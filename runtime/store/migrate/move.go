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
		case c == nil && value != nil:
			return value, v, nil
		case c != nil && !c.ended:
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
		case c == nil && value != nil:
			err = s.move(ctx, key, s.from, s.to, claim{record: value}, v)
		case c != nil && !c.ended:
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

// look reads what a store has under key: nothing, a record (value), or a claim.
func look(ctx context.Context, key string, in session.Store) (value []byte, v session.Version, c *claim, err error) {
	value, v, err = in.Get(ctx, key)
	if errors.Is(err, session.ErrNotFound) {
		return nil, v, nil, nil
	}
	if err != nil {
		return nil, v, nil, err
	}
	if read, ok := readClaim(value); ok {
		return nil, v, &read, nil
	}
	if value == nil {
		value = []byte{} // an empty record is one
	}
	return value, v, nil, nil
}

// absent says whether neither store has the record. Looked for in one and then in the other it could have moved in
// between; so a claim goes to where it is not, for as long as the look takes, and nobody can move it there.
func (s *store) absent(w *watch, key string, inTo *claim, atTo session.Version) (bool, error) {
	o, err := s.occupy(w, key, s.to, inTo, atTo)
	if o == nil || err != nil {
		return false, err
	}
	value, _, c, err := look(o.ctx, key, s.from)
	if err != nil && o.ctx.Err() != nil {
		return false, w.ctx.Err() // it took longer than the claim: once more
	}
	_ = o.remove() // or it ends by itself
	return err == nil && value == nil && (c == nil || c.ended), err
}

// move brings what is in from, a record or a claim whose time is over, into to. That somebody else was faster is no
// error.
func (s *store) move(ctx context.Context, key string, from, to session.Store, c claim, v session.Version) error {
	owned, cancel, err := s.claim(ctx, key, from, &c, v, s.ttl, ownTime)
	if owned == nil || err != nil {
		return err
	}
	defer cancel()
	if err := s.put(owned, key, to, c); err != nil {
		if errors.Is(err, errInTheWay) {
			return ctx.Err()
		}
		return err
	}
	// If this fails, the record is where it should be, and the claim is finished by who meets it.
	_ = from.Delete(owned, key)
	return nil
}

// errInTheWay says that a claim's own time was over before that of one in the other store. It is left to who meets
// it, this call among them.
var errInTheWay = errors.New("another claim is in the way")

// put adds the record of a claim to the other store. What is there already was added under an earlier claim, and may
// have been saved since; unless it is a claim itself, of a move in the other direction that has not come to its end.
// Of two claims the later one has the record: the earlier one had been added to the other store by then.
func (s *store) put(owned context.Context, key string, to session.Store, c claim) error {
	w := s.watch(owned)
	for {
		err := to.Add(owned, key, c.record, s.ttl)
		if !errors.Is(err, session.ErrExists) {
			return err
		}
		value, v, err := to.Get(owned, key)
		if errors.Is(err, session.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		other, claimed := readClaim(value)
		if !claimed {
			return nil
		}
		if !w.over(other, v) {
			if w.pause() != nil {
				return errInTheWay
			}
			continue
		}
		if !other.ended && other.made > c.made {
			return nil
		}
		err = to.Swap(owned, key, c.record, v, s.ttl)
		if !errors.Is(err, session.ErrStale) && !errors.Is(err, session.ErrNotFound) {
			return err
		}
	}
}

// claim puts a claim in the place of version v. The context that it returns lasts for own, in which the claim's owner
// may write; it is nil if somebody else was faster.
func (s *store) claim(ctx context.Context, key string, in session.Store, c *claim, v session.Version, ttl, own time.Duration,
) (context.Context, context.CancelFunc, error) {
	start, now := time.Now(), s.now()
	c.deadline = now.Add(claimTime).UnixNano()
	if c.made == 0 {
		c.made = now.UnixNano()
	}
	err := in.Swap(ctx, key, c.append(nil), v, ttl)
	if errors.Is(err, session.ErrStale) || errors.Is(err, session.ErrNotFound) {
		return nil, nil, nil
	}
	if err != nil {
		return nil, nil, err
	}
	owned, cancel := context.WithDeadline(ctx, start.Add(own))
	return owned, cancel, nil
}

// settle waits for the end of a claim, for a moment, or finishes it if its time is over. The caller looks again after
// it.
func (s *store) settle(w *watch, key string, in, other session.Store, c claim, v session.Version) error {
	if !w.over(c, v) {
		return w.pause()
	}
	return s.move(w.ctx, key, in, other, c, v)
}

// A watch is one call's look at the claims that it meets.
type watch struct {
	ctx   context.Context
	now   func() time.Time
	seen  sighting // the claim that was met last
	since time.Time
}

// A sighting tells a claim from all others: a version alone may be one of either store's.
type sighting struct {
	version        session.Version
	made, deadline int64
}

func (s *store) watch(ctx context.Context) *watch { return &watch{ctx: ctx, now: s.now} }

// over says whether the time of a claim is over: by its deadline, or because it has been there for as long as any
// lasts.
func (w *watch) over(c claim, v session.Version) bool {
	if seen := (sighting{v, c.made, c.deadline}); w.seen != seen {
		w.seen, w.since = seen, time.Now()
	}
	return w.now().UnixNano() > c.deadline || time.Since(w.since) > claimTime
}

// pause waits a moment.
func (w *watch) pause() error {
	select {
	case <-time.After(pollEvery):
		return nil
	case <-w.ctx.Done():
		return w.ctx.Err()
	}
}

// end removes the record under key. It first puts a claim that says so into both stores, in the place of the record
// or of nothing, so that there is nobody left who could still move it; then it removes those.
func (s *store) end(ctx context.Context, key string) error {
	w := s.watch(ctx)
	stores := [2]session.Store{s.from, s.to}
	var owned [2]*ended
	for i := 0; owned[0] == nil || owned[1] == nil; i = 1 - i {
		if owned[i] != nil {
			continue
		}
		o, err := s.kill(w, key, stores[i])
		if err != nil {
			return err
		}
		if o == nil && owned[1-i] != nil {
			if _, _, c, err := look(ctx, key, stores[i]); err != nil {
				return err
			} else if c != nil && c.ended {
				break // somebody else's in the one, this call's in the other: the record is nowhere
			}
		}
		owned[i] = o
	}
	for _, o := range owned {
		if o == nil {
			continue
		}
		if err := o.remove(); err != nil {
			return err
		}
	}
	return nil
}

// kill puts a claim that says that the record has ended in the place of whatever a store has; nil if that is not
// possible yet.
func (s *store) kill(w *watch, key string, in session.Store) (*ended, error) {
	value, v, c, err := look(w.ctx, key, in)
	if err != nil {
		return nil, err
	}
	if value == nil {
		return s.occupy(w, key, in, c, v)
	}
	return s.replace(w, key, in, v)
}

// ended is a claim of this call's own that says that a record has ended, or is not there. It lasts for twice the time
// in which its owner may remove it, and then goes by itself.
type ended struct {
	ctx    context.Context
	cancel context.CancelFunc
	in     session.Store
	key    string
}

func (o *ended) remove() error {
	defer o.cancel()
	return o.in.Delete(o.ctx, o.key)
}

// occupy puts such a claim where there is nothing, or a claim whose time is over; nil if there is something else,
// after a moment.
func (s *store) occupy(w *watch, key string, in session.Store, c *claim, v session.Version) (*ended, error) {
	if c != nil {
		if !w.over(*c, v) {
			return nil, w.pause()
		}
		return s.replace(w, key, in, v)
	}
	start, now := time.Now(), s.now()
	mine := claim{made: now.UnixNano(), deadline: now.Add(claimTime).UnixNano(), ended: true}
	err := in.Add(w.ctx, key, mine.append(nil), 2*claimTime)
	if errors.Is(err, session.ErrExists) {
		return nil, w.pause()
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithDeadline(w.ctx, start.Add(claimTime))
	return &ended{ctx, cancel, in, key}, nil
}

// replace puts such a claim in the place of version v.
func (s *store) replace(w *watch, key string, in session.Store, v session.Version) (*ended, error) {
	ctx, cancel, err := s.claim(w.ctx, key, in, &claim{ended: true}, v, 2*claimTime, claimTime)
	if ctx == nil || err != nil {
		return nil, err
	}
	return &ended{ctx, cancel, in, key}, nil
}
