package session

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/runtime/token"
)

// A roll is a roster as it was read.
type roll struct {
	plain   []byte // opened; nil if there is none that this manager can open
	found   bool   // the store has a record there
	version Version
	nonce   token.RecordNonce
}

func (e *engine) rosterKey(name token.Roster) string { return e.ring.RosterKey(e.cfg.KeyPrefix, name) }

// roll reads a roster. Its error wraps ErrUnavailable: the store could not be asked, or has answered with another key's
// record twice. A record that does not open is a roster that lists nobody.
func (e *engine) roll(ctx context.Context, name token.Roster) (roll, error) {
	key := e.rosterKey(name)
	return e.unroll(ctx, key, get(ctx, e.store, key))
}

// unroll opens a roster that a store has answered with, and asks it once more if that is another key's.
func (e *engine) unroll(ctx context.Context, key string, got Got) (roll, error) {
	for again := false; ; again = true {
		if errors.Is(got.Err, ErrNotFound) {
			return roll{}, nil
		}
		if got.Err != nil {
			return roll{}, unavailable(got.Err)
		}
		r := roll{found: true, version: got.Version, nonce: token.Nonce(got.Value)}
		plain, err := e.ring.Open(got.Value, key)
		switch {
		case err == nil && isRoster(plain):
			r.plain = plain
			return r, nil
		case errors.Is(err, token.ErrForeign) && again:
			return roll{}, fmt.Errorf("%w: it answers with another key's record", ErrUnavailable)
		case errors.Is(err, token.ErrForeign):
			reset(e.store)
			got = get(ctx, e.store, key)
			continue
		case err == nil:
			err = errFormat
		}
		e.cfg.Logger.WarnContext(ctx, "session roster cannot be opened, the sessions of its owner have ended",
			"error", loggedError(err))
		return r, nil
	}
}

// amend replaces a roster by what edit makes of it: the one that the store has, or an empty one, and after a conflict
// the one that is there then, until ctx ends. edit is called again after a conflict, and also where a write of before
// has been overtaken, so that it has to look whether its work is done. If it returns errKeep nothing is written.
//
// Its errors: ErrConflict, ErrUnavailable, with ErrUnknown if something may have been written, and whatever edit
// returns. A store that cannot be reached is not asked again.
func (e *engine) amend(ctx context.Context, name token.Roster, edit func(*roster) error) error {
	key := e.rosterKey(name)
	if _, err := e.locks.lock(key, part{ctx: ctx}); err != nil {
		return err
	}
	defer e.locks.unlock(key)
	a := amendment{e: e, key: key, edit: edit, wait: e.backoff()}
	return inDoubt(a.run(ctx, name), a.doubt)
}

// An amendment is one amend. As in a rewrite, sealed is what edit made of the roster that was seen last, or nil where
// that has changed since, and doubt says that it may have been written.
type amendment struct {
	e    *engine
	key  string
	edit func(*roster) error
	wait backoff

	seen   roll
	sealed []byte
	ttl    time.Duration
	doubt  bool
}

func (a *amendment) run(ctx context.Context, name token.Roster) error {
	for {
		seen, err := a.e.roll(ctx, name)
		if err != nil {
			return err
		}
		if a.doubt && seen.nonce == token.Nonce(a.sealed) {
			a.doubt = false
			return nil
		}
		if a.sealed == nil || seen.found != a.seen.found || seen.version != a.seen.version {
			a.seen, a.doubt = seen, false // what was sent cannot be written any more, or has been and is overtaken
			if err := a.prepare(); err != nil {
				if err == errKeep {
					err = nil
				}
				return err
			}
		}
		if done, err := a.write(ctx); done || err != nil {
			return err
		}
	}
}

func (a *amendment) prepare() error {
	r, _ := parseRoster(a.seen.plain)
	if err := a.edit(&r); err != nil {
		return err
	}
	a.ttl = r.ttl(a.e.cfg.Now(), a.e.longest())
	a.sealed = a.e.ring.Seal(nil, a.key, r.encode())
	return nil
}

// write sends what was prepared. If it reports neither success nor an error, the roster has to be read again.
//
// The first roster of an owner that seemed lost may still arrive after another has been written, and then finds that:
// rosters are never deleted.
func (a *amendment) write(ctx context.Context) (done bool, err error) {
	if a.seen.found {
		err = a.e.store.Swap(ctx, a.key, a.sealed, a.seen.version, a.ttl)
	} else {
		err = a.e.store.Add(ctx, a.key, a.sealed, a.ttl)
	}
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, ErrUnavailable):
		return false, err
	case errors.Is(err, ErrTooLarge):
		return false, fmt.Errorf("session: the list of an owner's sessions: %w", err)
	case errors.Is(err, ErrStale), errors.Is(err, ErrExists), errors.Is(err, ErrNotFound):
		a.sealed, err = nil, ErrConflict
	default:
		a.doubt, err = true, unavailable(err)
	}
	if a.wait.pause(ctx) {
		return false, nil
	}
	return false, err
}
