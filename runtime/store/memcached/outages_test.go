package memcached_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

func mustAdd(t *testing.T, s session.Store, key, value string) {
	t.Helper()
	if err := s.Add(t.Context(), key, []byte(value), time.Hour); err != nil {
		t.Fatalf("add: %v", err)
	}
}

// stat is one of memcached's own counters.
func stat(t *testing.T, server *servertest.Server, name string) int {
	t.Helper()
	n, err := strconv.Atoi(server.Stats()[name])
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

func TestAfterARestartNoRequestSeesTheStaleConnections(t *testing.T) {
	const idle, loads = 500, 2000
	if servertest.OpenFiles(t) == 0 {
		t.Skip("the test counts its own sockets, which needs /proc")
	}
	server := servertest.Memcached(t)
	s := openWith(t, memcached.Options{
		Addrs: []string{server.Addr()}, PoolSize: idle, Timeout: 20 * time.Second, IOBudget: 40 * time.Second,
	})
	ctx := t.Context()
	mustAdd(t, s, "k", "one")

	var wg sync.WaitGroup
	server.Pause() // so that each request needs a connection of its own

	before := servertest.OpenFiles(t) - 1 // with the one that is idle
	large := make([]byte, 20<<10)         // smaller ones would share connections
	for i := range idle {
		wg.Go(func() {
			if err := s.Add(ctx, fmt.Sprint(i), large, time.Hour); err != nil {
				t.Errorf("add: %v", err)
			}
		})
	}
	servertest.Eventually(t, "all connections are opened", func() bool { return servertest.OpenFiles(t) >= before+idle })
	server.Resume()
	wg.Wait()
	if got := stat(t, server, "curr_connections"); got < idle {
		t.Fatalf("%d connections, want at least %d", got, idle)
	}

	server.Restart()
	var failed atomic.Int64
	for range 50 {
		wg.Go(func() {
			for range loads / 50 {
				if _, _, err := s.Get(ctx, "k"); !errors.Is(err, session.ErrNotFound) {
					failed.Add(1)
					t.Errorf("get: %v", err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("%d loads over %d stale connections: %d errors", loads, idle, failed.Load())
}

func TestANodeThatDiesOrHangsUnderTrafficHarmsItsOwnVisitorsAlone(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: its server is away for seconds")
	}
	for _, fault := range []struct {
		name          string
		begin, finish func(*servertest.Server)
	}{
		{"killed", (*servertest.Server).Kill, (*servertest.Server).Start},
		{"frozen", (*servertest.Server).Pause, (*servertest.Server).Resume},
	} {
		t.Run(fault.name, func(t *testing.T) {
			servertest.NoLeak(t)
			healthy, sick := servertest.Memcached(t), servertest.Memcached(t)
			alone, patient := open(t, healthy.Addr()), open(t, healthy.Addr(), sick.Addr())
			// A machine that stalls for less than a Timeout costs the healthy node's visitors nothing.
			const timeout, ioBudget = time.Second, 2 * time.Second
			s := openWith(t, memcached.Options{Addrs: []string{healthy.Addr(), sick.Addr()}, Timeout: timeout, IOBudget: ioBudget})
			var onHealthy, onSick []string
			for i := range 200 { // where a record is, shows when one node is asked alone
				k := fmt.Sprintf("key-%d", i)
				mustAdd(t, patient, k, "of "+k)
				if _, _, err := alone.Get(t.Context(), k); err == nil {
					onHealthy = append(onHealthy, k)
				} else {
					onSick = append(onSick, k)
				}
			}

			var lucky, unlucky servertest.Traffic
			stopLucky, stopUnlucky := lucky.Run(t, s, onHealthy[:16]), unlucky.Run(t, s, onSick[:16])
			servertest.Eventually(t, "both nodes serve", func() bool { return lucky.OK.Load() > 100 && unlucky.OK.Load() > 100 })
			fault.begin(sick)
			servertest.Eventually(t, "its visitors notice", func() bool { return unlucky.Failed.Load() > 100 })
			before := lucky.OK.Load()
			servertest.Eventually(t, "the others do not", func() bool { return lucky.OK.Load() > before+1000 })

			start := time.Now()
			if _, _, err := s.Get(t.Context(), onSick[20]); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("get from the sick node: %v", err)
			}
			t.Logf("a visitor of the sick node is told so in %v", time.Since(start))

			fault.finish(sick)
			start = time.Now()
			before = unlucky.OK.Load()
			servertest.Eventually(t, "it serves again", func() bool { return unlucky.OK.Load() > before+100 })
			t.Logf("back after %v; slowest calls %v (healthy node), %v (sick node); budget %v", time.Since(start),
				lucky.Slowest.Get(), unlucky.Slowest.Get(), ioBudget)
			stopLucky()
			stopUnlucky()

			// A machine that stalls for a Timeout costs all who are under way theirs, perhaps more than once.
			if failed, ok := lucky.Failed.Load(), lucky.OK.Load(); failed > ok/10 {
				t.Errorf("%d errors on the healthy node, %d calls were good", failed, ok)
			}
			if lucky.Wrong.Load() > 0 || unlucky.Wrong.Load() > 0 {
				t.Error("somebody saw another one's record")
			}
			if slowest := unlucky.Slowest.Get(); slowest > servertest.Noisy*ioBudget {
				t.Errorf("slowest call %v, budget %v", slowest, ioBudget)
			}
		})
	}
}

func TestANodeThatIsDownAtStartIsUsedOnceItIsUp(t *testing.T) {
	server := servertest.Memcached(t)
	server.Stop()
	servertest.ComesUpLate(t, server, 1, openDefault(t, server.Addr()))
}

func TestANodeComesBackForCallersInAHurryToo(t *testing.T) {
	addr := servertest.FreePort(t)
	s := openDefault(t, addr)
	get := func() error { // in less time than a call may take
		ctx, cancel := context.WithTimeout(t.Context(), budget/2)
		defer cancel()
		_, _, err := s.Get(ctx, "k")
		return err
	}
	for range 10 {
		if err := get(); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("get: %v", err)
		}
	}
	servertest.NewFakeOn(t, addr, nil)
	servertest.Eventually(t, "it is used", func() bool { return errors.Is(get(), session.ErrNotFound) })
}

func TestAServerAtItsConnectionLimitIsAnErrorNotADisaster(t *testing.T) {
	servertest.NoLeak(t)
	server := servertest.Memcached(t, "-c", "16", "-t", "1")
	mustAdd(t, open(t, server.Addr()), "k", "one")
	s := openDefault(t, server.Addr())
	servertest.Crowd(t, budget, func() error { return s.Touch(t.Context(), "k", time.Hour) }) // reads would share a few connections
	s.Reset()
	servertest.Eventually(t, "it serves again", func() bool { _, _, err := s.Get(t.Context(), "k"); return err == nil })
	s.Reset()
}

func TestAFullServer(t *testing.T) {
	value := []byte(strings.Repeat("v", 100_000))
	fill := func(t *testing.T, s session.Store) (stored []string, err error) {
		for i := range 300 { // 30 MB
			k := fmt.Sprintf("key-%d", i)
			if err := s.Add(t.Context(), k, value, time.Hour); err != nil {
				return stored, err
			}
			stored = append(stored, k)
		}
		return stored, nil
	}
	t.Run("that does not evict refuses, and says that nothing was written", func(t *testing.T) {
		s := open(t, servertest.Memcached(t, "-m", "8", "-M").Addr())
		stored, err := fill(t, s)
		if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), "out of memory") {
			t.Fatalf("after %d records: %v", len(stored), err)
		}
		t.Logf("%d records, then: %v", len(stored), err)
		if got, _, err := s.Get(t.Context(), stored[0]); err != nil || len(got) != len(value) {
			t.Errorf("the first record: %d bytes, %v", len(got), err)
		}
	})
	t.Run("that evicts has lost records, and says so", func(t *testing.T) {
		s := open(t, servertest.Memcached(t, "-m", "8").Addr())
		_, v, err := func() ([]byte, session.Version, error) {
			mustAdd(t, s, "first", string(value))
			return s.Get(t.Context(), "first")
		}()
		if err != nil {
			t.Fatal(err)
		}
		if stored, err := fill(t, s); err != nil {
			t.Fatalf("after %d records: %v", len(stored), err)
		}
		if _, _, err := s.Get(t.Context(), "first"); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("get: %v", err)
		}
		if err := s.Swap(t.Context(), "first", value, v, time.Hour); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("swap: %v", err)
		}
		if err := s.Touch(t.Context(), "first", time.Hour); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("touch: %v", err)
		}
	})
}

func TestAValueOverTheLimitIsRefusedAndTheOldOneStays(t *testing.T) {
	server := servertest.Memcached(t)
	for _, c := range []struct {
		name    string
		maxItem int // the store's; the server's is 1 MiB, bookkeeping included
		size    int
	}{
		{"of the store", memcached.DefaultMaxItemSize, 1<<20 + 1},
		{"of the server, by its bookkeeping", memcached.DefaultMaxItemSize, 1<<20 - 10},
		{"of the server, by far", 4 << 20, 3 << 20},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := openWith(t, memcached.Options{
				Addrs: []string{server.Addr()}, MaxItemSize: c.maxItem, Timeout: 20 * time.Second, IOBudget: 40 * time.Second,
			})
			servertest.RefusesTooLarge(t, s, c.size)
		})
	}
}

func TestABusySiteOpensFewConnections(t *testing.T) {
	const most = 100
	length := 10 * time.Second
	if testing.Short() {
		length = time.Second
	}
	if opened := busySite(t, length); opened > most {
		t.Errorf("%d connections, want at most %d", opened, most)
	}
}

// busySite sends 2,000 requests a second, whether or not the ones before are done, and returns how many connections
// that took, the test's own included.
func busySite(t *testing.T, length time.Duration) (opened int) {
	const rate = 2000
	server := servertest.Memcached(t)
	s := open(t, server.Addr()) // which waits for a machine that stalls: an error would cost its connection
	mustAdd(t, s, "k", "one")
	ctx, cancel := context.WithTimeout(t.Context(), length)
	defer cancel()
	var wg sync.WaitGroup
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	start, sent := time.Now(), 0
	for ctx.Err() == nil {
		<-tick.C
		for ; sent < int(time.Since(start).Seconds()*rate); sent++ {
			wg.Go(func() {
				if _, _, err := s.Get(t.Context(), "k"); err != nil {
					t.Errorf("get: %v", err)
				}
			})
		}
	}
	wg.Wait()
	opened = stat(t, server, "total_connections")
	t.Logf("%d requests in %v: %d connections", sent, time.Since(start), opened)
	return opened
}
