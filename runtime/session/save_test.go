package session_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func nothing(*fixture.Session) {}

func TestAVisitorWithoutASessionCostsNothingUntilAFieldIsSaved(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	resp := s.visit(g, func(x *fixture.Session) {
		if x.Visits() != 0 || x.HasCart() || !x.Meta().New {
			t.Errorf("a new session is not empty: %v", x)
		}
		x.TakeNotice()
		x.ClearCart()
		x.DeletePrefs("k")
		x.Renew()
	})
	wantTrips(t, s.store)
	if setsCookie(resp.Header) {
		t.Errorf("a cookie was set: %v", resp.Header)
	}
	resp = s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	wantTrips(t, s.store, add)
	if !setsCookie(resp.Header) {
		t.Error("no cookie was set for a session that was saved")
	}
}

func TestSavingWithoutChangesWritesNothing(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := s.visit(g, func(x *fixture.Session) {
		_ = x.Snapshot()
		_ = x.String()
	})
	wantTrips(t, s.store, get)
	if setsCookie(resp.Header) {
		t.Errorf("a read-only request set a cookie: %v", resp.Header)
	}
}

func TestAChangeIsOneSwapAndSetsNoCookie(t *testing.T) {
	s := newLab(t)
	g := s.known()
	resp := s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	wantTrips(t, s.store, get, swap)
	if setsCookie(resp.Header) {
		t.Errorf("an update set a cookie: %v", resp.Header)
	}
}

func TestARequestCanSaveSeveralTimes(t *testing.T) {
	s := newLab(t)
	g := new(guest)
	s.visit(g, func(x *fixture.Session) {
		for range 3 {
			x.AddVisits(1)
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
		}
	})
	if n := s.fields(g).Visits; n != 3 {
		t.Errorf("3 saves of one request left %d visits", n)
	}
}

func TestAStoreThatHangsIsGivenUpAfterSaveTimeout(t *testing.T) {
	for call, change := range map[string]func(*fixture.Session) error{
		add:    func(x *fixture.Session) error { x.SetUserID(7); return x.Save() },
		swap:   func(x *fixture.Session) error { x.AddVisits(1); return x.Save() },
		remove: func(x *fixture.Session) error { return x.Destroy() },
	} {
		s := newLab(t, func(c *session.Config) { c.SaveTimeout = 150 * time.Millisecond })
		x, _ := s.load(s.known())
		s.store.hang = call
		start := time.Now()
		err := change(x)
		if d := time.Since(start); d < 140*time.Millisecond || d > 5*time.Second {
			t.Errorf("%s hangs: given up after %v", call, d)
		}
		if call != remove && (!errors.Is(err, session.ErrUnavailable) || !errors.Is(err, session.ErrUnknown)) {
			t.Errorf("%s hangs: %v", call, err)
		}
	}
}

// The values of the request's context reach the store and the logger: traces hang on them.

func TestASaveKnowsWhatTheRequestsContextKnows(t *testing.T) {
	type key struct{}
	s := newLab(t, func(c *session.Config) { c.SaveTimeout = time.Minute })
	ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "trace"))
	g := s.known()
	x, err := s.sessions.Load(httptest.NewRecorder(), g.request().WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	s.store.inspect = func(ctx context.Context) {
		deadline, ok := ctx.Deadline()
		if left := time.Until(deadline); ctx.Value(key{}) != "trace" || !ok || left > time.Minute || left < 50*time.Second {
			t.Errorf("value %v, deadline %v", ctx.Value(key{}), deadline)
		}
	}
	x.AddVisits(1)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
}

func TestRecordsEndWithTheLifetimeOfTheirSession(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.IdleTimeout, c.Lifetime = time.Hour, 90*time.Minute })
	g := s.known()
	end := func(want time.Duration) {
		t.Helper()
		for _, r := range s.store.records {
			if got := r.end.Sub(s.clock.Now()); got != want {
				t.Errorf("the record has %v left, want %v", got, want)
			}
		}
	}
	end(time.Hour)
	s.clock.advance(40 * time.Minute)
	x, _ := s.load(g)
	end(50 * time.Minute)
	s.clock.advance(30 * time.Minute)
	s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	end(20 * time.Minute)

	s.store.now = func() time.Time { return time.Time{} } // a store that forgets nothing
	s.clock.advance(20 * time.Minute)
	x.AddVisits(1)
	if err := x.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("a Save past the lifetime: %v, want ErrGone", err)
	}
}

func TestNobodyOutlivesTheLifetimeWithARequestThatWasLoadedBefore(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session) error{
		"update": func(x *fixture.Session) error { x.AddVisits(1); return x.Save() },
		"renew":  func(x *fixture.Session) error { x.Renew(); return x.Save() },
		"take": func(x *fixture.Session) error {
			if v, ok := x.TakeNotice(); ok {
				t.Errorf("took %q", v)
			}
			return session.ErrGone
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := new(guest)
			s.visit(g, func(x *fixture.Session) { x.SetNotice("hi") })
			s.store.now = func() time.Time { return time.Time{} } // a store that forgets nothing
			x, w := s.load(g)
			s.clock.advance(12 * time.Hour)
			s.store.trips()
			if err := change(x); !errors.Is(err, session.ErrGone) {
				t.Errorf("Save = %v, want ErrGone", err)
			}
			wantTrips(t, s.store)
			if setsCookie(w.Header()) {
				t.Error("a cookie was set for a session that nobody can load")
			}
		})
	}
	t.Run("login", func(t *testing.T) { // as of a record that is missing
		s := newLab(t)
		g := s.known()
		s.store.now = func() time.Time { return time.Time{} }
		x, w := s.load(g)
		s.clock.advance(12 * time.Hour)
		x.SetUserName("Ann")
		if err := x.Save(); err != nil {
			t.Fatal(err)
		}
		g.keep(w.Result())
		if got := s.fields(g); got.UserName != "Ann" || got.Visits != 0 {
			t.Errorf("%+v, want the login's own changes alone", got)
		}
	})
}

func TestACancelledRequestIsSavedAllTheSame(t *testing.T) {
	s := newLab(t)
	g := s.known()
	ctx, cancel := context.WithCancel(context.Background())
	x, err := s.sessions.Load(httptest.NewRecorder(), g.request().WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	x.AddVisits(1)
	cancel()
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if n := s.fields(g).Visits; n != 2 {
		t.Errorf("%d visits, want 2", n)
	}
}

func TestASessionThatIsGoneIsNotRecreated(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, w := s.load(g)
	x.AddVisits(1)
	s.store.evict()
	if err := x.Save(); !errors.Is(err, session.ErrGone) || errors.Is(err, session.ErrUnknown) {
		t.Errorf("Save = %v, want ErrGone", err)
	}
	if n := s.store.size(); n > 0 {
		t.Errorf("%d records were written", n)
	}
	if setsCookie(w.Header()) {
		t.Errorf("a cookie was set: %v", w.Header())
	}
}

func TestAFailedSaveKeepsTheChangesForAnotherTry(t *testing.T) {
	for name, visitor := range map[string]func(*lab) *guest{
		"new session": func(*lab) *guest { return new(guest) },
		"update":      (*lab).known,
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := visitor(s)
			before := s.fields(g).Visits
			x, w := s.load(g)
			x.AddVisits(5)
			s.store.fail(always(errDown, add, swap), nil)
			if err := x.Save(); !errors.Is(err, session.ErrUnavailable) || errors.Is(err, session.ErrUnknown) {
				t.Errorf("Save = %v, want ErrUnavailable and not ErrUnknown", err)
			}
			x.AddVisits(1)
			s.store.heal()
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			g.keep(w.Result())
			if n := s.fields(g).Visits; n != before+6 {
				t.Errorf("%d visits, want %d", n, before+6)
			}
		})
	}
}

func TestARecordThatIsTooLargeIsRefusedBeforeAnyIO(t *testing.T) {
	for name, visitor := range map[string]func(*lab) *guest{
		"new session": func(*lab) *guest { return new(guest) },
		"update":      (*lab).known,
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, func(c *session.Config) { c.MaxSize = 500 })
			x, w := s.load(visitor(s))
			s.store.trips()
			x.SetNotice(strings.Repeat("n", 300))
			x.PutPrefs("p", strings.Repeat("p", 200))
			err := x.Save()
			tooLarge, ok := errors.AsType[*session.SizeError](err)
			if !ok || !errors.Is(err, session.ErrTooLarge) {
				t.Fatalf("Save = %v, want a *SizeError", err)
			}
			if tooLarge.Max != 500 || tooLarge.Size <= 500 || tooLarge.Fields["notice"] < 300 || tooLarge.Fields["prefs"] < 200 {
				t.Errorf("%+v", tooLarge)
			}
			if msg := err.Error(); !strings.Contains(msg, "notice") || strings.Contains(msg, "nnn") {
				t.Errorf("error text: %s", msg)
			}
			wantTrips(t, s.store)
			if setsCookie(w.Header()) {
				t.Error("a cookie was set")
			}
			x.ClearNotice()
			if err := x.Save(); err != nil {
				t.Errorf("after the field was cleared: %v", err)
			}
		})
	}
}

func TestALaterSaveOfARequestRefusesWhatIsTooLargeBeforeAnyIOToo(t *testing.T) {
	for name, change := range map[string]func(*fixture.Session){
		"update":  func(x *fixture.Session) { x.SetNotice(strings.Repeat("n", 500)) },
		"renewal": func(x *fixture.Session) { x.SetUserName(strings.Repeat("n", 500)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, func(c *session.Config) { c.MaxSize = 500 })
			s.visit(s.known(), func(x *fixture.Session) {
				x.AddVisits(1)
				if err := x.Save(); err != nil {
					t.Fatal(err)
				}
				s.store.trips()
				change(x)
				if err := x.Save(); !errors.Is(err, session.ErrTooLarge) {
					t.Errorf("Save = %v, want ErrTooLarge", err)
				}
				wantTrips(t, s.store)
				x.ClearNotice()
				x.ClearUserName()
			})
		})
	}
}

func TestAStoreThatRefusesTheSizeIsASizeErrorToo(t *testing.T) {
	for name, visitor := range map[string]func(*lab) *guest{
		"new session": func(*lab) *guest { return new(guest) },
		"update":      (*lab).known,
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			x, _ := s.load(visitor(s))
			x.SetNotice(strings.Repeat("n", 300))
			s.store.fail(always(session.ErrTooLarge, add, swap), nil)
			tooLarge, ok := errors.AsType[*session.SizeError](x.Save())
			if !ok || tooLarge.Max != 0 || tooLarge.Fields["notice"] < 300 {
				t.Errorf("Save = %+v, want a *SizeError that names the notice", tooLarge)
			}
		})
	}
}

func TestMaxIsCheckedBeforeAnyIOAndAgainAfterAReplay(t *testing.T) {
	s := newLab(t)
	g := s.known()
	items := make([]fixture.Item, 99)
	x, _ := s.load(g)
	s.store.trips()
	x.SetCart(append(items, items...))
	if e, ok := errors.AsType[*session.FieldError](x.Save()); !ok || e.Field != "Cart" || e.Key != "cart" {
		t.Errorf("Save = %v, want a *FieldError of Cart", e)
	}
	wantTrips(t, s.store)

	x.SetCart(items)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	a, _ := s.load(g)
	b, _ := s.load(g)
	a.AppendCart(fixture.Item{SKU: "a"})
	b.AppendCart(fixture.Item{SKU: "b"})
	if err := a.Save(); err != nil {
		t.Fatal(err)
	}
	if _, ok := errors.AsType[*session.FieldError](b.Save()); !ok {
		t.Error("two requests together exceeded max")
	}
	if n := len(s.fields(g).Cart); n != 100 {
		t.Errorf("%d items are stored, want 100", n)
	}
}
