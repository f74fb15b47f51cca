package session

import (
	"bytes"
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
)

func TestALockIsHeldByOneAtATimeAndOutlivesThoseWhoGiveUp(t *testing.T) {
	bubble.Test(t, crowdALock)
}

// crowdALock runs in a bubble, whose time does not depend on the machine.
func crowdALock(t *testing.T) {
	const workers, rounds = 32, 200
	var l keyedLocks
	var inside [2]atomic.Int32
	var locked, gaveUp atomic.Int32
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			key := w % len(inside)
			name := []string{"a", "b"}[key]
			for i := range rounds {
				ctx, cancel := context.WithTimeout(t.Context(), time.Duration(i%5)*50*time.Microsecond)
				if _, err := l.lock(name, part{ctx: ctx}); err != nil {
					gaveUp.Add(1)
				} else {
					if inside[key].Add(1) != 1 {
						t.Error("two hold the lock")
					}
					time.Sleep(time.Microsecond)
					inside[key].Add(-1)
					locked.Add(1)
					l.unlock(name)
				}
				cancel()
			}
		})
	}
	wg.Wait()
	t.Logf("%d locked, %d gave up", locked.Load(), gaveUp.Load())
	if locked.Load() == 0 || gaveUp.Load() == 0 {
		t.Error("the test has seen only one of the two")
	}
	if n := len(l.held); n != 0 {
		t.Errorf("%d keys are held after all", n)
	}
}

// waitsForAMutex reports whether a goroutine does, in a function.
func waitsForAMutex(function string) bool {
	stacks := make([]byte, 1<<20)
	for goroutine := range bytes.SplitSeq(stacks[:runtime.Stack(stacks, true)], []byte("\n\n")) {
		if bytes.Contains(goroutine, []byte("[sync.Mutex.Lock")) && bytes.Contains(goroutine, []byte(function)) {
			return true
		}
	}
	return false
}

// givesUp makes somebody wait for a lock that is held and, when the holder has done something else in the meantime,
// find that out. It returns what the one who has given up is told.
func givesUp(t *testing.T, l *keyedLocks, p part, meanwhile func()) error {
	t.Helper()
	if waited, err := l.lock("k", part{ctx: t.Context()}); waited != nil || err != nil {
		t.Fatal(waited, err)
	}
	ctx, giveUp := context.WithCancel(t.Context())
	told := make(chan error)
	p.ctx = ctx
	go func() {
		_, err := l.lock("k", p)
		told <- err
	}()
	for waiting := 0; waiting == 0; {
		l.mu.Lock()
		if q := l.held["k"]; q != nil {
			waiting = len(q.waiting)
		}
		l.mu.Unlock()
	}
	l.mu.Lock()
	giveUp()
	for !waitsForAMutex("(*keyedLocks).leave") { // then it has given up, and is kept from saying so
		runtime.Gosched()
	}
	meanwhile()
	l.mu.Unlock()
	return <-told
}

func TestALockThatIsHandedToOneWhoGivesUpIsFree(t *testing.T) {
	for _, doubt := range []bool{false, true} {
		var l keyedLocks
		err := givesUp(t, &l, part{doubt: doubt}, func() { l.pass("k") })
		if !errors.Is(err, ErrConflict) || errors.Is(err, ErrUnknown) != doubt {
			t.Errorf("in doubt: %v; it is told %v", doubt, err)
		}
		if n := len(l.held); n != 0 {
			t.Errorf("%d keys are held after all", n)
		}
	}
}

func TestWhoGivesUpWhenItsOutcomeIsKnownLearnsIt(t *testing.T) {
	var l keyedLocks
	err := givesUp(t, &l, part{edit: edit{joins: true}}, func() {
		w := l.held["k"].waiting[0]
		l.held["k"].waiting = nil
		w.told = true
		close(w.woken)
	})
	if err != nil {
		t.Errorf("it is told %v", err)
	}
	l.unlock("k")
	if n := len(l.held); n != 0 {
		t.Errorf("%d keys are held after all", n)
	}
}
