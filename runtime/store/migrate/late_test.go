package migrate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

// slowly returns two stores of which some calls, counted over both, take a time, in which the caller may give up. A call
// that is given up has been carried out where it says so.
func slowly(to, from session.Store, takes time.Duration, carriedOut bool, slow func(call int) bool) (session.Store, session.Store, *int) {
	calls := new(int)
	wait := func(ctx context.Context, is bool) error {
		if !is {
			return nil
		}
		select {
		case <-time.After(takes):
			return nil
		case <-ctx.Done():
			return fmt.Errorf("slow: %w: %w", session.ErrUnavailable, ctx.Err())
		}
	}
	before := func(ctx context.Context, _ string) error { *calls++; return wait(ctx, slow(*calls) && !carriedOut) }
	after := func(ctx context.Context, call string) error {
		err := wait(ctx, slow(*calls) && carriedOut)
		if err != nil && call != "Get" && call != "Delete" && call != "Touch" {
			err = fmt.Errorf("slow, and done: %w", ctx.Err()) // nobody knows
		}
		return err
	}
	return disturb(to, before, after), disturb(from, before, after), calls
}

// A machine that stands still for a moment, as a busy one does, costs a call that moment and no more: wherever in the
// call that is, and whether or not the store has done what its caller gave up.
func TestACallThatIsSlowForOnceSucceeds(t *testing.T) {
	for name, c := range map[string]struct {
		stored bool
		call   func(ctx context.Context, s session.Store) error
		check  func(t *testing.T, s session.Store)
	}{
		"move": {true, func(ctx context.Context, s session.Store) error {
			value, _, err := s.Get(ctx, "k")
			if err == nil && string(value) != "one" {
				err = fmt.Errorf("got %q", value)
			}
			return err
		}, func(t *testing.T, s session.Store) { wantIn(t, s, "k", "one") }},
		"miss": {false, func(ctx context.Context, s session.Store) error {
			_, _, err := s.Get(ctx, "k")
			if errors.Is(err, session.ErrNotFound) {
				return nil
			}
			return fmt.Errorf("got %w", err)
		}, func(t *testing.T, s session.Store) { wantNone(t, s, "k") }},
		"add": {false, func(ctx context.Context, s session.Store) error { return s.Add(ctx, "k", []byte("new"), time.Hour) },
			func(t *testing.T, s session.Store) { wantIn(t, s, "k", "new") }},
		"add to one": {true, func(ctx context.Context, s session.Store) error {
			if err := s.Add(ctx, "k", []byte("new"), time.Hour); !errors.Is(err, session.ErrExists) {
				return fmt.Errorf("got %w", err)
			}
			return nil
		}, func(t *testing.T, s session.Store) { wantIn(t, s, "k", "one") }},
		"delete": {true, func(ctx context.Context, s session.Store) error { return s.Delete(ctx, "k") },
			func(t *testing.T, s session.Store) { wantNone(t, s, "k") }},
		"touch": {true, func(ctx context.Context, s session.Store) error { return s.Touch(ctx, "k", time.Hour) },
			func(t *testing.T, s session.Store) { wantIn(t, s, "k", "one") }},
	} {
		for _, carriedOut := range []bool{false, true} {
			for n := 1; n < 20; n++ {
				bubble.Test(t, func(t *testing.T) {
					to, from := newPlain(), newPlain()
					if c.stored {
						if err := from.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
							t.Fatal(err)
						}
					}
					slowTo, slowFrom, calls := slowly(to, from, 400*time.Millisecond, carriedOut, func(call int) bool { return call == n })
					ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
					defer cancel()
					err := c.call(ctx, migrate.New(slowTo, slowFrom, time.Hour))
					if unknown := name == "add" && carriedOut && err != nil && !errors.Is(err, session.ErrUnavailable); err != nil && !unknown {
						t.Errorf("%s, carried out %v, call %d of %d: %v", name, carriedOut, n, *calls, err)
					}
					c.check(t, migrate.New(to, from, time.Hour))
				})
			}
		}
	}
}

// A store that is always too slow is unavailable, to a caller that would wait for ever too.
func TestAStoreThatIsAlwaysTooSlowIsUnavailable(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, s session.Store) error{
		"move":   func(ctx context.Context, s session.Store) error { _, _, err := s.Get(ctx, "k"); return err },
		"miss":   func(ctx context.Context, s session.Store) error { _, _, err := s.Get(ctx, "none"); return err },
		"add":    func(ctx context.Context, s session.Store) error { return s.Add(ctx, "none", []byte("new"), time.Hour) },
		"delete": func(ctx context.Context, s session.Store) error { return s.Delete(ctx, "k") },
	} {
		bubble.Test(t, func(t *testing.T) {
			to, from := newPlain(), newPlain()
			if err := from.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
				t.Fatal(err)
			}
			slowTo, slowFrom, _ := slowly(to, from, 300*time.Millisecond, false, func(int) bool { return true })
			ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
			defer cancel()
			start := time.Now()
			err := call(ctx, migrate.New(slowTo, slowFrom, time.Hour))
			if took := time.Since(start); !errors.Is(err, session.ErrUnavailable) || took > 2*time.Minute {
				t.Errorf("%s: %v after %v", name, err, took)
			}
		})
	}
}

// A process that stands still behind its look at a record that has arrived finds, as it goes on, the claim of a later
// move, which alone has the record then: the record has been moved back meanwhile, and has begun to move once more.
func TestAnArrivalThatIsLongOverLosesNothing(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		old, new := newPlain(), newPlain()
		if err := old.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
			t.Fatal(err)
		}
		never := func(context.Context, string) error { return nil }
		killedAt := func(fatal string) session.Store { // its first call of that name to the new store, and so are all after it
			dead := false
			die := func(_ context.Context, call string) error {
				if dead = dead || call == fatal; dead {
					return errDead
				}
				return nil
			}
			return migrate.New(disturb(new, die, never), old, time.Hour)
		}
		if _, _, err := killedAt("Swap").Get(t.Context(), "k"); !errors.Is(err, errDead) {
			t.Fatal(err)
		}
		stoodStill := false
		standStill := func(ctx context.Context, _ string) error {
			if stoodStill {
				return nil
			}
			stoodStill = true
			wantIn(t, migrate.New(old, new, time.Hour), "k", "one")
			if _, _, err := killedAt("Add").Get(ctx, "k"); !errors.Is(err, errDead) {
				t.Error(err)
			}
			time.Sleep(time.Second)
			return nil
		}
		wantIn(t, migrate.New(new, disturb(old, standStill, never), time.Hour), "k", "one")
		if !stoodStill {
			t.Error("it has not looked in the former store")
		}
	})
}
