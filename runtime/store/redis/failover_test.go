//go:build unix

package redis_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

const failoverTime = 5 * time.Second

// A pair is a master and the replica that takes over, with a store that reaches them.
type pair struct {
	store           *redis.Store
	master, replica *servertest.Server
	prefix          string // of keys that are theirs
}

func (p pair) counter(i int) string { return fmt.Sprintf("%scounter-%d", p.prefix, i) }

// read gets a record. A machine that stalls for a Timeout costs a try.
func (p pair) read(t *testing.T, key string) (value []byte, err error) {
	for range 10 {
		if value, _, err = p.store.Get(t.Context(), key); !errors.Is(err, session.ErrUnavailable) {
			break
		}
	}
	return value, err
}

// TestAfterAFailoverWhatTheNewMasterHasIsReadable kills a master under traffic.
func TestAfterAFailoverWhatTheNewMasterHasIsReadable(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: a failover takes seconds")
	}
	for _, c := range []struct {
		name  string
		start func(t *testing.T) pair
	}{
		{"with Sentinels", func(t *testing.T) pair {
			w := servertest.RedisSentinel(t)
			s := open(t, redis.Options{Addrs: w.Addrs(), MasterName: w.Name})
			return pair{s, w.Master, w.Replica, ""}
		}},
		{"of a Cluster", func(t *testing.T) pair {
			c := servertest.RedisCluster(t)
			s := open(t, redis.Options{Addrs: c.Addrs()[:1], Cluster: true}) // the others are learnt
			return pair{s, c.Masters[0], c.Replica, "{foo2}"}                // slot 1044, of the first master
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			servertest.NoLeak(t)
			took := failOver(t, c.start(t))
			if took > failoverTime { // a machine that stalls makes an election fail, and the next one is held seconds later
				took = failOver(t, c.start(t))
			}
			if took > failoverTime {
				t.Errorf("the failover took %v, want %v", took, failoverTime)
			}
		})
	}
}

// failOver kills the master under traffic, checks what the replica has that took over, and returns how long it took
// until saves were acknowledged again.
func failOver(t *testing.T, p pair) time.Duration {
	t.Helper()
	var w writers
	stop := make(chan struct{})
	running := w.run(t, p, stop)
	servertest.Eventually(t, "it serves", func() bool { return w.acknowledged.Load() > 1000 })
	w.slowest.Reset()
	p.master.Kill()
	killed := time.Now()
	servertest.Eventually(t, "the writers notice", func() bool { return w.lastFailed.Load() > killed.UnixNano() })
	before := w.acknowledged.Load()
	servertest.Eventually(t, "it serves again", func() bool { return w.acknowledged.Load() > before+8 })
	took := time.Since(killed)
	var raises [writing]int64
	for i := range raises {
		raises[i] = w.raises[i].Load()
	}
	servertest.Eventually(t, "everybody is served again", func() bool {
		for i := range raises {
			if w.raises[i].Load() < raises[i]+50 {
				return false
			}
		}
		return true
	})
	close(stop)
	running.Wait()

	if role := p.replica.Redis("ROLE"); !strings.HasPrefix(role, "master") {
		t.Fatalf("the replica is %q", role)
	}
	have, lost := 0, 0
	w.added.Range(func(key, value any) bool {
		stored := p.replica.Redis("GET", key.(string))
		if stored == "" {
			lost++
			return true
		}
		have++
		got, err := p.read(t, key.(string))
		if err != nil || string(got) != value.(string) || !strings.HasSuffix(stored, value.(string)) {
			t.Errorf("get: %q, %v; acknowledged %q, the new master has %q", got, err, value, stored)
		}
		return true
	})
	for i := range writing {
		stored, acknowledged := p.replica.Redis("GET", p.counter(i)), w.raised[i].Load()
		value := stored[max(0, strings.LastIndex(stored, "of ")):] // behind the version
		var writer int
		var n int64
		if _, err := fmt.Sscanf(value, "of %d-%d", &writer, &n); err != nil || writer != i || n < acknowledged || n > w.tried[i].Load() {
			t.Errorf("counter %d: the new master has %q, the last Swap acknowledged was %d", i, value, acknowledged)
		}
		if got, err := p.read(t, p.counter(i)); err != nil || string(got) != value {
			t.Errorf("counter %d: get: %q, %v; the new master has %q", i, got, err, value)
		}
	}
	slowest := w.slowest.Get()
	t.Logf("kill -9 to saves acknowledged again: %v; of the records acknowledged, the new master has %d and not %d; slowest call %v, budget %v",
		took, have, lost, slowest, budget)
	if have == 0 {
		t.Error("the new master has nothing")
	}
	if slowest > servertest.Noisy*budget {
		t.Errorf("slowest call %v, budget %v", slowest, budget)
	}
	return took
}

// writers add records, and raise a counter each; they remember what was acknowledged.
type writers struct {
	added        sync.Map // key → value
	acknowledged atomic.Int64
	lastFailed   atomic.Int64 // Unix nanoseconds of a call that failed
	slowest      servertest.Longest

	raised, tried [writing]atomic.Int64 // of each counter: the last value that was acknowledged, and that was sent
	raises        [writing]atomic.Int64 // acknowledged, of each counter
}

const writing = 8 // at a time

func (w *writers) run(t *testing.T, p pair, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for i := range writing {
		wg.Go(func() {
			pace := time.NewTicker(2 * time.Millisecond)
			defer pace.Stop()
			for n := int64(0); ; n++ {
				select {
				case <-stop:
					return
				case <-pace.C:
				}
				k, v := fmt.Sprintf("%skey-%d-%d", p.prefix, i, n), fmt.Sprintf("of %d-%d", i, n)
				if w.acknowledges(t, func() error { return p.store.Add(context.Background(), k, []byte(v), time.Hour) }) {
					w.added.Store(k, v)
				}
				w.tried[i].Store(n)
				swapped := false
				w.acknowledges(t, func() (err error) {
					swapped, err = raise(p.store, p.counter(i), v)
					return err
				})
				if swapped {
					w.raised[i].Store(n)
					w.raises[i].Add(1)
				}
			}
		})
	}
	return &wg
}

func (w *writers) acknowledges(t *testing.T, save func() error) bool {
	start := time.Now()
	err := save()
	w.slowest.Observe(time.Since(start))
	if err != nil {
		w.lastFailed.Store(time.Now().UnixNano())
		if servertest.IsAnswer(err) {
			t.Errorf("a save of a record that is this writer's alone: %v", err)
		}
		return false
	}
	w.acknowledged.Add(1)
	return true
}

// raise replaces a record, or adds it, and returns whether it did.
func raise(s session.Store, key, value string) (bool, error) {
	_, v, err := s.Get(context.Background(), key)
	switch {
	case err == nil:
		err = s.Swap(context.Background(), key, []byte(value), v, time.Hour)
	case errors.Is(err, session.ErrNotFound):
		err = s.Add(context.Background(), key, []byte(value), time.Hour)
	}
	if servertest.IsAnswer(err) {
		// An earlier Add whose outcome was unknown; or a failover in between: the new master has an older record, or
		// none.
		return false, nil
	}
	return err == nil, err
}

func TestSentinelsThatHangOrDie(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: a failover takes seconds")
	}
	servertest.NoLeak(t)
	w := servertest.RedisSentinel(t)
	s := open(t, redis.Options{Addrs: w.Addrs(), MasterName: w.Name})
	served := func() bool { _, _, err := s.Get(t.Context(), "k"); return errors.Is(err, session.ErrNotFound) }
	servertest.Eventually(t, "it is served", served)
	for i, sentinel := range w.Sentinels { // one of them is whom the store asks
		sentinel.Pause()
		s.Reset() // so that it must ask
		took := servertest.Eventually(t, "another Sentinel is asked", served)
		t.Logf("sentinel %d hangs: served after %v", i, took)
		if took > servertest.Noisy*failoverTime { // which a busy machine may bring about
			t.Errorf("served after %v", took)
		}
		sentinel.Resume()
	}
	for _, sentinel := range w.Sentinels {
		sentinel.Kill()
	}
	servertest.Eventually(t, "the master that is known serves without Sentinels", served)
	servertest.Eventually(t, "nobody knows the master", func() bool { // once the dials under way, which were told before, have ended
		s.Reset()
		_, _, err := s.Get(t.Context(), "k")
		return errors.Is(err, session.ErrUnavailable)
	})
	w.Sentinels[0].Start()
	w.Sentinels[1].Start()
	servertest.Eventually(t, "they are asked again", served)
}

func TestPingNamesTheMasterThatIsDown(t *testing.T) {
	servertest.NoLeak(t)
	cluster := servertest.RedisCluster(t)
	s := open(t, redis.Options{Addrs: cluster.Addrs(), Cluster: true})
	servertest.Eventually(t, "all masters are known", func() bool { return s.Ping(t.Context()) == nil })
	down := cluster.Masters[2] // has no replica
	down.Pause()
	servertest.Eventually(t, "ping names it, and no other", func() bool { // which a busy machine may make slow too
		err := s.Ping(t.Context())
		return errors.Is(err, session.ErrUnavailable) && strings.Contains(err.Error(), down.Addr()) &&
			!strings.Contains(err.Error(), cluster.Masters[0].Addr()) && !strings.Contains(err.Error(), cluster.Masters[1].Addr())
	})
	servertest.Eventually(t, "so do the nodes", func() bool {
		nodes := s.Nodes(t.Context())
		return len(nodes) == 3 && !slices.ContainsFunc(nodes, func(n session.Node) bool {
			return (n.Err != nil) != (n.Name == down.Addr())
		})
	})
	// Its own visitors alone are told so.
	const onFirst, onThird = "foo2", "foo1"
	servertest.Eventually(t, "the first node serves", func() bool {
		_, _, err := s.Get(t.Context(), onFirst)
		return errors.Is(err, session.ErrNotFound)
	})
	start := time.Now()
	if _, _, err := s.Get(t.Context(), onThird); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("get from the node that hangs: %v", err)
	}
	took := time.Since(start)
	t.Logf("a visitor of the node that hangs is told so in %v, budget %v", took, budget)
	if took > servertest.Noisy*budget {
		t.Error("too slow")
	}
	down.Resume()
	servertest.Eventually(t, "it serves again", func() bool {
		_, _, err := s.Get(t.Context(), onThird)
		return errors.Is(err, session.ErrNotFound)
	})
}
