package session_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// outcomes are the events of a call, less what it has found on the way, and touches that have failed before a load
// succeeded.
func outcomes(events []session.Event) []session.Event {
	return slices.DeleteFunc(events, func(e session.Event) bool {
		return e.Kind == session.Refused || e.Kind == session.Unreadable || e.Kind == session.Misfit
	})
}

// requestsOf passes on what does not happen in the background.
type requestsOf struct{ *watcher }

func (w requestsOf) Observe(ctx context.Context, e session.Event) {
	if ctx != context.Background() {
		w.watcher.Observe(ctx, e)
	}
}

// Whatever the store does, a call that fails tells that last, and why, and one that succeeds tells no failure: as many
// outcomes as it has.
func TestWhateverTheStoreDoesEachCallTellsItsOutcome(t *testing.T) {
	for seed := range uint64(300) {
		bubble.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 1))
			events := new(watcher)
			s := newLab(t, func(c *session.Config) { c.Observer = requestsOf{events} })
			g := s.known()
			for step := range 12 {
				s.store.heal()
				if rng.IntN(4) == 0 {
					s.fault(rng)
				}
				events.take()
				w := httptest.NewRecorder()
				x, err := s.sessions.Load(w, g.request().WithContext(t.Context()))
				check := func(what string, err error, most int) {
					t.Helper()
					told := outcomes(events.take())
					failed := slices.ContainsFunc(told, func(e session.Event) bool { return e.Err != nil })
					switch {
					case err == nil && failed, len(told) > most:
						t.Errorf("seed %d, step %d: %s = %v, told %v", seed, step, what, err, kindsOf(told))
					case err == nil:
					case len(told) == 0:
						t.Errorf("seed %d, step %d: %s = %v, and nothing is told", seed, step, what, err)
					default:
						last := told[len(told)-1].Err
						for _, is := range []error{session.ErrGone, session.ErrUnavailable, session.ErrUnknown, session.ErrConflict} {
							if errors.Is(err, is) && !errors.Is(last, is) {
								t.Errorf("seed %d, step %d: %s = %v, told %v", seed, step, what, err, last)
							}
						}
					}
				}
				check("Load", err, 1)
				if err != nil {
					continue
				}
				for range 1 + rng.IntN(3) {
					if s.store.heal(); rng.IntN(3) > 0 {
						s.fault(rng)
					}
					switch rng.IntN(5) {
					case 0:
						x.AddVisits(1)
						check("Save", x.Save(), 2) // a renewal whose outcome was unknown may end in it too
					case 1:
						x.SetUserID(int64(rng.IntN(3)))
						check("Save of a login", x.Save(), 2)
					case 2:
						x.Renew()
						check("Save of a renewal", x.Save(), 2)
					case 3:
						_, err := x.CountVisits(1)
						check("Count", err, 2)
					case 4:
						events.take()
						err := x.Destroy()
						if told := outcomes(events.take()); (err != nil) != slices.ContainsFunc(told, isFailed) {
							t.Errorf("seed %d, step %d: Destroy = %v, told %v", seed, step, err, kindsOf(told))
						}
					}
				}
				g.keep(w.Result())
			}
			s.store.heal()
			time.Sleep(20 * time.Second) // by then the background has ended what could not be
		})
	}
}

// fault makes some calls of the store fail, a few times or from now on, before they happen or after.
func (s *lab) fault(rng *rand.Rand) {
	calls := []string{get, add, swap, remove}
	rng.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	calls = calls[:1+rng.IntN(len(calls))]
	err := []error{errDown, errTimeout, errTimeout, session.ErrStale}[rng.IntN(4)]
	var left atomic.Int64 // the background counts too
	left.Store([]int64{1, 2, 5, 1000}[rng.IntN(4)])
	fails := func(call, _ string) error {
		if !slices.Contains(calls, call) || left.Add(-1) < 0 {
			return nil
		}
		return err
	}
	if rng.IntN(2) == 0 {
		s.store.fail(fails, nil)
	} else {
		s.store.fail(nil, fails)
	}
}

func isFailed(e session.Event) bool { return e.Kind == session.Failed }
