package session_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A crowd is requests of one session in one process. The first saves; the others stand in line behind it, in order.
type crowd struct {
	*lab
	guest    *guest
	sessions []*fixture.Session
	errs     []error
	goOn     chan struct{} // lets the first swap go its way
	wg       sync.WaitGroup
}

type request = func(*fixture.Session) error

// inCrowd runs a test with a crowd in a bubble. The faults that the test sets are for what comes after the first swap.
func inCrowd(t *testing.T, others []request, test func(t *testing.T, c *crowd), edit ...func(*session.Config)) {
	t.Helper()
	bubble.Test(t, func(t *testing.T) {
		c := &crowd{lab: newLab(t, append([]func(*session.Config){inBubble}, edit...)...), goOn: make(chan struct{})}
		c.guest = c.known()
		all := append([]request{save(nothing)}, others...)
		c.errs = make([]error, len(all))
		for range all {
			x, _ := c.load(c.guest)
			c.sessions = append(c.sessions, x)
		}
		c.sessions[0].PutPrefs("first", "saved")
		c.store.fail(meanwhile(swap, func() { <-c.goOn }), nil)
		for i, do := range all {
			c.wg.Go(func() { c.errs[i] = do(c.sessions[i]) })
			synctest.Wait()
		}
		c.store.trips()
		c.store.fail(nil, nil)
		test(t, c)
	})
}

// finish lets the first swap go its way, and returns what the others were told.
func (c *crowd) finish() []error {
	close(c.goOn)
	c.wg.Wait()
	if c.errs[0] != nil {
		c.t.Errorf("the first: %v", c.errs[0])
	}
	return c.errs[1:]
}

// succeed finishes, and all have to be told that they have saved.
func (c *crowd) succeed() {
	for i, err := range c.finish() {
		if err != nil {
			c.t.Errorf("request %d: %v", i, err)
		}
	}
}

func save(change func(*fixture.Session)) request {
	return func(x *fixture.Session) error {
		change(x)
		return x.Save()
	}
}

func visits(n int64) request { return save(func(x *fixture.Session) { x.AddVisits(n) }) }

func put(key, value string) request {
	return save(func(x *fixture.Session) { x.PutPrefs(key, value) })
}

func buy(n int) request {
	return save(func(x *fixture.Session) { x.AppendCart(make([]fixture.Item, n)...) })
}

func repeat(n int, r request) []request { return slices.Repeat([]request{r}, n) }

// slow is a store that is far away.
type slow struct {
	session.Store
	latency time.Duration
}

func (s slow) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	time.Sleep(s.latency)
	return s.Store.Get(ctx, key)
}

func (s slow) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	time.Sleep(s.latency)
	return s.Store.Swap(ctx, key, value, v, ttl)
}

func TestSavesAtOnceToAStoreThatIsFarAwayAllArrive(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g := s.known()
		m, err := fixture.NewSessions(slow{s.store, 50 * time.Millisecond}, s.config())
		if err != nil {
			t.Fatal(err)
		}
		s.sessions = m
		var sessions []*fixture.Session
		for range 64 {
			x, _ := s.load(g)
			sessions = append(sessions, x)
		}
		s.store.trips()
		start := time.Now()
		var wg sync.WaitGroup
		for _, x := range sessions {
			wg.Go(func() {
				x.AddVisits(1)
				if err := x.Save(); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if took := time.Since(start); took > 300*time.Millisecond { // by the bubble's clock
			t.Errorf("the last was done after %v", took)
		}
		swaps := slices.DeleteFunc(s.store.trips(), func(call string) bool { return call != swap })
		if n := len(swaps); n > 4 {
			t.Errorf("%d swaps", n)
		}
		if n := s.fields(g).Visits; n != 65 {
			t.Errorf("%d visits", n)
		}
	})
}

func TestWhoWaitsIsSavedInTheOrderOfArrivalByOneSwap(t *testing.T) {
	var others []request
	var want []fixture.Item
	for i := range 5 {
		item := fixture.Item{SKU: fmt.Sprint(i), Qty: i}
		others, want = append(others, save(func(x *fixture.Session) { x.AppendCart(item) })), append(want, item)
	}
	inCrowd(t, others, func(t *testing.T, c *crowd) {
		c.succeed()
		wantTrips(t, c.store, get, swap)
		if got := c.fields(c.guest).Cart; !reflect.DeepEqual(got, want) {
			t.Errorf("stored: %v", got)
		}
		for i, x := range c.sessions[1:] {
			if got := x.Cart(); !reflect.DeepEqual(got, want[:i+1]) {
				t.Errorf("after its save session %d shows %v", i, got)
			}
		}
	})
}

func TestASessionThatAnotherRequestSavedForGoesOn(t *testing.T) {
	inCrowd(t, repeat(4, visits(1)), func(t *testing.T, c *crowd) {
		c.succeed()
		for i, x := range c.sessions {
			if n := x.Visits(); n != int64(1+i) || x.Prefs()["first"] != "saved" {
				t.Errorf("session %d shows %v", i, shown(x))
			}
		}
		for _, x := range c.sessions {
			x.AddVisits(10)
			if err := x.Save(); err != nil {
				t.Error(err)
			}
		}
		for _, x := range c.sessions {
			if err := x.Save(); err != nil {
				t.Errorf("a Save of nothing: %v", err)
			}
		}
		x, _ := c.load(c.guest)
		if x.Visits() != 5+50 {
			t.Errorf("stored: %v", shown(x))
		}
		last := c.sessions[len(c.sessions)-1]
		if got, want := last.Meta().Size, x.Meta().Size; got != want || last.Visits() != x.Visits() {
			t.Errorf("Meta says %d bytes, stored are %d; it shows %d visits", got, want, last.Visits())
		}
	})
}

func TestWhoIsSavedByAnotherIsObservedByItself(t *testing.T) {
	w := new(watcher)
	others := []request{visits(1), buy(60), put("k", "v"), buy(60)} // of 100
	inCrowd(t, others, func(t *testing.T, c *crowd) {
		w.take()
		c.finish()
		var got []string
		for _, e := range w.take() {
			var refused *session.FieldError
			got = append(got, fmt.Sprint(e.Kind, e.Keys, e.Tries, errors.As(e.Err, &refused)))
			if e.Session != c.sessions[0].Meta().ID || e.Kind == session.Saved && e.Bytes == 0 {
				t.Errorf("%+v", e)
			}
		}
		slices.Sort(got)
		want := []string{
			fmt.Sprint(session.Failed, []string{"cart"}, 0, true), fmt.Sprint(session.Saved, []string{"cart"}, 1, false),
			fmt.Sprint(session.Saved, []string{"prefs"}, 1, false), fmt.Sprint(session.Saved, []string{"prefs"}, 1, false),
			fmt.Sprint(session.Saved, []string{"visits"}, 1, false),
		}
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("observed %q\nwant     %q", got, want)
		}
	}, func(c *session.Config) { c.Observer = w })
}

func TestCountsAndTakesOfManyTravelTogether(t *testing.T) {
	var mu sync.Mutex
	var sums []int64
	var taken []string
	count := func(x *fixture.Session) error {
		n, err := x.CountVisits(1)
		mu.Lock()
		sums = append(sums, n)
		mu.Unlock()
		return err
	}
	take := func(x *fixture.Session) error {
		if v, ok := x.TakeNotice(); ok {
			mu.Lock()
			taken = append(taken, v)
			mu.Unlock()
		}
		if x.HasNotice() {
			return errors.New("it is still there")
		}
		return nil
	}
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		g := s.known()
		s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
		goOn := make(chan struct{})
		var wg sync.WaitGroup
		var sessions []*fixture.Session
		requests := []request{count, count, take, visits(10), take, count, take}
		for range requests {
			x, _ := s.load(g)
			sessions = append(sessions, x)
		}
		s.store.trips()
		s.store.fail(meanwhile(swap, func() { <-goOn }), nil)
		for i, do := range requests {
			wg.Go(func() {
				if err := do(sessions[i]); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		close(goOn)
		wg.Wait()
		wantTrips(t, s.store, swap, get, swap)
		slices.Sort(sums)
		if !slices.Equal(sums, []int64{2, 3, 14}) || !slices.Equal(taken, []string{"hi"}) {
			t.Errorf("counted %v, taken %q", sums, taken)
		}
		for i, want := range []int64{2, 3, 3, 13, 13, 14, 14} {
			if got := sessions[i].Visits(); got != want {
				t.Errorf("session %d shows %d visits, want %d", i, got, want)
			}
		}
	})
}

func TestARenewalAndADestroyEndTheRunAndGoAlone(t *testing.T) {
	for name, ends := range map[string]request{
		"renewal": save(func(x *fixture.Session) { x.Renew() }),
		"login":   save(func(x *fixture.Session) { x.SetUserID(7) }),
		"destroy": (*fixture.Session).Destroy,
	} {
		t.Run(name, func(t *testing.T) {
			others := slices.Concat(repeat(3, visits(1)), []request{ends}, repeat(40, visits(10)))
			inCrowd(t, others, func(t *testing.T, c *crowd) {
				errs := c.finish()
				for i, err := range errs {
					if gone := i > 3; gone != errors.Is(err, session.ErrGone) || !gone && err != nil {
						t.Errorf("request %d: %v", i, err)
					}
				}
				want := []string{get, swap, get, add, swap, get}
				if name == "destroy" {
					want = []string{get, swap, get, swap, remove, get, get} // what is missing is asked for twice
				}
				wantTrips(t, c.store, want...)
				if name == "destroy" {
					return
				}
				x, err := c.lab.sessions.Open(t.Context(), c.sessions[4].Meta().Token)
				if err != nil || x.Visits() != 4 || x.Prefs()["first"] != "saved" {
					t.Errorf("it goes on with %v, %v", x, err)
				}
			})
		})
	}
}
