package session_test

import (
	"errors"
	"math"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestACountIsInTheStoreAtOnce(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, w := s.load(g)
	s.store.trips()
	for want := int64(2); want <= 4; want++ {
		if n, err := x.CountVisits(1); n != want || err != nil || x.Visits() != want {
			t.Errorf("%d, %v, and the session shows %d, want %d", n, err, x.Visits(), want)
		}
		if got := s.fields(g); got.Visits != want {
			t.Errorf("stored: %+v", got)
		}
	}
	if n, err := x.CountVisits(-10); n != -6 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if n, err := x.CountVisits(math.MinInt64); n != math.MinInt64 || err != nil {
		t.Errorf("at the end of its type %d, %v", n, err)
	}
	s.store.trips()
	if err := x.Save(); err != nil || setsCookie(w.Header()) {
		t.Errorf("%v, %v", err, w.Header())
	}
	wantTrips(t, s.store)
}

func TestWhatIsPendingOfTheCounterGoesWithACountAndOnce(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.AddVisits(10)
	x.SetOTP("pending")
	x.Renew()
	if n, err := x.CountVisits(1); n != 12 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	if got := s.fields(g); got.Visits != 12 || got.OTP != "" {
		t.Errorf("after Count %+v is stored", got)
	}
	if x.OTP() != "pending" {
		t.Error("another change is lost")
	}
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if y, err := s.sessions.Open(t.Context(), x.Meta().Token); err != nil || y.Visits() != 12 || y.OTP() != "pending" {
		t.Errorf("after Save: %v, %v", y, err)
	}
	x.ClearVisits()
	if n, err := x.CountVisits(1); n != 1 || err != nil {
		t.Errorf("after a clear: %d, %v", n, err)
	}
}

func TestACountCreatesTheSessionWithItsCookie(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	x, w := s.load(g)
	x.SetOTP("pending")
	if n, err := x.CountVisits(3); n != 3 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	g.keep(w.Result())
	if got := s.fields(g); got.Visits != 3 || got.OTP != "" || x.Meta().New {
		t.Errorf("after Count %+v is stored", got)
	}
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Visits != 3 || got.OTP != "pending" {
		t.Errorf("after Save %+v is stored", got)
	}
}

func TestACountAfterTheResponseHasBegunWorksUnlessItNeedsACookie(t *testing.T) {
	s := newLab(t)
	for name, c := range map[string]struct {
		g    *guest
		want error
	}{"known": {s.known(), nil}, "new": {new(guest), session.ErrLateSave}} {
		before := s.store.size()
		s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(http.StatusOK)
			x, err := s.sessions.Get(r)
			if err != nil {
				t.Fatal(err)
			}
			n, err := x.CountVisits(1)
			if !errors.Is(err, c.want) || (n == 2) != (c.want == nil) {
				t.Errorf("%s: %d, %v, want %v", name, n, err, c.want)
			}
		})).ServeHTTP(httptest.NewRecorder(), c.g.request())
		if s.store.size() != before {
			t.Errorf("%s: a record was written", name)
		}
	}
}

func TestACountOnASessionThatHasEndedIsGone(t *testing.T) {
	for name, end := range map[string]func(*lab, *guest){
		"destroyed": func(s *lab, g *guest) { _ = first(s.load(g)).Destroy() },
		"renewed":   func(s *lab, g *guest) { s.visit(g, func(x *fixture.Session) { x.Renew() }) },
		"evicted":   func(s *lab, _ *guest) { s.store.evict() },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			x, w := s.load(g)
			x.AddVisits(1)
			end(s, g.copy())
			for range 2 {
				if n, err := x.CountVisits(1); n != 0 || !errors.Is(err, session.ErrGone) {
					t.Errorf("%d, %v, want ErrGone", n, err)
				}
			}
			if x.Visits() != 2 || setsCookie(w.Header()) {
				t.Errorf("the session shows %d visits, cookie %q", x.Visits(), w.Header()["Set-Cookie"])
			}
		})
	}
}

func TestACountOfWhichNobodyKnowsConsumesWhatWasPendingOnce(t *testing.T) {
	for name, c := range map[string]struct {
		before, after func(call, key string) error
		counted       int64 // by the call that fails
		unknown       bool
	}{
		"refused":                        {before: always(errDown, swap)},
		"lost":                           {before: always(errTimeout, swap), unknown: true},
		"written, the reply lost":        {after: always(errTimeout, swap, get), counted: 11, unknown: true},
		"written once, the reply lost":   {after: once(swap, errTimeout), counted: 11},
		"lost once, and then it arrives": {before: once(swap, errTimeout), counted: 11},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
			g := s.known()
			x, _ := s.load(g)
			x.AddVisits(10)
			s.store.fail(c.before, c.after)
			n, err := x.CountVisits(1)
			s.store.heal()
			failed := c.before != nil && c.counted == 0 || c.unknown
			if (err != nil) != failed || errors.Is(err, session.ErrUnknown) != c.unknown || failed && n != 0 {
				t.Errorf("%d, %v", n, err)
			}
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			want := 1 + c.counted
			if failed && !c.unknown {
				want += 10 // it has stayed pending
			}
			if got := s.fields(g); got.Visits != want {
				t.Errorf("stored: %d, want %d", got.Visits, want)
			}
		})
	}
}

func TestATTLOfACounterCountsFromTheFirstCount(t *testing.T) {
	s := newLab(t)
	m := looseSessions(t, s, record.Field{Name: "Tries", Key: "tries", Type: record.Int8, Counter: true, TTL: time.Minute})
	g := s.known()
	count := func(want int8) {
		t.Helper()
		x, err := m.Load(httptest.NewRecorder(), g.request())
		if err != nil {
			t.Fatal(err)
		}
		if n, err := session.Count(x.core.Ref(), 0, int8(1)); n != want || err != nil {
			t.Errorf("%d, %v, want %d", n, err, want)
		}
	}
	count(1)
	s.clock.advance(40 * time.Second)
	count(2)
	s.clock.advance(30 * time.Second)
	count(1)
}
