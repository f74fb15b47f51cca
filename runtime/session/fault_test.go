package session_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// The calls of a store, as faultyStore names them.
const (
	get    = "get"
	add    = "add"
	swap   = "swap"
	touch  = "touch"
	remove = "delete"
)

var (
	errTimeout = errors.New("i/o timeout")                                    // it may or may not have happened
	errDown    = fmt.Errorf("connection refused: %w", session.ErrUnavailable) // it has not happened
)

// A faultyStore keeps records in a map and does what a test asks for before and after each call: fail, lie, or let
// another request come in between.
type faultyStore struct {
	now func() time.Time

	// before runs before a call; its error is the answer, and the call does not happen.
	before func(call, key string) error
	// after runs after a call that succeeded; its error is the answer nevertheless.
	after func(call, key string) error
	// reply is what get answers instead of the value.
	reply func(key string, value []byte) []byte
	// hang is a call that answers only when its context ends.
	hang string
	// limit is how long a value may be that is swapped in; 0: any length.
	limit int
	// inspect sees each call's context.
	inspect func(context.Context)

	mu      sync.Mutex
	records map[string]faultyRecord
	writes  uint64
	calls   []string
	resets  int
	closed  bool // the test has ended: what a manager still does in the background is not seen by it
}

type faultyRecord struct {
	value   []byte
	version uint64
	end     time.Time
}

func newFaultyStore(t testing.TB, now func() time.Time) *faultyStore {
	f := &faultyStore{now: now, records: make(map[string]faultyRecord)}
	t.Cleanup(func() {
		f.mu.Lock()
		f.closed = true
		f.mu.Unlock()
	})
	return f
}

// once makes the next call of a kind fail.
func once(kind string, err error) func(call, key string) error {
	return times(1, kind, err)
}

// times makes the next n calls of a kind fail.
func times(n int, kind string, err error) func(call, key string) error {
	return func(call, _ string) error {
		if call == kind && n > 0 {
			n--
			return err
		}
		return nil
	}
}

// always makes every call of the kinds fail.
func always(err error, kinds ...string) func(call, key string) error {
	return func(call, _ string) error {
		if slices.Contains(kinds, call) {
			return err
		}
		return nil
	}
}

// meanwhile runs something once, before the next call of a kind, which then goes its way.
func meanwhile(kind string, f func()) func(call, key string) error {
	done := false
	return func(call, _ string) error {
		if call == kind && !done {
			done = true
			f()
		}
		return nil
	}
}

func (f *faultyStore) do(ctx context.Context, call, key string, apply func() error) error {
	f.mu.Lock()
	if f.closed {
		f.mu.Unlock()
		return errDown
	}
	f.calls = append(f.calls, call)
	before, after, hang := f.before, f.after, f.hang
	f.mu.Unlock()
	if f.inspect != nil {
		f.inspect(ctx)
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if call == hang {
		<-ctx.Done()
		return ctx.Err()
	}
	if before != nil {
		if err := before(call, key); err != nil {
			return err
		}
	}
	f.mu.Lock()
	if r, ok := f.records[key]; ok && !f.now().Before(r.end) {
		delete(f.records, key)
	}
	err := apply()
	f.mu.Unlock()
	if err == nil && after != nil {
		err = after(call, key)
	}
	return err
}

// put writes a copy of a value. It expects the lock.
func (f *faultyStore) put(key string, value []byte, ttl time.Duration) error {
	if ttl <= 0 {
		return fmt.Errorf("ttl of %v", ttl)
	}
	f.writes++
	f.records[key] = faultyRecord{value: bytes.Clone(value), version: f.writes, end: f.now().Add(ttl)}
	return nil
}

func (f *faultyStore) Get(ctx context.Context, key string) (value []byte, v session.Version, err error) {
	err = f.do(ctx, get, key, func() error {
		r, ok := f.records[key]
		if !ok {
			return session.ErrNotFound
		}
		value, v = bytes.Clone(r.value), session.Version{r.version}
		if f.reply != nil {
			value = f.reply(key, value)
		}
		return nil
	})
	if err != nil {
		return nil, session.Version{}, err
	}
	return value, v, nil
}

func (f *faultyStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return f.do(ctx, add, key, func() error {
		if _, ok := f.records[key]; ok {
			return session.ErrExists
		}
		return f.put(key, value, ttl)
	})
}

func (f *faultyStore) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return f.do(ctx, swap, key, func() error {
		r, ok := f.records[key]
		if !ok {
			return session.ErrNotFound
		}
		if v != (session.Version{r.version}) {
			return session.ErrStale
		}
		if f.limit > 0 && len(value) > f.limit {
			return session.ErrTooLarge
		}
		return f.put(key, value, ttl)
	})
}

func (f *faultyStore) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return f.do(ctx, touch, key, func() error {
		r, ok := f.records[key]
		if !ok {
			return session.ErrNotFound
		}
		r.end = f.now().Add(ttl)
		f.records[key] = r
		return nil
	})
}

func (f *faultyStore) Delete(ctx context.Context, key string) error {
	return f.do(ctx, remove, key, func() error {
		delete(f.records, key)
		return nil
	})
}

// Reset is what a store with connections has: it drops them.
func (f *faultyStore) Reset() { f.resets++ }

// heal ends all faults.
func (f *faultyStore) heal() {
	f.mu.Lock()
	f.before, f.after, f.reply, f.hang = nil, nil, nil, ""
	f.mu.Unlock()
}

// fail sets what goes wrong from now on, before a call and after it.
func (f *faultyStore) fail(before, after func(call, key string) error) {
	f.mu.Lock()
	f.before, f.after = before, after
	f.mu.Unlock()
}

// trips returns the calls since the last time and forgets them.
func (f *faultyStore) trips() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	calls := f.calls
	f.calls = nil
	return calls
}

// evict drops every record.
func (f *faultyStore) evict() {
	f.mu.Lock()
	clear(f.records)
	f.mu.Unlock()
}

// size returns how many records there are.
func (f *faultyStore) size() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.records)
}

// damage writes other bytes into every record.
func (f *faultyStore) damage(change func(value []byte) []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for key, r := range f.records {
		f.writes++
		r.value, r.version = change(r.value), f.writes
		f.records[key] = r
	}
}
