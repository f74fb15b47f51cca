package inspect

import (
	"context"
	"errors"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Observe takes in one event. New has seen to it that the Manager calls it; where Config.Observer leads to it besides,
// through something that learns of the inspector later, each event counts once all the same.
func (i *Inspector) Observe(ctx context.Context, e session.Event) { i.take(ctx, e, true) }

// A watcher is the inspector as the Manager knows it.
type watcher struct{ i *Inspector }

// Observe takes in one event.
func (w watcher) Observe(ctx context.Context, e session.Event) { w.i.take(ctx, e, false) }

func (i *Inspector) take(ctx context.Context, e session.Event, fromOutside bool) {
	if i.events.add(i.now(), ctx, e, fromOutside) {
		i.counts.add(e)
	}
}

// Outcomes of events, for a filter and for the page.
const (
	outcomeOK     = "ok"
	outcomeFailed = "failed" // any but ok
)

// causes are the errors of package session by the names that the page has for them. The first that fits counts.
func causes() []cause {
	return []cause{
		{"too large", session.ErrTooLarge}, {"gone", session.ErrGone}, {"conflict", session.ErrConflict},
		{"unavailable", session.ErrUnavailable}, {"unknown", session.ErrUnknown}, {"late", session.ErrLateSave},
		{"invalid token", session.ErrInvalidToken},
	}
}

type cause struct {
	name string
	err  error
}

// outcome names how an event ended.
func outcome(err error) string {
	if err == nil {
		return outcomeOK
	}
	for _, c := range causes() {
		if errors.Is(err, c.err) {
			return c.name
		}
	}
	if field := new(session.FieldError); errors.As(err, &field) {
		return "field"
	}
	return "other"
}
