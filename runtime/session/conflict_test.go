package session_test

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Each case is two requests that have loaded the same session; theirs saves first.
func TestConcurrentRequestsMergeFieldByField(t *testing.T) {
	tea, milk := fixture.Item{SKU: "tea", Qty: 1}, fixture.Item{SKU: "milk", Qty: 2}
	at := time.Unix(1_900_000_000, 0).UTC()
	for _, c := range []struct {
		name         string
		start        func(*fixture.Session)
		theirs, ours func(*fixture.Session)
		want         func(*fixture.SessionSchema)
	}{
		{"different fields both hold", nothing,
			func(x *fixture.Session) { x.SetLastSeen(at) },
			func(x *fixture.Session) { x.SetNotice("hi") },
			func(w *fixture.SessionSchema) { w.LastSeen, w.Notice = at, "hi" }},
		{"of two sets the later save wins", nothing,
			func(x *fixture.Session) { x.SetNotice("theirs") },
			func(x *fixture.Session) { x.SetNotice("ours") },
			func(w *fixture.SessionSchema) { w.Notice = "ours" }},
		{"setting the value that a field has is a change",
			func(x *fixture.Session) { x.SetNotice("old") },
			func(x *fixture.Session) { x.SetNotice("new") },
			func(x *fixture.Session) { x.SetNotice("old") },
			func(w *fixture.SessionSchema) { w.Notice = "old" }},
		{"a clear wins over an earlier save",
			func(x *fixture.Session) { x.SetNotice("old") },
			func(x *fixture.Session) { x.SetNotice("new") },
			func(x *fixture.Session) { x.ClearNotice() },
			func(*fixture.SessionSchema) {}},
		{"a set wins over an earlier clear",
			func(x *fixture.Session) { x.SetNotice("old") },
			func(x *fixture.Session) { x.ClearNotice() },
			func(x *fixture.Session) { x.SetNotice("new") },
			func(w *fixture.SessionSchema) { w.Notice = "new" }},
		{"counters add up",
			func(x *fixture.Session) { x.SetVisits(10) },
			func(x *fixture.Session) { x.AddVisits(2) },
			func(x *fixture.Session) { x.AddVisits(3); x.AddVisits(-1) },
			func(w *fixture.SessionSchema) { w.Visits = 14 }},
		{"a counter that was set counts from there",
			func(x *fixture.Session) { x.SetVisits(10) },
			func(x *fixture.Session) { x.AddVisits(2) },
			func(x *fixture.Session) { x.SetVisits(100); x.AddVisits(3) },
			func(w *fixture.SessionSchema) { w.Visits = 103 }},
		{"both lists' elements stay, the earlier save's first", nothing,
			func(x *fixture.Session) { x.AppendCart(tea) },
			func(x *fixture.Session) { x.AppendCart(milk, tea) },
			func(w *fixture.SessionSchema) { w.Cart = []fixture.Item{tea, milk, tea} }},
		{"a slice that is set is replaced whole", nothing,
			func(x *fixture.Session) { x.AppendCart(tea) },
			func(x *fixture.Session) { x.SetCart([]fixture.Item{milk}) },
			func(w *fixture.SessionSchema) { w.Cart = []fixture.Item{milk} }},
		{"maps merge key by key",
			func(x *fixture.Session) { x.SetPrefs(map[string]string{"a": "0", "b": "0", "c": "0"}) },
			func(x *fixture.Session) { x.PutPrefs("a", "theirs"); x.PutPrefs("d", "theirs"); x.DeletePrefs("b") },
			func(x *fixture.Session) { x.PutPrefs("a", "ours"); x.PutPrefs("e", "ours"); x.DeletePrefs("c") },
			func(w *fixture.SessionSchema) {
				w.Prefs = map[string]string{"a": "ours", "d": "theirs", "e": "ours"}
			}},
		{"a delete wins over an earlier put of its key",
			func(x *fixture.Session) { x.PutPrefs("a", "0") },
			func(x *fixture.Session) { x.PutPrefs("a", "1") },
			func(x *fixture.Session) { x.DeletePrefs("a") },
			func(w *fixture.SessionSchema) { w.Prefs = map[string]string{} }},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.visit(g, c.start)
			start := s.fields(g)
			ours, _ := s.load(g)
			c.ours(ours)
			s.visit(g, c.theirs)
			if err := ours.Save(); err != nil {
				t.Fatal(err)
			}
			want := start
			want.Notice, want.Prefs = "", nil // every case says what becomes of these
			c.want(&want)
			if got := s.fields(g); !reflect.DeepEqual(got, want) {
				t.Errorf("stored: %+v\nwant:   %+v", got, want)
			}
			if got := shown(ours); !reflect.DeepEqual(got, want) {
				t.Errorf("after its save the session shows %+v, want what is stored", got)
			}
		})
	}
}

func TestAConflictBetweenTwoProcessesIsReplayed(t *testing.T) {
	s := newLab(t)
	g := s.known()
	other := s.twin()
	x, _ := s.load(g)
	x.AddVisits(10)
	tries := 0
	s.store.fail(func(call, _ string) error {
		if call == swap && tries < 3 {
			tries++
			h := s.store.before
			s.store.fail(nil, nil)
			other.visit(g, func(x *fixture.Session) { x.AddVisits(100) })
			s.store.fail(h, nil)
		}
		return nil
	}, nil)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if n := s.fields(g).Visits; n != 311 {
		t.Errorf("%d visits, want 1 + 3·100 + 10", n)
	}
}

func TestConflictsThatDoNotEndAreErrConflictAfterSaveTimeout(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = 200 * time.Millisecond })
	g := s.known()
	x, _ := s.load(g)
	x.AddVisits(1)
	s.store.fail(always(session.ErrStale, swap), nil)
	start := time.Now()
	err := x.Save()
	if !errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrConflict and nothing else", err)
	}
	if d := time.Since(start); d < 150*time.Millisecond || d > 5*time.Second {
		t.Errorf("Save took %v", d)
	}
	s.store.heal()
	if err := x.Save(); err != nil {
		t.Errorf("the changes were not kept for another try: %v", err)
	}
	if n := s.fields(g).Visits; n != 2 {
		t.Errorf("%d visits, want 2", n)
	}
}

func TestAConflictAndThenAStoreThatHangsIsErrConflict(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
	g := s.known()
	x, _ := s.load(g)
	x.AddVisits(1)
	s.store.hang = get
	s.store.fail(always(session.ErrStale, swap), nil)
	if err := x.Save(); !errors.Is(err, session.ErrConflict) || errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrConflict", err)
	}
}

func TestWhoWaitsForAnotherRequestLongerThanSaveTimeoutGetsErrConflict(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
	g := s.known()
	slow, _ := s.load(g)
	x, _ := s.load(g)
	slow.AddVisits(1)
	x.AddVisits(1)
	inSwap, goOn := make(chan struct{}), make(chan struct{})
	s.store.fail(meanwhile(swap, func() { close(inSwap); <-goOn }), nil)
	saved := make(chan error, 1)
	go func() { saved <- slow.Save() }()
	<-inSwap
	if err := x.Save(); !errors.Is(err, session.ErrConflict) {
		t.Errorf("Save = %v, want ErrConflict", err)
	}
	close(goOn)
	if err := <-saved; err != nil {
		t.Errorf("the slow one: %v", err)
	}
}

func TestChangesMadeDuringASaveArePendingAfterIt(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	x.AddVisits(1)
	x.SetNotice("first")
	s.store.fail(meanwhile(swap, func() {
		x.AddVisits(10)
		x.SetNotice("second")
	}), nil)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Visits != 2 || got.Notice != "first" {
		t.Errorf("saved: %+v", got)
	}
	if got := shown(x); got.Visits != 12 || got.Notice != "second" {
		t.Errorf("the session shows %+v", got)
	}
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Visits != 12 || got.Notice != "second" {
		t.Errorf("saved: %+v", got)
	}
}
