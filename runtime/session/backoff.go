package session

import (
	"context"
	"time"
)

// A backoff spreads the tries of those who write the same record from several processes: each pause is a random part of
// a bound that doubles from 1 to 32 ms. Within a second that is about 60 tries.
type backoff struct {
	tries  int
	jitter func(bound time.Duration) time.Duration // of the engine
}

func (e *engine) backoff() backoff { return backoff{jitter: e.jitter} }

// pause waits and reports whether there is time for another try.
func (b *backoff) pause(ctx context.Context) bool {
	bound := time.Millisecond << min(b.tries, 5)
	b.tries++
	if b.tries == 1 {
		return ctx.Err() == nil // most conflicts are over at once
	}
	timer := time.NewTimer(b.jitter(bound))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil
	}
}
