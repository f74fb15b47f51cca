package session

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// maxAtOnce is how many records of one owner's are asked for at a time.
const maxAtOnce = 16

// each calls do for 0 to n-1, several at a time, and returns when all have returned. A panic, in a store, comes out of
// it: above the goroutines there is no server that recovers.
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
			defer func() {
				if p := recover(); p != nil {
					mu.Lock()
					panicked = fmt.Sprintf("%v\n\n%s", p, debug.Stack())
					mu.Unlock()
				}
				<-turns
			}()
			do(i)
		})
	}
	wg.Wait()
	if panicked != nil {
		panic(panicked)
	}
}
