package concurrency

import (
	"sync"
	"sync/atomic"
	"testing"
)

// Together runs n functions at the same time.
func Together(n int, f func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// races runs n races, some at a time.
func races(n int, race func(i int)) {
	var next atomic.Int64
	Together(8, func(int) {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			race(i)
		}
	})
}

// count returns full, or a tenth of it in a short test, but one at least.
func count(full int) int {
	if testing.Short() {
		return max(full/10, 1)
	}
	return full
}
