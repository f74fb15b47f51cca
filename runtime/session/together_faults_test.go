package session_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestWhatIsRefusedBecauseOfAnotherIsToldOnceThatIsWritten(t *testing.T) {
	others := []request{buy(60), buy(60), visits(1)} // of 100
	t.Run("written", func(t *testing.T) {
		inCrowd(t, others, func(t *testing.T, c *crowd) {
			c.store.fail(nil, func(call, _ string) error {
				if call == swap && c.errs[2] != nil {
					t.Error("told before it was written")
				}
				return nil
			})
			errs := c.finish()
			if _, ok := errors.AsType[*session.FieldError](errs[1]); !ok || errs[0] != nil || errs[2] != nil {
				t.Errorf("%v", errs)
			}
			wantTrips(t, c.store, get, swap)
			if got := c.fields(c.guest); len(got.Cart) != 60 || got.Visits != 2 {
				t.Errorf("stored: %+v", got)
			}
		})
	})
	t.Run("refused by the store", func(t *testing.T) {
		inCrowd(t, others, func(t *testing.T, c *crowd) {
			c.store.fail(once(swap, errDown), nil)
			errs := c.finish()
			down := func(err error) bool {
				return errors.Is(err, session.ErrUnavailable) && !errors.Is(err, session.ErrUnknown)
			}
			if !down(errs[0]) || errs[1] != nil || !down(errs[2]) {
				t.Errorf("%v", errs)
			}
			wantTrips(t, c.store, get, swap, get, swap)
			if got := c.fields(c.guest); len(got.Cart) != 60 || got.Visits != 1 {
				t.Errorf("stored: %+v", got)
			}
		})
	})
	t.Run("overtaken by another process", func(t *testing.T) {
		inCrowd(t, others, func(t *testing.T, c *crowd) {
			c.store.fail(meanwhile(swap, func() {
				c.twin().visit(c.guest, func(x *fixture.Session) { x.AddVisits(100) })
			}), nil)
			errs := c.finish()
			theirs := []string{get, touch, swap} // then who was refused goes alone, and so who is before and behind it
			want := slices.Concat([]string{get, swap}, theirs, []string{get, swap, get, get, swap})
			wantTrips(t, c.store, want...)
			if _, ok := errors.AsType[*session.FieldError](errs[1]); !ok || errs[0] != nil || errs[2] != nil {
				t.Errorf("%v", errs)
			}
			if got := c.fields(c.guest); len(got.Cart) != 60 || got.Visits != 102 {
				t.Errorf("stored: %+v", got)
			}
		})
	})
}

// Nothing of who was refused was in the swap, so that it is in no doubt.
func TestWhoIsRefusedInASwapOfUnknownOutcomeGoesAlone(t *testing.T) {
	inCrowd(t, []request{buy(60), buy(60), visits(1)}, func(t *testing.T, c *crowd) { // of 100
		swapped := false
		c.store.fail(func(call, _ string) error {
			switch {
			case call == swap && !swapped:
				swapped = true
				return errTimeout
			case call == get && swapped: // they look for it
				c.store.fail(nil, nil)
				c.twin().visit(c.guest, func(x *fixture.Session) { x.AddVisits(100) })
			}
			return nil
		}, nil)
		errs := c.finish()
		if !errors.Is(errs[0], session.ErrUnknown) || errs[1] != nil || !errors.Is(errs[2], session.ErrUnknown) {
			t.Errorf("%v", errs)
		}
		if got := c.fields(c.guest); len(got.Cart) != 60 || got.Visits != 101 {
			t.Errorf("stored: %d in the cart, %d visits", len(got.Cart), got.Visits)
		}
	})
}

func TestWhenTheStoreFallsSilentAfterASwapOfManyAllAreInDoubt(t *testing.T) {
	inCrowd(t, repeat(3, visits(1)), func(t *testing.T, c *crowd) {
		swapped := false
		c.store.fail(func(call, _ string) error {
			switch {
			case call == swap:
				swapped = true
				return errTimeout
			case swapped:
				return errDown
			}
			return nil
		}, nil)
		for i, err := range c.finish() {
			if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, session.ErrUnknown) {
				t.Errorf("request %d: %v", i+1, err)
			}
		}
	})
}

func TestWhatIsTooLargeForAnotherIsToldOnceThatIsWritten(t *testing.T) {
	half := func(key string) request { return put(key, string(make([]byte, 500))) }
	inCrowd(t, []request{half("a"), half("b"), visits(1)}, func(t *testing.T, c *crowd) {
		errs := c.finish()
		if !errors.Is(errs[1], session.ErrTooLarge) || errs[0] != nil || errs[2] != nil {
			t.Errorf("%v", errs)
		}
		wantTrips(t, c.store, get, swap)
		if got := c.fields(c.guest); len(got.Prefs) != 2 || got.Visits != 2 {
			t.Errorf("stored: %+v", got)
		}
	}, func(c *session.Config) { c.MaxSize = 900 })
}

func TestWhatIsTooLargeForTheStoreTogetherIsSavedAlone(t *testing.T) {
	inCrowd(t, []request{put("a", "1"), put("b", string(make([]byte, 300))), put("c", "3")}, func(t *testing.T, c *crowd) {
		c.store.limit = 200
		errs := c.finish()
		wantTrips(t, c.store, get, swap, get, swap, get, swap, get, swap)
		if !errors.Is(errs[1], session.ErrTooLarge) || errs[0] != nil || errs[2] != nil {
			t.Errorf("%v", errs)
		}
		if got := c.fields(c.guest); got.Prefs["a"] != "1" || got.Prefs["c"] != "3" || len(got.Prefs) != 3 {
			t.Errorf("stored: %+v", got)
		}
	})
}

func TestWhoLeavesTheLineIsNeverWritten(t *testing.T) {
	inCrowd(t, repeat(3, visits(1)), func(t *testing.T, c *crowd) {
		time.Sleep(time.Second) // SaveTimeout
		synctest.Wait()
		for i, err := range c.errs[1:] {
			if !errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrUnknown) {
				t.Errorf("request %d: %v, want ErrConflict", i, err)
			}
		}
		close(c.goOn)
		c.wg.Wait()
		if n := c.fields(c.guest).Visits; n != 1 {
			t.Errorf("%d visits", n)
		}
		for _, x := range c.sessions[1:] {
			if err := x.Save(); err != nil {
				t.Errorf("another try: %v", err)
			}
		}
		if n := c.fields(c.guest).Visits; n != 4 {
			t.Errorf("%d visits after another try", n)
		}
	})
}

func TestWhoLeavesWhileAnotherSavesForItIsToldThatItDoesNotKnow(t *testing.T) {
	inCrowd(t, repeat(3, visits(1)), func(t *testing.T, c *crowd) {
		time.Sleep(500 * time.Millisecond)
		late, _ := c.load(c.guest)
		var lateErr error
		c.wg.Go(func() { lateErr = visits(1)(late) })
		synctest.Wait()
		var deadline time.Time
		goOn := make(chan struct{})
		c.store.inspect = func(ctx context.Context) { deadline, _ = ctx.Deadline() }
		c.store.fail(meanwhile(swap, func() { <-goOn }), nil)
		close(c.goOn)
		synctest.Wait() // the second one leads, and its swap is under way with those of all others
		if left := time.Until(deadline); left != time.Second {
			t.Errorf("the swap has %v, want as much as the latest has", left)
		}
		time.Sleep(500 * time.Millisecond)
		synctest.Wait()
		for i, err := range c.errs[2:] {
			if !errors.Is(err, session.ErrUnknown) {
				t.Errorf("request %d: %v, want ErrUnknown", i+1, err)
			}
			c.sessions[i+2].AddVisits(100) // while what was pending is replayed
		}
		close(goOn)
		c.wg.Wait()
		if c.errs[1] != nil || lateErr != nil {
			t.Errorf("who leads: %v; who came late: %v", c.errs[1], lateErr)
		}
		if n := c.fields(c.guest).Visits; n != 5 {
			t.Errorf("%d visits", n)
		}
	})
}

func TestWhoLeavesAfterAConflictIsNeverWritten(t *testing.T) {
	inCrowd(t, repeat(3, visits(1)), func(t *testing.T, c *crowd) {
		swapped, goOn := false, make(chan struct{})
		c.store.fail(func(call, _ string) error {
			switch {
			case call == swap && !swapped:
				swapped = true
				return session.ErrStale
			case call == get && swapped:
				<-goOn
			}
			return nil
		}, nil)
		close(c.goOn)
		synctest.Wait() // who leads reads what has come before its swap
		time.Sleep(time.Second)
		synctest.Wait()
		for i, err := range c.errs[2:] {
			if !errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrUnknown) {
				t.Errorf("request %d: %v, want ErrConflict", i+1, err)
			}
		}
		close(goOn)
		c.wg.Wait()
		c.store.fail(nil, nil)
		if n := c.fields(c.guest).Visits; n > 2 {
			t.Errorf("%d visits", n)
		}
	})
}

// Whoever has left goes on with its session while the holder of the lock replays what it wanted to save. The clock,
// which each replay asks, stands still at one call after the other.
func TestWhoHasLeftDoesNotDisturbWhoSavesForIt(t *testing.T) {
	for name, write := range map[string]request{
		"a save": save(func(x *fixture.Session) { x.SetOTP("1234567890") }),
		"a count": func(x *fixture.Session) error {
			x.AddVisits(100)
			_, err := x.CountVisits(100)
			return err
		},
	} {
		t.Run(name, func(t *testing.T) { leaveAtEachCallOfTheClock(t, write) })
	}
}

func leaveAtEachCallOfTheClock(t *testing.T, write request) {
	var left atomic.Bool
	leaves := func(x *fixture.Session) error {
		err := write(x)
		if errors.Is(err, session.ErrUnknown) {
			left.Store(true)
			x.SetOTP("9876543210")
			x.AddVisits(1000)
		}
		return err
	}
	for at := int64(1); at < 10; at++ {
		var calls atomic.Int64 // until the clock stands still; 0: it does not
		inCrowd(t, []request{visits(1), visits(10), leaves}, func(t *testing.T, c *crowd) {
			time.Sleep(500 * time.Millisecond)
			late, _ := c.load(c.guest)
			c.wg.Go(func() { _ = visits(100)(late) })
			synctest.Wait()
			calls.Store(at)
			_ = c.finish()
			if got := c.fields(c.guest); got.OTP == "9876543210" || got.Visits >= 1000 {
				t.Errorf("the clock stood still at call %d; stored: %+v", at, got)
			}
		}, func(cfg *session.Config) {
			now := cfg.Now
			cfg.Now = func() time.Time {
				if calls.Load() > 0 && calls.Add(-1) == 0 {
					time.Sleep(550 * time.Millisecond)
				}
				return now()
			}
		})
	}
	if !left.Load() {
		t.Error("nobody has left while another saved for it")
	}
}

func TestASwapOfManyOfUnknownOutcomeIsLookedFor(t *testing.T) {
	for name, timeout := range timeouts {
		t.Run(name, func(t *testing.T) {
			inCrowd(t, slices.Concat(repeat(3, visits(1)), repeat(2, put("k", "v"))), func(t *testing.T, c *crowd) {
				timeout(c.lab, swap)
				c.succeed()
				if got := c.fields(c.guest); got.Visits != 4 || got.Prefs["k"] != "v" {
					t.Errorf("stored: %+v", got)
				}
			})
		})
	}
}

func TestAfterASwapOfManyOfUnknownOutcomeAndAnotherWriteOnlyWhatCanBeRepeatedIs(t *testing.T) {
	for name, timeout := range timeouts {
		for _, leads := range []request{put("leads", "a put"), visits(1)} {
			t.Run(name, func(t *testing.T) {
				others := []request{leads, visits(10), put("k", "v"), visits(100), buy(200), put("l", "w")}
				inCrowd(t, others, func(t *testing.T, c *crowd) {
					timeout(c.lab, swap)
					before, after := c.store.before, c.store.after
					swaps := 0
					c.store.before = func(call, key string) error {
						if call == swap {
							swaps++
						}
						if call == get && swaps > 0 { // they look for their write
							c.store.fail(nil, nil)
							c.twin().visit(c.guest, func(x *fixture.Session) { x.SetOTP("theirs") })
							return nil
						}
						if before != nil {
							return before(call, key)
						}
						return nil
					}
					c.store.after = after
					errs := c.finish()
					for i, err := range errs {
						adds := i == 1 || i == 3 || i == 0 && !reflect.DeepEqual(c.sessions[1].Prefs()["leads"], "a put")
						_, refused := errors.AsType[*session.FieldError](err)
						if errors.Is(err, session.ErrUnknown) != adds || !adds && i != 4 && err != nil || refused != (i == 4) {
							t.Errorf("request %d: %v", i, err)
						}
					}
					got := c.fields(c.guest)
					if got.OTP != "theirs" || got.Prefs["k"] != "v" || got.Prefs["l"] != "w" {
						t.Errorf("stored: %+v", got)
					}
					if v := got.Visits - 1; v != 0 && v != 110 && v != 111 {
						t.Errorf("%d visits", v)
					}
				})
			})
		}
	}
}

func TestAPanicOfWhoSavesForOthersIsItsOwn(t *testing.T) {
	var sprung any
	leads := func(x *fixture.Session) error {
		defer func() { sprung = recover() }()
		return visits(1)(x)
	}
	inCrowd(t, []request{leads, visits(10), put("k", "v")}, func(t *testing.T, c *crowd) {
		fresh := true
		c.store.fail(func(call, _ string) error {
			if call == swap && fresh {
				fresh = false
				panic("sprung")
			}
			return nil
		}, nil)
		errs := c.finish()
		if sprung == nil || !errors.Is(errs[1], session.ErrUnknown) || !errors.Is(errs[2], session.ErrUnknown) {
			t.Errorf("panic %v, the others: %v", sprung, errs[1:])
		}
		if err := visits(1)(first(c.load(c.guest))); err != nil {
			t.Errorf("after the panic: %v", err)
		}
	})
}

func TestThoseInLineShareThatTheSessionHasEnded(t *testing.T) {
	inCrowd(t, repeat(64, visits(1)), func(t *testing.T, c *crowd) {
		c.store.fail(meanwhile(get, c.store.evict), nil)
		for i, err := range c.finish() {
			if !errors.Is(err, session.ErrGone) || errors.Is(err, session.ErrUnknown) {
				t.Errorf("request %d: %v", i, err)
			}
		}
		if n := len(c.store.trips()); n > 3 { // a store with connections is asked twice
			t.Errorf("%d calls of the store", n)
		}
	})
}
