package session

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// unended are the sessions whose Destroy has failed. As long as there are any, one goroutine tries to end them, so
// that a logout holds once the store is back, although the visitor has gone. The zero value is ready.
//
// It is bounded: a session is given up when its record must have expired by itself, and there are at most maxUnended
// at a time. A process that ends takes them with it: then the records live until they expire.
type unended struct {
	mu      sync.Mutex
	pending map[string]unendedUntil // by store key
	running bool
	full    bool // and has said so

	panicked bool // and has said so
}

type unendedUntil struct {
	ending
	until time.Time
}

const (
	maxUnended = 1024

	// Between two rounds the goroutine waits for a bound that doubles from the first to the last of these. A round ends
	// after so many failures in a row: a store that lets each call time out is asked a few times and not a thousand.
	firstRound, lastRound = 50 * time.Millisecond, time.Second
	failuresOfRound       = 4
)

// add takes over an ending that has failed.
func (u *unended) add(e *engine, x ending) {
	x.seen = snapshot{term: x.seen.term}
	holds := e.cfg.timeouts(x.seen.term.flags)
	until := time.Now().Add(min(holds.Idle, holds.Lifetime)) // Config's clock may be what has panicked
	if u.put(unendedUntil{ending: x, until: until}, e) {
		e.cfg.Logger.Warn("too many sessions could not be ended: further ones are not tried again and live until they expire",
			"pending", maxUnended)
	}
}

// put adds x and sees to it that the goroutine runs. It reports whether that is the first for which there is no room.
func (u *unended) put(x unendedUntil, e *engine) (overflow bool) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.pending[x.key]; !known && len(u.pending) >= maxUnended {
		overflow = !u.full
		u.full = true
		return overflow
	}
	if u.pending == nil {
		u.pending = make(map[string]unendedUntil)
	}
	u.pending[x.key] = x
	if !u.running {
		u.running = true
		go u.run(e)
	}
	return false
}

// forget gives up a session that a further Destroy has ended.
func (u *unended) forget(key string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.pending, key)
}

// run ends what is pending, and itself when nothing is left.
func (u *unended) run(e *engine) {
	for bound := firstRound; ; bound = min(2*bound, lastRound) {
		time.Sleep(bound/2 + e.jitter(bound/2))
		ended, left := u.round(e)
		if !left {
			return
		}
		if ended {
			bound = firstRound / 2
		}
	}
}

// round tries what is pending, in no order, so that what belongs to a node that is down does not hide the rest. It
// reports whether any was ended, and whether anything is left; if nothing is, the goroutine is no more.
func (u *unended) round(e *engine) (ended, left bool) {
	failures := 0
	for _, x := range u.batch() {
		from := x.key
		r := e.report(context.Background())
		err := u.try(e, &x.ending)
		r.ended(from, &x.ending, err)
		u.mu.Lock()
		delete(u.pending, from)
		if err != nil {
			u.pending[x.key] = x // where it has got to
		}
		u.mu.Unlock()
		u.guarded(e, r.tell)
		if err == nil {
			ended, failures = true, 0
		} else if failures++; failures == failuresOfRound {
			break
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.full = u.full && len(u.pending) == maxUnended
	u.running = len(u.pending) > 0
	u.panicked = u.panicked && u.running
	return ended, u.running
}

// try ends x. A panic in the store, the clock or the logger is a failure like any other: above this goroutine there is
// no server that recovers, and it would take the process away.
func (u *unended) try(e *engine, x *ending) (err error) {
	ctx := newSaveContext(context.Background(), e.cfg.SaveTimeout)
	defer ctx.release()
	err = errPanicked
	u.guarded(e, func() { err = e.end(ctx, x) })
	return err
}

// guarded calls what others have written, in a goroutine of the engine's own.
func (u *unended) guarded(e *engine, f func()) {
	defer func() {
		if p := recover(); p != nil {
			u.report(e, p)
		}
	}()
	f()
}

var errPanicked = errors.New("session: panic while a session was to be ended")

// report logs the first panic since all was ended. The logger itself may be what panics.
func (u *unended) report(e *engine, p any) {
	u.mu.Lock()
	said := u.panicked
	u.panicked = true
	u.mu.Unlock()
	if said {
		return
	}
	defer func() { _ = recover() }()
	e.cfg.Logger.Error("panic while a session was ended in the background",
		"panic", fmt.Sprint(p), "stack", string(debug.Stack()))
}

// batch returns what is pending now, less what has expired.
func (u *unended) batch() []unendedUntil {
	u.mu.Lock()
	defer u.mu.Unlock()
	batch := make([]unendedUntil, 0, len(u.pending))
	for key, x := range u.pending {
		if time.Now().After(x.until) {
			delete(u.pending, key)
			continue
		}
		batch = append(batch, x)
	}
	return batch
}
