package session_test

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A watcher keeps the latest events.
type watcher struct {
	mu     sync.Mutex
	events []session.Event
	then   func(context.Context, session.Event) // runs after that
}

func (w *watcher) Observe(ctx context.Context, e session.Event) {
	const most = 10_000
	w.mu.Lock()
	if len(w.events) == most {
		w.events = slices.Clone(w.events[most/2:])
	}
	w.events = append(w.events, e)
	then := w.then
	w.mu.Unlock()
	if then != nil {
		then(ctx, e)
	}
}

// also makes f run after each event.
func (w *watcher) also(f func(context.Context, session.Event)) {
	w.mu.Lock()
	w.then = f
	w.mu.Unlock()
}

// take returns the events and forgets them.
func (w *watcher) take() []session.Event {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := w.events
	w.events = nil
	return all
}

func kindsOf(events []session.Event) (kinds []session.Kind) {
	for _, e := range events {
		kinds = append(kinds, e.Kind)
	}
	return kinds
}

// wantEvents checks the Kinds of what has happened, in order, forgets it and returns the last.
func wantEvents(t testing.TB, w *watcher, want ...session.Kind) session.Event {
	t.Helper()
	got := w.take()
	if !slices.Equal(kindsOf(got), want) {
		t.Fatalf("events %v, want %v", kindsOf(got), want)
	}
	if len(got) == 0 {
		return session.Event{}
	}
	return got[len(got)-1]
}
