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

// eventually polls until ok, for at most a minute.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !ok(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after a minute: %s", what)
		}
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

// longest keeps the longest of the times that goroutines observe.
type longest struct{ ns atomic.Int64 }

func (l *longest) observe(since time.Time) {
	took := int64(time.Since(since))
	for old := l.ns.Load(); took > old && !l.ns.CompareAndSwap(old, took); old = l.ns.Load() {
	}
}

func (l *longest) get() time.Duration { return time.Duration(l.ns.Load()) }

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
	for range idle {                      // reads would share a few
		wg.Go(func() {
			if err := s.Touch(ctx, "k", time.Hour); err != nil {
				t.Errorf("touch: %v", err)
			}
		})
	}
	eventually(t, "all connections are opened", func() bool { return servertest.OpenFiles(t) >= before+idle })
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

// traffic is what visitors of one node met while it went on.
type traffic struct {
	ok, failed, wrong atomic.Int64
	slowest           longest
}

// run reads and swaps the records under keys, each in a goroutine of its own and at most once a millisecond (refusals
// take microseconds, and would leave the others no processor), until stop is closed.
func (tr *traffic) run(t *testing.T, s session.Store, keys []string, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for _, k := range keys {
		wg.Go(func() {
			pace := time.NewTicker(time.Millisecond)
			defer pace.Stop()
			for {
				select {
				case <-stop:
					return
				case <-pace.C:
					tr.visit(t, s, k)
				}
			}
		})
	}
	return &wg
}

func (tr *traffic) visit(t *testing.T, s session.Store, k string) {
	timed := func(call func() error) error {
		defer tr.slowest.observe(time.Now())
		return call()
	}
	var got []byte
	var v session.Version
	err := timed(func() (err error) { got, v, err = s.Get(t.Context(), k); return err })
	switch {
	case errors.Is(err, session.ErrNotFound): // it came back empty
		err = timed(func() error { return s.Add(t.Context(), k, []byte("of "+k), time.Hour) })
	case err != nil && !errors.Is(err, session.ErrUnavailable):
		t.Errorf("get: %v", err)
	case err == nil && string(got) != "of "+k:
		tr.wrong.Add(1)
	case err == nil:
		err = timed(func() error { return s.Swap(t.Context(), k, []byte("of "+k), v, time.Hour) })
	}
	if err != nil {
		tr.failed.Add(1)
	} else {
		tr.ok.Add(1)
	}
}

func TestANodeThatDiesOrHangsUnderTrafficHarmsItsOwnVisitorsAlone(t *testing.T) {
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

			var lucky, unlucky traffic
			stop := make(chan struct{})
			a, b := lucky.run(t, s, onHealthy[:16], stop), unlucky.run(t, s, onSick[:16], stop)
			eventually(t, "both nodes serve", func() bool { return lucky.ok.Load() > 100 && unlucky.ok.Load() > 100 })
			fault.begin(sick)
			eventually(t, "its visitors notice", func() bool { return unlucky.failed.Load() > 100 })
			before := lucky.ok.Load()
			eventually(t, "the others do not", func() bool { return lucky.ok.Load() > before+1000 })

			start := time.Now()
			if _, _, err := s.Get(t.Context(), onSick[20]); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("get from the sick node: %v", err)
			}
			t.Logf("a visitor of the sick node is told so in %v", time.Since(start))

			fault.finish(sick)
			start = time.Now()
			before = unlucky.ok.Load()
			eventually(t, "it serves again", func() bool { return unlucky.ok.Load() > before+100 })
			t.Logf("back after %v; slowest calls %v (healthy node), %v (sick node); budget %v", time.Since(start),
				lucky.slowest.get(), unlucky.slowest.get(), ioBudget)
			close(stop)
			a.Wait()
			b.Wait()

			// A machine that stalls for a Timeout costs all who are under way theirs, perhaps more than once.
			if failed, ok := lucky.failed.Load(), lucky.ok.Load(); failed > ok/10 {
				t.Errorf("%d errors on the healthy node, %d calls were good", failed, ok)
			}
			if lucky.wrong.Load() > 0 || unlucky.wrong.Load() > 0 {
				t.Error("somebody saw another one's record")
			}
			if slowest := unlucky.slowest.get(); slowest > noisy*ioBudget {
				t.Errorf("slowest call %v, budget %v", slowest, ioBudget)
			}
		})
	}
}

func TestANodeThatIsDownAtStartIsUsedOnceItIsUp(t *testing.T) {
	server := servertest.Memcached(t)
	server.Stop()
	s := openDefault(t, server.Addr())
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("get: %v", err)
	}
	if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) || !strings.Contains(err.Error(), server.Addr()) {
		t.Errorf("ping: %v, want session.ErrUnavailable and the address", err)
	}
	server.Start()
	eventually(t, "it is used", func() bool {
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrNotFound)
	})
	eventually(t, "ping says so", func() bool { return s.Ping(t.Context()) == nil })
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
	eventually(t, "it is used", func() bool { return errors.Is(get(), session.ErrNotFound) })
}

func TestAServerAtItsConnectionLimitIsAnErrorNotADisaster(t *testing.T) {
	servertest.NoLeak(t)
	server := servertest.Memcached(t, "-c", "16", "-t", "1")
	mustAdd(t, open(t, server.Addr()), "k", "one")
	s := openDefault(t, server.Addr())
	var wg sync.WaitGroup
	var ok, failed atomic.Int64
	var slowest longest
	for range 64 {
		wg.Go(func() {
			for range 20 {
				start := time.Now()
				err := s.Touch(t.Context(), "k", time.Hour) // reads would share a few connections
				slowest.observe(start)
				switch {
				case err == nil:
					ok.Add(1)
				case errors.Is(err, session.ErrUnavailable):
					failed.Add(1)
				default:
					t.Errorf("touch: %v", err)
				}
			}
		})
	}
	wg.Wait()
	t.Logf("64 clients, 16 connections: %d served, %d told that the store is unavailable, slowest %v, budget %v",
		ok.Load(), failed.Load(), slowest.get(), budget)
	if slowest.get() > noisy*budget {
		t.Error("too slow")
	}
	s.Reset()
	eventually(t, "it serves again", func() bool { _, _, err := s.Get(t.Context(), "k"); return err == nil })
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
			key := fmt.Sprint(c.size)
			mustAdd(t, s, key, "one")
			_, v, err := s.Get(t.Context(), key)
			if err != nil {
				t.Fatal(err)
			}
			large := make([]byte, c.size)
			if err := s.Swap(t.Context(), key, large, v, time.Hour); !errors.Is(err, session.ErrTooLarge) || errors.Is(err, session.ErrUnavailable) {
				t.Errorf("swap: %v", err)
			}
			if err := s.Add(t.Context(), key+"2", large, time.Hour); !errors.Is(err, session.ErrTooLarge) {
				t.Errorf("add: %v", err)
			}
			if got, _, err := s.Get(t.Context(), key); err != nil || string(got) != "one" {
				t.Errorf("get: %q, %v", got, err)
			}
			if err := s.Swap(t.Context(), key, []byte("two"), v, time.Hour); err != nil {
				t.Errorf("swap with the version of before: %v", err)
			}
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

// busySite sends 2,000 requests a second, whether or not the ones before are done, and returns how many connections that
// took, the test's own included.
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
