package session

import (
	"context"
	"sync"
	"sync/atomic"
	"time"
)

// A saveContext bounds one Save: it knows what the request's context knows, outlives it, and ends at its own time or
// when the Save is over. Most saves are over long before, and most stores look at the deadline alone, so the timer and
// the channel are made only when somebody asks for them.
type saveContext struct {
	request  context.Context
	end      time.Time
	released atomic.Bool

	once   sync.Once
	done   <-chan struct{}
	cancel context.CancelFunc // nil without a timer
}

func newSaveContext(request context.Context, timeout time.Duration) *saveContext {
	return &saveContext{request: request, end: time.Now().Add(timeout)}
}

func (c *saveContext) Deadline() (time.Time, bool) { return c.end, true }

func (c *saveContext) Value(key any) any { return c.request.Value(key) }

func (c *saveContext) Done() <-chan struct{} {
	c.once.Do(func() {
		var timer context.Context
		timer, c.cancel = context.WithDeadline(context.Background(), c.end)
		c.done = timer.Done()
	})
	return c.done
}

// Err is set before Done is closed, on which contexts that a store derives from this one rely.
func (c *saveContext) Err() error {
	switch {
	case !time.Now().Before(c.end):
		return context.DeadlineExceeded
	case c.released.Load():
		return context.Canceled
	default:
		return nil
	}
}

// release ends the context.
func (c *saveContext) release() {
	c.released.Store(true)
	c.once.Do(func() { c.done = closed })
	if c.cancel != nil {
		c.cancel()
	}
}

// closed is what Done returns of a context that nobody has waited for.
var closed = func() <-chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()
