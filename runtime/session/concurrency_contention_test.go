package session_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// BenchmarkContention prints what a Save costs when many requests save one session at once, on a real memcached with
// the default SaveTimeout: the median, the 99th percentile and the slowest, the compare-and-swaps that each took, and
// the Saves that ended as ErrConflict.
func BenchmarkContention(b *testing.B) {
	for _, c := range []struct{ managers, contenders int }{{1, 64}, {1, 256}, {2, 64}, {2, 256}, {64, 64}} {
		b.Run(fmt.Sprintf("processes=%d/contenders=%d", c.managers, c.contenders), func(b *testing.B) {
			benchmarkContention(b, c.managers, c.contenders)
		})
	}
}

func benchmarkContention(b *testing.B, managers, contenders int) {
	server := servertest.Memcached(b)
	swaps := new(atomic.Int64)
	var processes []*visitor.Sessions
	for range managers {
		store, err := memcached.New(server.Addr())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(store.Reset)
		cfg := concurrency.Config()
		cfg.SaveTimeout = 0 // the default
		m, err := visitor.NewSessions(swapCounter{store, swaps}, cfg)
		if err != nil {
			b.Fatal(err)
		}
		processes = append(processes, m)
	}
	_, token := concurrency.Begin(b, processes[0], func(s *visitor.Session) { s.AddCount(1) })
	var mu sync.Mutex
	var took []time.Duration
	var conflicts int
	for b.Loop() {
		b.StopTimer()
		sessions := make([]*visitor.Session, contenders) // all are loaded before one is saved
		for i := range sessions {
			sessions[i] = concurrency.Open(b, processes[i%managers], token)
			sessions[i].AddCount(1)
		}
		b.StartTimer()
		concurrency.Together(contenders, func(i int) {
			start := time.Now()
			err := sessions[i].Save()
			mu.Lock()
			defer mu.Unlock()
			took = append(took, time.Since(start))
			switch {
			case errors.Is(err, session.ErrConflict):
				conflicts++
			case err != nil:
				b.Error(err)
			}
		})
	}
	slices.Sort(took)
	ms := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1e3 }
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(ms(1), "max-ms")
	b.ReportMetric(float64(swaps.Load())/float64(len(took)), "cas/save")
	b.ReportMetric(float64(conflicts)/float64(len(took)), "conflicts/save")
}

// swapCounter counts the compare-and-swaps that a store is asked for.
type swapCounter struct {
	session.Store
	swaps *atomic.Int64
}

func (c swapCounter) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	c.swaps.Add(1)
	return c.Store.Swap(ctx, key, value, v, ttl)
}
