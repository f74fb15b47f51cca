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
	for _, c := range []struct {
		managers, contenders int
		latency              time.Duration // of the store, on top of its own
	}{{1, 64, 0}, {1, 256, 0}, {2, 64, 0}, {2, 256, 0}, {64, 64, 0}, {1, 64, 50 * time.Millisecond}} {
		b.Run(fmt.Sprintf("processes=%d/contenders=%d/latency=%v", c.managers, c.contenders, c.latency), func(b *testing.B) {
			benchmarkContention(b, c.managers, c.contenders, c.latency)
		})
	}
}

func benchmarkContention(b *testing.B, managers, contenders int, latency time.Duration) {
	server := servertest.Memcached(b)
	swaps, wait := new(atomic.Int64), new(atomic.Int64)
	var processes []*visitor.Sessions
	for range managers {
		store, err := memcached.New(server.Addr())
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(store.Reset)
		cfg := concurrency.Config()
		cfg.SaveTimeout = 0 // the default
		m, err := visitor.NewSessions(swapCounter{store, swaps, wait}, cfg)
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
		wait.Store(int64(latency))
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
		wait.Store(0)
	}
	slices.Sort(took)
	ms := func(p float64) float64 { return took[int(p*float64(len(took)-1))].Seconds() * 1e3 }
	b.ReportMetric(ms(0.5), "p50-ms")
	b.ReportMetric(ms(0.99), "p99-ms")
	b.ReportMetric(ms(1), "max-ms")
	b.ReportMetric(float64(swaps.Load())/float64(len(took)), "cas/save")
	b.ReportMetric(float64(conflicts)/float64(len(took)), "conflicts/save")
}

// swapCounter counts the compare-and-swaps that a store is asked for, and takes its time where it is to.
type swapCounter struct {
	session.Store
	swaps, latency *atomic.Int64
}

func (c swapCounter) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	time.Sleep(time.Duration(c.latency.Load()))
	return c.Store.Get(ctx, key)
}

func (c swapCounter) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	c.swaps.Add(1)
	time.Sleep(time.Duration(c.latency.Load()))
	return c.Store.Swap(ctx, key, value, v, ttl)
}
