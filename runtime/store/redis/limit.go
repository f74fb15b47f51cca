package redis

import (
	"context"
	"time"
)

// termSteps is how many terms there are in one budget, and so how much of it a call may be given less.
const termSteps = 16

// A term is the end of calls that began at about the same time. go-redis asks a context for its channel whether it
// waits or not, and one context with a timer for each call is an eighth of what a call costs.
type term struct {
	context.Context
	end time.Time
}

// limit gives a call its budget. The context that it returns knows nothing of the caller's but the deadline: to follow
// a cancellation as well would cost a goroutine for each call, and save a quarter of a second at most.
func (s *Store) limit(ctx context.Context) (context.Context, context.CancelFunc) {
	if s.budget <= 0 || ctx.Err() != nil {
		return ctx, func() {}
	}
	end := time.Now().Add(s.budget)
	if deadline, ok := ctx.Deadline(); ok && deadline.Before(end) {
		return context.WithDeadline(context.Background(), deadline)
	}
	t := s.term.Load()
	if t == nil || end.Sub(t.end) > s.budget/termSteps {
		shared, cancel := context.WithDeadline(context.Background(), end)
		_ = cancel // it is others' too, and ends by itself
		t = &term{shared, end}
		s.term.Store(t)
	}
	return t, func() {}
}
