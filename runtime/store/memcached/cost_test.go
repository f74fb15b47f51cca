package memcached_test

import (
	"cmp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// median of ds, which it sorts.
func median[T cmp.Ordered](ds []T) T {
	slices.Sort(ds)
	return ds[len(ds)/2]
}

// Times are printed, never asserted; allocations are.
func TestWhatTheStoreAddsToBareGomemcache(t *testing.T) {
	rounds, calls := 40, 500
	if testing.Short() || raceDetector {
		rounds = 5
	}
	for name, server := range map[string]*servertest.Server{
		"TCP": servertest.Memcached(t), "unix socket": servertest.MemcachedUnix(t),
	} {
		key, value := strings.Repeat("k", 50), make([]byte, 250)
		client := memcache.New(server.Addr())
		client.MaxIdleConns, client.Timeout = memcached.DefaultPoolSize, 10*time.Second
		t.Cleanup(func() { _ = client.Close() })
		s := open(t, server.Addr())
		mustAdd(t, s, key, string(value))
		ctx := t.Context()

		bareGet := func() {
			if _, err := client.Get(key); err != nil {
				t.Fatal(err)
			}
		}
		get := func() {
			if _, _, err := s.Get(ctx, key); err != nil {
				t.Fatal(err)
			}
		}
		bareSwap := func() {
			item, err := client.Get(key)
			if err != nil {
				t.Fatal(err)
			}
			if err := client.CompareAndSwap(&memcache.Item{Key: key, Value: value, Expiration: 1800, CasID: item.CasID}); err != nil {
				t.Fatal(err)
			}
		}
		swap := func() {
			_, v, err := s.Get(ctx, key)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Swap(ctx, key, value, v, 30*time.Minute); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			name       string
			bare, ours func()
		}{{"Get", bareGet, get}, {"Get and Swap", bareSwap, swap}} {
			if bare, ours := testing.AllocsPerRun(200, c.bare), testing.AllocsPerRun(200, c.ours); ours > bare && !raceDetector { // which makes sync.Pool forget
				t.Errorf("%s, %s: %v allocations, bare gomemcache %v", name, c.name, ours, bare)
			}
			timed := func(f func()) time.Duration {
				start := time.Now()
				for range calls {
					f()
				}
				return time.Since(start) / time.Duration(calls)
			}
			var bare, ours []time.Duration
			var ratios []float64
			for range rounds {
				b, o := timed(c.bare), timed(c.ours)
				bare, ours, ratios = append(bare, b), append(ours, o), append(ratios, float64(o)/float64(b))
			}
			t.Logf("%s, %s: bare %v, store %v, ratio %.3f", name, c.name, median(bare), median(ours), median(ratios))
		}
	}
}

func TestThroughputOfManyGoroutinesAgainstBareGomemcache(t *testing.T) {
	const goroutines = 64
	rounds, calls := 10, 300
	if testing.Short() {
		rounds = 2
	}
	server := servertest.Memcached(t)
	client := memcache.New(server.Addr())
	client.MaxIdleConns, client.Timeout = goroutines, 10*time.Second
	t.Cleanup(func() { _ = client.Close() })
	s := openWith(t, memcached.Options{
		Addrs: []string{server.Addr()}, PoolSize: goroutines, Timeout: 10 * time.Second, IOBudget: 20 * time.Second,
	})
	mustAdd(t, s, "k", strings.Repeat("v", 250))
	run := func(get func() error) (perSecond float64, p99 time.Duration) {
		var wg sync.WaitGroup
		times := make([][]time.Duration, goroutines)
		start := time.Now()
		for g := range goroutines {
			wg.Go(func() {
				for range calls {
					begin := time.Now()
					if err := get(); err != nil {
						t.Errorf("get: %v", err)
					}
					times[g] = append(times[g], time.Since(begin))
				}
			})
		}
		wg.Wait()
		took := time.Since(start)
		all := slices.Concat(times...)
		slices.Sort(all)
		return float64(len(all)) / took.Seconds(), all[len(all)*99/100]
	}
	var rates, tails []float64
	for range rounds {
		bare, bareTail := run(func() error { _, err := client.Get("k"); return err })
		ours, ourTail := run(func() error { _, _, err := s.Get(t.Context(), "k"); return err })
		rates, tails = append(rates, ours/bare), append(tails, float64(ourTail)/float64(bareTail))
	}
	t.Logf("%d goroutines: throughput %.3f of bare gomemcache's, p99 %.3f", goroutines, median(rates), median(tails))
}
