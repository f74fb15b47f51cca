package session_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// eventVerbs are the calls of a request that tell something.
var eventVerbs = map[string]func(*fixture.Session){
	"Save":    func(x *fixture.Session) { x.AddVisits(1); _ = x.Save() },
	"login":   func(x *fixture.Session) { x.SetUserID(7); _ = x.Save() },
	"Take":    func(x *fixture.Session) { x.TakeNotice() },
	"Count":   func(x *fixture.Session) { _, _ = x.CountVisits(1) },
	"Destroy": func(x *fixture.Session) { _ = x.Destroy() },
}

// An Observer is somebody else's code. Whatever call tells it something, it may use the session and the middleware's.
func TestAnObserverMayUseTheSession(t *testing.T) {
	for name, verb := range eventVerbs {
		s := newLab(t)
		g := s.known()
		s.visit(g, func(x *fixture.Session) { x.SetNotice("n") })
		within, told := false, 0
		s.events.also(func(ctx context.Context, e session.Event) {
			if within {
				return
			}
			within = true
			defer func() { within = false }()
			told++
			x, err := s.sessions.FromContext(ctx)
			if err != nil {
				t.Error(err)
				return
			}
			_, _ = x.Meta(), x.Snapshot()
			x.SetLastSeen(time.Unix(1, 0))
			_ = x.Save()
		})
		finished := make(chan struct{})
		go func() {
			defer close(finished)
			s.sessions.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				x, err := s.sessions.Get(r)
				if err != nil {
					t.Error(err)
					return
				}
				verb(x)
				x.SetOTP("1")
				_, _ = w.Write([]byte("hello"))
			})).ServeHTTP(httptest.NewRecorder(), g.request())
		}()
		select {
		case <-finished:
		case <-time.After(time.Minute):
			t.Fatalf("%s: the session is locked while the Observer is told", name)
		}
		if told < 3 { // the load, the call, the save before the first byte
			t.Errorf("%s: %d events", name, told)
		}
	}
}

// Nor does a flash that does not fit have the session locked while that is told.
func TestAFlashThatDoesNotFitIsToldByTake(t *testing.T) {
	s := newLab(t)
	g := s.known()
	older := looseSessions(t, s, record.Field{Name: "Notice", Key: "notice", Type: record.Int64})
	g.change(t, older, func(c *session.Core) { c.SetInt64(0, 7) })
	x, _ := s.load(g)
	s.events.take()
	s.events.also(func(context.Context, session.Event) { x.Meta() })
	done := make(chan struct{})
	go func() {
		defer close(done)
		if v, ok := x.TakeNotice(); ok {
			t.Errorf("it was taken as %q", v)
		}
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the session is locked while the Observer is told")
	}
	if e := wantEvents(t, s.events, session.Misfit); len(e.Keys) != 1 || e.Keys[0] != "notice" {
		t.Errorf("%+v", e)
	}
}

func TestAnImportedSessionIsToldAfterTheLocks(t *testing.T) {
	s := newLab(t)
	m := s.sessions.Import(func(_ http.ResponseWriter, _ *http.Request, x *fixture.Session) (func() error, error) {
		x.AddVisits(1)
		return func() error { return nil }, x.Save()
	})
	s.events.also(func(ctx context.Context, _ session.Event) {
		if _, err := m.FromContext(ctx); err != nil {
			t.Error(err)
		}
	})
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.Middleware(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = m.Get(r)
		})).ServeHTTP(httptest.NewRecorder(), new(guest).request())
	}()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatal("the request is locked while the Observer is told")
	}
	wantEvents(t, s.events, session.Created)
}

func TestAPanicOfTheObserverLeavesNothingLocked(t *testing.T) {
	for name, verb := range eventVerbs {
		s := newLab(t)
		g := s.known()
		s.visit(g, func(x *fixture.Session) { x.SetNotice("n") })
		x, _ := s.load(g)
		s.events.also(func(context.Context, session.Event) { panic("sprung") })
		if !panics(func() { verb(x) }) {
			t.Errorf("%s: the panic is lost", name)
		}
		s.events.also(nil)
		done := make(chan error, 1)
		go func() { x.AddVisits(1); done <- x.Save() }()
		select {
		case err := <-done:
			if err != nil {
				t.Errorf("%s: then Save = %v", name, err)
			}
		case <-time.After(time.Minute):
			t.Fatalf("%s: the session is locked", name)
		}
	}
}

// The manager's own goroutine tells what it does too, and outlives an Observer that panics.
func TestALogoutInTheBackgroundIsTold(t *testing.T) {
	bubble.Test(t, func(t *testing.T) {
		s := newLab(t)
		_, id := s.failedLogout()
		s.events.also(func(context.Context, session.Event) { panic("sprung") })
		time.Sleep(10 * time.Second)
		failures := s.events.take()
		s.store.heal()
		time.Sleep(10 * time.Second)
		if e := wantEvents(t, s.events, session.Destroyed); e.Session != id {
			t.Errorf("%+v", e)
		}
		for _, e := range failures {
			if e.Kind != session.Failed || e.Session != id || !errors.Is(e.Err, session.ErrUnavailable) {
				t.Errorf("%+v", e)
			}
		}
		if len(failures) == 0 || !strings.Contains(s.logs.String(), "sprung") {
			t.Errorf("%d failures, logged: %s", len(failures), s.logs)
		}
	})
}

// A shouter's marshaler fails with what the value is.
type shouter string

func (s shouter) MarshalText() ([]byte, error) { return nil, shout{string(s)} }

type shout struct{ of string }

func (s shout) Error() string { return "cannot encode " + s.of }

// Everything that goes wrong does, with a canary in each value, key, token, secret and foreign error; every way to
// print the events is searched for it.
func TestNoEventShowsACanary(t *testing.T) {
	const canary = "CANARY"
	secret := []byte("CANARY-secret-5f0b92c7-8d31-4e6a")
	foreign := fmt.Errorf("store at CANARY:11211: %w", errTimeout)
	s := newLab(t, func(c *session.Config) { c.Secrets, c.SaveTimeout = [][]byte{secret}, 200*time.Millisecond })
	var ids []string
	g := s.known()
	run := func(f func(x *fixture.Session)) {
		x, w := s.load(g)
		f(x)
		ids = append(ids, x.Meta().Token, s.sessions.StoreKey(x))
		g.keep(w.Result())
	}
	fill := func(x *fixture.Session) {
		x.SetUserName(canary)
		x.SetNotice(canary)
		x.SetOTP(canary)
		x.PutPrefs(canary, canary)
		x.AppendCart(fixture.Item{SKU: canary})
		_ = x.Save()
	}
	run(fill)
	run(func(x *fixture.Session) { x.TakeNotice() })
	run(func(x *fixture.Session) { x.AddVisits(1); _ = x.Save() })
	for _, call := range []string{swap, add, touch, remove} {
		s.store.before = always(foreign, call)
		run(fill)
		run(func(x *fixture.Session) { x.Renew(); _ = x.Save() })
		run(func(x *fixture.Session) { _, _ = x.CountVisits(1) })
		s.store.heal()
	}
	run(func(x *fixture.Session) { x.SetUserName(strings.Repeat(canary, 1<<20)); _ = x.Save() })
	run(func(x *fixture.Session) { x.SetCart(make([]fixture.Item, 101)); _ = x.Save() })
	s.store.before = always(foreign, get)
	_, _ = s.sessions.Load(httptest.NewRecorder(), g.request())
	s.store.heal()
	shouts := looseSessions(t, s, record.Field{Name: "Ship", Key: "ship", Type: record.Other, Check: (*record.Reader).Skip})
	x, err := shouts.Load(httptest.NewRecorder(), g.request())
	must(t, err)
	record.Set(&x.core.Fields, 0, shouter(canary), func(w *record.Writer, v shouter) { record.WriteText(w, v) })
	if err := x.core.Save(); !strings.Contains(fmt.Sprintf("%#v", errors.Unwrap(err)), canary) {
		t.Fatalf("the marshaler's text is not in %#v", errors.Unwrap(err))
	}
	g.extra = []string{"__Host-session=" + canary}
	run(func(x *fixture.Session) { _ = x.Destroy() })
	events := s.events.take()
	out := everyText(events) + fmt.Sprintf("%+v", events)
	for _, e := range events {
		out += everyText(e)
		if e.Err != nil {
			out += e.Err.Error()
		}
	}
	seen := make(map[session.Kind]bool)
	for _, e := range events {
		seen[e.Kind] = true
	}
	for _, k := range []session.Kind{session.Saved, session.Failed, session.Refused, session.Taken, session.LoggedIn} {
		if !seen[k] {
			t.Errorf("nothing was %v: the test tests nothing", k)
		}
	}
	for _, c := range append(forms([]byte(canary)), append(ids, forms(secret)...)...) {
		if i := strings.Index(out, c); c != "" && i >= 0 {
			t.Errorf("a canary is shown as %q in %s", c, out[max(i-80, 0):min(i+80, len(out))])
		}
	}
}
