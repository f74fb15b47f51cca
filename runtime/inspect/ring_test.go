package inspect

import (
	"context"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestFewRequestsAreKeptFromTheCollector(t *testing.T) {
	for _, size := range []int{1, lately, lately + 1, 100} {
		r := newRing(size)
		for range 250 {
			r.add(time.Now(), context.WithValue(t.Context(), r, size), session.Event{Kind: session.Loaded}, false)
		}
		kept := 0
		for _, e := range r.entries {
			if e.ctx != nil {
				kept++
			}
		}
		if kept != min(size, lately) {
			t.Errorf("%d events keep %d contexts", size, kept)
		}
	}
}

func TestEventsOfAnyContextAreTaken(t *testing.T) {
	r := newRing(10)
	type uncomparable struct {
		context.Context
		_ []int
	}
	for _, ctx := range []context.Context{nil, context.Background(), uncomparable{t.Context(), nil}, t.Context()} {
		for _, outside := range []bool{true, false} {
			r.add(time.Now(), ctx, session.Event{Kind: session.Loaded}, outside)
		}
		r.forget(ctx)
	}
	if r.added != 4 {
		t.Errorf("%d events, want one for each that came both ways", r.added)
	}
}
