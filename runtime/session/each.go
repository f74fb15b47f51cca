package session

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// maxAtOnce is how many records of one owner's are asked for at a time.
const maxAtOnce = 16

// each calls do for 0 to n-1, several at a time, and returns when all have returned. A panic, in a store, comes out of
// it.
func each(n int, do func(i int)) {
	if n == 1 {
		do(0)
		return
	}
	var (
		wg       sync.WaitGroup
		mu       sync.Mutex
		panicked any
	)
	turns := make(chan struct{}, maxAtOnce)
	for i := range n {
		turns <- struct{}{}
		wg.Go(func() {
			defer func() { <-turns }()
			if p := caught(func() { do(i) }); p != nil {
				mu.Lock()
				panicked = p
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
}

// caught calls do, in a goroutine above which there is no server that recovers, and returns what it has panicked with,
// with the stack, or nil.
func caught(do func()) (panicked any) {
	defer func() {
		if p := recover(); p != nil {
			panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
		}
	}()
	do()
	return nil
}
