package session

import (
	"context"
	"errors"
)

// Got is what a Store's Get returns, as one value.
type Got struct {
	Value   []byte
	Version Version
	Err     error
}

// A pairGetter is a Store that reads two records at once for less than two Gets cost. ok is false where it cannot, now
// or with these keys: then they are asked for one by one.
type pairGetter interface {
	GetPair(ctx context.Context, first, second string) (a, b Got, ok bool)
}

func get(ctx context.Context, store Store, key string) (g Got) {
	g.Value, g.Version, g.Err = store.Get(ctx, key)
	return g
}

// getPair reads two records at the same time.
func (e *engine) getPair(ctx context.Context, first, second string) (Got, Got) {
	if p, ok := e.store.(pairGetter); ok {
		if a, b, ok := p.GetPair(ctx, first, second); ok {
			return a, b
		}
	}
	var b Got
	beside := make(chan any, 1)
	go func() {
		var panicked any
		defer func() { beside <- panicked }() // also where a test's store ends the goroutine
		panicked = caught(func() { b = get(ctx, e.store, second) })
	}()
	a := get(ctx, e.store, first)
	if panicked := <-beside; panicked != nil {
		panic(panicked)
	}
	return a, b
}

// settle asks once more for what is missing in a store that has connections: a reply to an earlier request that comes a
// second time, late, may have said so, and nothing in it tells whose it is. It costs who comes back to a session that
// has ended one more round trip, and nobody else anything: the connections are kept, since the second look at a
// connection whose replies have shifted has what the first asked for.
func settle(ctx context.Context, store Store, key string, got Got) Got {
	if _, ok := store.(interface{ Reset() }); ok && errors.Is(got.Err, ErrNotFound) {
		return get(ctx, store, key)
	}
	return got
}
