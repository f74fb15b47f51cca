package session

import (
	"context"
	"fmt"
	"runtime/debug"
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
	type answer struct {
		Got
		panicked any
	}
	beside := make(chan answer, 1)
	go func() {
		var a answer
		defer func() {
			if p := recover(); p != nil {
				// Above this goroutine there is no server that recovers.
				a.panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
			}
			beside <- a
		}()
		a.Got = get(ctx, e.store, second)
	}()
	a := get(ctx, e.store, first)
	b := <-beside
	if b.panicked != nil {
		panic(b.panicked)
	}
	return a, b.Got
}
