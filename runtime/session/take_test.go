package session_test

import (
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// noticed is a guest with a flash.
func (s *lab) noticed() *guest {
	g := s.known()
	s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
	s.store.trips()
	return g
}

func TestAFlashIsTakenOnceAndNeedsNoSave(t *testing.T) {
	s := newLab(t)
	g := s.noticed()
	x, _ := s.load(g)
	y, _ := s.load(g)
	if v, ok := x.TakeNotice(); v != "hi" || !ok {
		t.Errorf("TakeNotice = %q, %v", v, ok)
	}
	wantTrips(t, s.store, get, get, swap)
	if v, ok := x.TakeNotice(); v != "" || ok || x.HasNotice() {
		t.Errorf("the second time: %q, %v", v, ok)
	}
	wantTrips(t, s.store)
	if v, ok := y.TakeNotice(); v != "" || ok || y.HasNotice() {
		t.Errorf("in another request: %q, %v", v, ok)
	}
	if got := s.fields(g); got.Notice != "" || got.Visits != 1 {
		t.Errorf("%+v", got)
	}
}

func TestAnAbsentFlashCostsNothing(t *testing.T) {
	s := newLab(t)
	x, _ := s.load(s.known())
	s.store.trips()
	if v, ok := x.TakeNotice(); v != "" || ok {
		t.Errorf("%q, %v", v, ok)
	}
	if err := x.Save(); err != nil {
		t.Error(err)
	}
	wantTrips(t, s.store)
}

func TestAFlashSetInTheSameRequestIsTakenInMemory(t *testing.T) {
	for name, visitor := range map[string]func(*lab) *guest{
		"new session":         func(*lab) *guest { return new(guest) },
		"none stored":         (*lab).known,
		"another one stored":  (*lab).noticed,
		"set several times":   (*lab).known,
		"set with Save after": (*lab).known,
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := visitor(s)
			x, _ := s.load(g)
			s.store.trips()
			x.SetNotice("one")
			x.SetNotice("two")
			if v, ok := x.TakeNotice(); v != "two" || !ok || x.HasNotice() {
				t.Errorf("TakeNotice = %q, %v", v, ok)
			}
			wantTrips(t, s.store)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			if got := s.fields(g); got.Notice != "" {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestOtherPendingChangesStayPending(t *testing.T) {
	s := newLab(t)
	g := s.noticed()
	x, _ := s.load(g)
	x.AddVisits(1)
	x.AppendCart(fixture.Item{SKU: "tea"})
	x.TakeNotice()
	if got := s.fields(g); got.Visits != 1 || got.Notice != "" {
		t.Errorf("after Take %+v is stored", got)
	}
	if x.Visits() != 2 || len(x.Cart()) != 1 {
		t.Errorf("the session shows %v", x)
	}
	s.store.trips()
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	wantTrips(t, s.store, get, swap) // Take has left it without a version
	if got := s.fields(g); got.Visits != 2 || len(got.Cart) != 1 {
		t.Errorf("after Save %+v is stored", got)
	}
}

func TestAClearedFlashIsNotTakenAndStaysCleared(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.ClearNotice()
	s.visit(g, func(x *fixture.Session) { x.SetNotice("theirs") })
	if v, ok := x.TakeNotice(); v != "" || ok {
		t.Errorf("%q, %v", v, ok)
	}
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Notice != "" {
		t.Errorf("the clear of the same request was lost: %+v", got)
	}
}

func TestAFlashThatCannotBeTakenForCertainIsLoggedAndStays(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
	g := s.noticed()
	for name, fault := range map[string]error{"down": errDown, "conflict": session.ErrStale} {
		x, _ := s.load(g)
		s.store.fail(always(fault, swap), nil)
		if v, ok := x.TakeNotice(); v != "" || ok {
			t.Errorf("%s: %q, %v", name, v, ok)
		}
		s.store.heal()
		if got := s.fields(g); got.Notice != "hi" {
			t.Errorf("%s: %+v", name, got)
		}
		if v, ok := x.TakeNotice(); v != "hi" || !ok {
			t.Errorf("%s, again: %q, %v", name, v, ok)
		}
		s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
	}
	if log := s.logs.String(); strings.Count(log, "level=WARN") != 2 || !strings.Contains(log, "key=notice") {
		t.Errorf("logged: %s", log)
	}
}

func TestAFlashOfASessionThatHasEndedIsNotTaken(t *testing.T) {
	s := newLab(t)
	g := s.noticed()
	x, _ := s.load(g)
	if err := first(s.load(g)).Destroy(); err != nil {
		t.Fatal(err)
	}
	if v, ok := x.TakeNotice(); v != "" || ok {
		t.Errorf("%q, %v", v, ok)
	}
}

func TestWhatIsAppendedToAFlashIsTakenWithItAndOnce(t *testing.T) {
	type elements = []string
	read := func(r *record.Reader) elements { return record.ReadSlice[elements](r, (*record.Reader).String) }
	appendTo := func(c *session.Core, v ...string) { record.Append(&c.Fields, 0, v, (*record.Writer).String) }
	s := newLab(t)
	m := looseSessions(t, s, record.Field{Name: "Notices", Key: "notices", Type: record.List, Flash: true, Check: func(r *record.Reader) { read(r) }})
	begin := func(g *guest) *session.Core {
		t.Helper()
		x, err := m.Load(httptest.NewRecorder(), g.request())
		if err != nil {
			t.Fatal(err)
		}
		return &x.core
	}
	take := func(c *session.Core, want ...string) {
		t.Helper()
		if got, ok := session.Take(c.Ref(), 0, read); !slices.Equal(got, want) || ok != (want != nil) {
			t.Errorf("took %q, %v, want %q", got, ok, want)
		}
	}
	save := func(c *session.Core) {
		t.Helper()
		if err := c.Save(); err != nil {
			t.Fatal(err)
		}
	}
	stored := func() *guest {
		g := s.known()
		g.change(t, m, func(c *session.Core) { appendTo(c, "stored") })
		return g
	}

	g := stored()
	one, two, three := begin(g), begin(g), begin(g)
	appendTo(one, "one")
	appendTo(two, "two")
	take(one, "stored", "one")
	take(two, "two") // the other one has been taken
	take(three)
	save(one)
	save(two)
	take(begin(g))

	g = stored()
	x := begin(g)
	appendTo(x, "x")
	s.store.fail(always(errDown, swap), nil)
	take(x) // nobody knows whether somebody else takes it
	s.store.heal()
	save(x)
	take(begin(g), "stored", "x")

	g = stored()
	x = begin(g)
	record.Set(&x.Fields, 0, elements{"set"}, func(w *record.Writer, v elements) {
		for _, e := range record.StartSlice(w, v) {
			w.String(e)
		}
	})
	appendTo(x, "x")
	s.store.trips()
	take(x, "set", "x")
	wantTrips(t, s.store)
	save(x)
	take(begin(g))
}

func TestTheCostOfATakeIsARoundTripAndOneMoreForTheSaveThatFollows(t *testing.T) {
	store := &concurrency.Counting{Store: memory.New()}
	m := concurrency.Visitors(t, store)
	cookie, _ := concurrency.Begin(t, m, func(s *visitor.Session) { s.SetNote("hi") })
	cost := func(f func(*visitor.Session)) (gets, swaps int64) {
		s, err := m.Load(concurrency.Visit(cookie))
		if err != nil {
			t.Fatal(err)
		}
		gets, swaps = store.Gets.Load(), store.Swaps.Load()
		f(s)
		if err := s.Save(); err != nil {
			t.Fatal(err)
		}
		return store.Gets.Load() - gets, store.Swaps.Load() - swaps
	}
	for _, c := range []struct {
		name        string
		do          func(*visitor.Session)
		gets, swaps int64
	}{
		{"take", func(s *visitor.Session) { s.TakeNote() }, 0, 1},
		{"take of nothing", func(s *visitor.Session) { s.TakeNote() }, 0, 0},
		{"take of what was set", func(s *visitor.Session) { s.SetNote("new"); s.TakeNote() }, 0, 0},
		{"set", func(s *visitor.Session) { s.SetNote("hi") }, 0, 1},
		{"take and save", func(s *visitor.Session) { s.TakeNote(); s.AddCount(1) }, 1, 2},
	} {
		if gets, swaps := cost(c.do); gets != c.gets || swaps != c.swaps {
			t.Errorf("%s: %d gets and %d swaps, want %d and %d", c.name, gets, swaps, c.gets, c.swaps)
		}
	}
}
