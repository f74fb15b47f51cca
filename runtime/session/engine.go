package session

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/token"
)

// An engine is what all sessions of one manager share.
type engine struct {
	wrapper   string
	cfg       Config // without its secrets, which are in the ring's keys
	given     Store
	store     Store
	anonymous Store // for the sessions of passers-by; perhaps the same
	ring      *token.Ring
	layout    *record.Layout
	touches   touchTable
	locks     keyedLocks
	unended   unended
	sweeps    atomic.Int64 // tombstones that wait for their end: see sweep
	buffers   sync.Pool    // *buffer
	reports   sync.Pool    // *report
	plain     plainCheck
	start     time.Time

	observer atomic.Pointer[Observer] // Config's, and those that have come since; nil: none

	jitter func(bound time.Duration) time.Duration // a random part of it

	// The warnings that have been given, each once: that responses go round the writer of Middleware, that sessions are
	// asked for or changed after it, that failures are answered after it.
	bypassed, outlived, overtaken atomic.Bool
}

// A buffer is room for a sealed record, which a store reads and does not keep.
type buffer struct{ b []byte }

const maxPooled = 64 << 10 // a buffer that one large session has grown is not kept

func (e *engine) buffer() *buffer {
	if b, ok := e.buffers.Get().(*buffer); ok {
		return b
	}
	return new(buffer)
}

func (e *engine) recycle(b *buffer) {
	if cap(b.b) <= maxPooled {
		e.buffers.Put(b)
	}
}

func newEngine(store Store, cfg Config, wrapper, identity string, fields []record.Field) (*engine, error) {
	if store == nil {
		return nil, errors.New("session: no Store")
	}
	cfg, err := cfg.withDefaults(wrapper)
	if err != nil {
		return nil, err
	}
	e := &engine{wrapper: wrapper, cfg: cfg, given: store, jitter: rand.N[time.Duration], start: time.Now()}
	if o := cfg.Observer; o != nil {
		e.observer.Store(&o)
	}
	e.anonymous, e.store = apart(store)
	if e.ring, err = token.NewRing(identity, cfg.Cookie.Name, cfg.Secrets); err != nil {
		return nil, fmt.Errorf("session: Config.Secrets: %w", err)
	}
	e.cfg.Secrets = nil
	if e.layout, err = record.NewLayout(fields, max(cfg.MaxSize-e.recordOverhead(), 1)); err != nil {
		return nil, err
	}
	e.touches.seed = maphash.MakeSeed()
	return e, nil
}

// fetch reads and opens a record. Its errors: ErrNotFound where there is none, as errUnopened where there is one that
// this manager can never open, and one that wraps ErrUnavailable if the store could not be asked.
func (e *engine) fetch(ctx context.Context, store Store, key string, now time.Time) (stored, error) {
	return e.open(ctx, store, key, get(ctx, store, key), now)
}

// open is fetch with what the store has answered already.
func (e *engine) open(ctx context.Context, store Store, key string, got Got, now time.Time) (stored, error) {
	got = settle(ctx, store, key, got)
	for again := false; ; again = true {
		if got.Err != nil {
			if errors.Is(got.Err, ErrNotFound) {
				return stored{}, ErrNotFound
			}
			return stored{}, unavailable(got.Err)
		}
		s := stored{version: got.Version, size: len(got.Value)}
		s.nonce = token.Nonce(got.Value)
		plain, err := e.ring.Open(got.Value, key)
		if err == nil {
			err = s.parse(plain)
		}
		if err == nil {
			if s.isOld(now) || s.kind == kindLive && e.expired(s.term, now) {
				return stored{}, ErrNotFound
			}
			return s, nil
		}
		if errors.Is(err, token.ErrForeign) && !again {
			// The reply of another key: the connection's replies have shifted. Ask once more on a fresh one.
			reset(store)
			got = get(ctx, store, key)
			continue
		}
		e.cfg.Logger.WarnContext(ctx, "session record cannot be opened, the session has ended", "error", loggedError(err))
		return stored{}, errUnopened
	}
}

// errUnopened is the ErrNotFound of a record that is there and cannot be opened; errUnreadable is the ErrGone of one.
var (
	errUnopened   = fmt.Errorf("session: record cannot be opened: %w", ErrNotFound)
	errUnreadable = fmt.Errorf("%w: its record cannot be read", ErrGone)
)

// unavailable makes a store's error one that callers recognise.
func unavailable(err error) error {
	if errors.Is(err, ErrUnavailable) {
		return err
	}
	return fmt.Errorf("%w: %w", ErrUnavailable, err)
}
