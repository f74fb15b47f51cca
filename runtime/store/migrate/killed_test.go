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

// mortal gives the two stores as a process has them that is killed at its n-th call of either: before the store
// carries it out, or before the answer arrives.
func mortal(old, new session.Store, n int, carriedOut bool) (session.Store, session.Store) {
	calls := 0
	before := func(context.Context, string) error {
		calls++
		if calls > n || calls == n && !carriedOut {
			return errDead
		}
		return nil
	}
	after := func(context.Context, string) error {
		if calls >= n {
			return errDead
		}
		return nil
	}
	return disturb(old, before, after), disturb(new, before, after)
}

func TestAProcessKilledAtAnyStepOfAMoveLosesNothing(t *testing.T) {
	eachStep(t, func(t *testing.T, s session.Store) {
		_, _, _ = s.Get(t.Context(), "k")
	}, func(t *testing.T, s session.Store) {
		value, v, err := s.Get(t.Context(), "k")
		if err != nil || string(value) != "one" {
			t.Fatalf("%q, %v", value, err)
		}
		if err := s.Swap(t.Context(), "k", []byte("two"), v, time.Hour); err != nil {
			t.Errorf("Swap: %v", err)
		}
		time.Sleep(2 * time.Second)
		if value, _, err := s.Get(t.Context(), "k"); err != nil || string(value) != "two" {
			t.Errorf("after a while: %q, %v", value, err)
		}
		if err := s.Delete(t.Context(), "k"); err != nil {
			t.Errorf("Delete: %v", err)
		}
	})
}

func TestAProcessKilledAtAnyStepOfADeleteLeavesAllOrNothing(t *testing.T) {
	eachStep(t, func(t *testing.T, s session.Store) {
		_ = s.Delete(t.Context(), "k")
	}, func(t *testing.T, s session.Store) {
		value, _, err := s.Get(t.Context(), "k")
		if !errors.Is(err, session.ErrNotFound) && (err != nil || string(value) != "one") {
			t.Errorf("%q, %v", value, err)
		}
		gone := err != nil
		time.Sleep(2 * time.Second)
		if _, _, err := s.Get(t.Context(), "k"); gone && !errors.Is(err, session.ErrNotFound) {
			t.Errorf("it is back: %v", err)
		}
		if err := s.Delete(t.Context(), "k"); err != nil {
			t.Errorf("Delete: %v", err)
		}
	})
}

func TestNothingComesBackThatHasEndedAfterAMoveWhoseProcessWasKilled(t *testing.T) {
	for how, end := range map[string]func(context.Context, session.Store, session.Version) error{
		"idle": func(ctx context.Context, s session.Store, _ session.Version) error {
			return s.Touch(ctx, "k", 5*time.Second)
		},
		"as a tombstone": func(ctx context.Context, s session.Store, v session.Version) error {
			return s.Swap(ctx, "k", []byte("tombstone"), v, 5*time.Second)
		},
	} {
		t.Run(how, func(t *testing.T) {
			eachStep(t, func(t *testing.T, s session.Store) {
				_, _, _ = s.Get(t.Context(), "k")
			}, func(t *testing.T, s session.Store) {
				_, v, err := s.Get(t.Context(), "k")
				if err != nil {
					t.Fatal(err)
				}
				if err := end(t.Context(), s, v); err != nil {
					t.Fatal(err)
				}
				time.Sleep(6 * time.Second)
				if value, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrNotFound) {
					t.Errorf("it is back: %q, %v", value, err)
				}
			})
		})
	}
}

// eachStep has a process die at each of its calls, and another one, of the same step or the one before, go on. In the
// end the record has been deleted.
func eachStep(t *testing.T, dying, next func(*testing.T, session.Store)) {
	for n := 1; n <= 16; n++ {
		for _, carriedOut := range []bool{false, true} {
			for _, step := range []int{1, 2} {
				t.Run(fmt.Sprint("call ", n, ", carried out ", carriedOut, ", then step ", step), func(t *testing.T) {
					bubble.Test(t, func(t *testing.T) {
						old, new := newPlain(), newPlain()
						if err := old.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
							t.Fatal(err)
						}
						dyingOld, dyingNew := mortal(old, new, n, carriedOut)
						dying(t, migrate.New(dyingNew, dyingOld, time.Hour))
						s := migrate.New(new, old, time.Hour)
						if step == 1 {
							s = migrate.New(old, new, time.Hour)
						}
						next(t, s)
						time.Sleep(2 * time.Second)
						for _, p := range []*plain{old, new} {
							if r, there := p.live("k"); there {
								t.Errorf("%q is left", r.value)
							}
						}
					})
				})
			}
		}
	}
}
