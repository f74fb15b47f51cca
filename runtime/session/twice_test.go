package session_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An effect is what a method has done to the store, as the next request sees it.
type effect struct {
	name string
	do   func(*fixture.Session) error
	// done reports whether it has been done so many times, by what the cookie of before and that of now lead to.
	done func(before, now seen, times int64) bool
	// again: another call after one that has succeeded does it once more.
	again bool
}

// What is seen of a session by a request.
type seen struct {
	fixture.SessionSchema
	remembered bool
}

func (s *lab) see(g *guest) seen {
	s.t.Helper()
	x, _ := s.load(g)
	return seen{shown(x), x.Meta().Remembered}
}

var errNothing = errors.New("nothing was taken")

var effects = []effect{
	{name: "Save", do: func(x *fixture.Session) error {
		x.SetOTP("new")
		return x.Save()
	}, done: func(_, now seen, times int64) bool { return (now.OTP == "new") == (times > 0) }},
	{name: "Renew and Save", do: func(x *fixture.Session) error {
		x.Renew()
		return x.Save()
	}, done: func(before, now seen, times int64) bool {
		return now.Visits == 1 && (before.Visits == 0) == (times > 0)
	}},
	{name: "a login", do: func(x *fixture.Session) error {
		x.SetUserID(7)
		return x.Save()
	}, done: func(before, now seen, times int64) bool {
		return now.Visits == 1 && (before.Visits == 0) == (times > 0) && (now.UserID == 7) == (times > 0)
	}},
	{name: "Remember and Save", do: func(x *fixture.Session) error {
		if x.UserID() == 0 { // else both are pending still
			x.SetUserID(7)
			x.Remember(true)
		}
		return x.Save()
	}, done: func(before, now seen, times int64) bool {
		return now.Visits == 1 && (before.Visits == 0) == (times > 0) && now.remembered == (times > 0)
	}},
	{name: "Destroy", do: (*fixture.Session).Destroy, done: func(before, now seen, times int64) bool {
		return (before.Visits == 0) == (times > 0)
	}},
	{name: "Count", do: func(x *fixture.Session) error {
		_, err := x.CountVisits(1)
		return err
	}, again: true, done: func(_, now seen, times int64) bool { return now.Visits == 1+times }},
	{name: "Add and Save", do: func(x *fixture.Session) error {
		if x.Visits() == 1 { // else it is pending still
			x.AddVisits(1)
		}
		return x.Save()
	}, done: func(_, now seen, times int64) bool { return now.Visits == 1+min(times, 1) }},
	{name: "Append and Save", do: func(x *fixture.Session) error {
		if len(x.Cart()) == 0 { // else it is pending still
			x.AppendCart(fixture.Item{SKU: "tea"})
		}
		return x.Save()
	}, done: func(_, now seen, times int64) bool { return int64(len(now.Cart)) == min(times, 1) }},
	{name: "Put and Save", do: func(x *fixture.Session) error {
		if len(x.Prefs()) == 0 {
			x.PutPrefs("theme", "dark")
		}
		return x.Save()
	}, done: func(_, now seen, times int64) bool { return (now.Prefs["theme"] == "dark") == (times > 0) }},
	{name: "Take", do: func(x *fixture.Session) error {
		if v, ok := x.TakeNotice(); v != "hi" || !ok {
			return errNothing
		}
		return nil
	}, done: func(seen, seen, int64) bool { return true }},
}

// TestWhatAMethodSaysHoldsWhicheverCallOfTheStoreFails calls each method twice in a row, over a store of which one call
// fails, or all from one on. What was said to have happened has happened, once; what was said not to have, has not.
func TestWhatAMethodSaysHoldsWhicheverCallOfTheStoreFails(t *testing.T) {
	for _, e := range effects {
		for failing := 1; failing <= 6; failing++ {
			for how, fault := range map[string]struct {
				err   error
				after bool
				stays bool
			}{
				"refused":                      {err: errDown},
				"refused from then on":         {err: errDown, stays: true},
				"lost":                         {err: errTimeout},
				"lost from then on":            {err: errTimeout, stays: true},
				"answered too late":            {err: errTimeout, after: true},
				"answered too late, and later": {err: errTimeout, after: true, stays: true},
			} {
				t.Run(fmt.Sprintf("%s, call %d is %s", e.name, failing, how), func(t *testing.T) {
					bubble.Test(t, func(t *testing.T) {
						s := newLab(t, inBubble)
						defer time.Sleep(2 * time.Second) // until nothing is tried in the background
						g := s.known()
						s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
						before := g.copy()
						x, w := s.load(g)
						calls := 0
						fail := func(string, string) error {
							if calls++; calls == failing || fault.stays && calls > failing {
								return fault.err
							}
							return nil
						}
						if fault.after {
							s.store.fail(nil, fail)
						} else {
							s.store.fail(fail, nil)
						}
						first, second := e.do(x), e.do(x)
						broken := fault.stays && calls >= failing
						s.store.fail(nil, nil)
						s.verdict(t, e, first, second, broken)
						g.keep(w.Result())
						s.holds(t, e, x, before, g, first, second)
					})
				})
			}
		}
	}
}

// verdict checks that the second call of a method does not take back what the first has said.
func (s *lab) verdict(t *testing.T, e effect, first, second error, broken bool) {
	t.Helper()
	if e.name == "Destroy" && first != nil && second == nil && broken {
		t.Errorf("it failed with %v, and then has nothing to do while the store is down", first)
	}
}

// holds checks the store against what the two calls have said, and that a third one finishes what they have not.
func (s *lab) holds(t *testing.T, e effect, x *fixture.Session, before, now *guest, first, second error) {
	t.Helper()
	var times int64
	unknown := false
	for _, err := range []error{first, second} {
		if err == nil && (e.again || times == 0) {
			times++
		}
		unknown = unknown || errors.Is(err, session.ErrUnknown)
	}
	s.store.heal()
	if e.name == "Take" {
		left := s.noticeStored(now)
		if first == nil && second == nil || left && times > 0 {
			t.Errorf("taken %d times, and still there: %t", times, left)
		}
		return
	}
	if !e.done(s.see(before), s.see(now), times) && !unknown {
		t.Errorf("%v, then %v; the store has %+v and %+v", first, second, s.see(before), s.see(now))
	}
	if times > 0 || unknown || errors.Is(second, session.ErrGone) {
		return
	}
	if err := e.do(x); err != nil {
		t.Errorf("the third call: %v", err)
	}
	if e.name == "Destroy" && !e.done(s.see(before), s.see(now), 1) {
		t.Errorf("after the third call the store has %+v", s.see(before))
	}
}
