package storetest

import (
	"context"
	"errors"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// contexts tests that a call whose time is over fails soon, with no answer that it cannot know, and that what it calls
// unavailable did not happen.
func contexts() []test {
	cancelled := func() (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		return ctx, cancel
	}
	late := func() (context.Context, context.CancelFunc) {
		return context.WithDeadline(context.Background(), time.Now().Add(-time.Second))
	}
	check := func(newContext func() (context.Context, context.CancelFunc)) func(*fixture) {
		return func(f *fixture) {
			ctx, cancel := newContext()
			defer cancel()
			k, other := f.key(), f.key()
			f.add(k, "one", forever)
			_, v := f.get(k)

			for _, c := range []struct {
				name string
				call func() error
			}{
				{"Get", func() error { _, _, err := f.store.Get(ctx, k); return err }},
				{"Touch", func() error { return f.store.Touch(ctx, k, forever) }},
				{"Add", func() error { return f.store.Add(ctx, other, []byte("two"), forever) }},
				{"Swap", func() error { return f.store.Swap(ctx, k, []byte("two"), v, forever) }},
				{"Delete", func() error { return f.store.Delete(ctx, k) }},
			} {
				start := time.Now()
				err := c.call()
				if took := time.Since(start); took > callTimeout/3 {
					f.Errorf("%s took %v", c.name, took)
				}
				if err == nil || isAnswer(err) {
					f.Errorf("%s: %v, want an error that says that the call failed", c.name, err)
				}
				switch promised := errors.Is(err, session.ErrUnavailable); {
				case c.name == "Add" && promised:
					f.wantNone(other)
				case c.name == "Swap" && promised:
					f.wantValue(k, "one")
				}
			}
		}
	}
	return []test{
		{"with a cancelled context each call fails at once", check(cancelled)},
		{"with a deadline that has passed each call fails at once", check(late)},
	}
}
