//go:build unix

package redis_test

import (
	"context"
	"errors"
	"fmt"
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

// TestAfterAFailoverWhatTheNewMasterHasIsReadable kills a master under traffic.
func TestAfterAFailoverWhatTheNewMasterHasIsReadable(t *testing.T) {
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
			noLeak(t)
			p := c.start(t)
			var w writers
			stop := make(chan struct{})
			running := w.run(t, p, stop)
			eventually(t, "it serves", func() bool { return w.acknowledged.Load() > 1000 })
			w.slowest.Store(0)
			p.master.Kill()
			killed := time.Now()
			eventually(t, "the writers notice", func() bool { return w.lastFailed.Load() > killed.UnixNano() })
			before := w.acknowledged.Load()
			eventually(t, "it serves again", func() bool { return w.acknowledged.Load() > before+8 })
			took := time.Since(killed)
			eventually(t, "everybody is served again", func() bool { return w.acknowledged.Load() > before+500 })
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
				got, _, err := p.store.Get(t.Context(), key.(string))
				if err != nil || string(got) != value.(string) || !strings.HasSuffix(stored, value.(string)) {
					t.Errorf("get: %q, %v; acknowledged %q, the new master has %q", got, err, value, stored)
				}
				return true
			})
			slowest := time.Duration(w.slowest.Load())
			t.Logf("kill -9 to saves acknowledged again: %v; of the records acknowledged, the new master has %d and not %d; slowest call %v, budget %v",
				took, have, lost, slowest, budget)
			if have == 0 {
				t.Error("the new master has nothing")
			}
			if took > noisy*failoverTime {
				t.Errorf("the failover took %v, want %v", took, failoverTime)
			}
			if slowest > noisy*budget {
				t.Errorf("slowest call %v, budget %v", slowest, budget)
			}
		})
	}
}

// writers add records, and raise a counter each; they remember what was acknowledged.
type writers struct {
	added        sync.Map // key → value
	acknowledged atomic.Int64
	lastFailed   atomic.Int64 // Unix nanoseconds of a call that failed
	slowest      atomic.Int64
}

func (w *writers) run(t *testing.T, p pair, stop <-chan struct{}) *sync.WaitGroup {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			pace := time.NewTicker(2 * time.Millisecond)
			defer pace.Stop()
			counter := fmt.Sprintf("%scounter-%d", p.prefix, i)
			for n := 0; ; n++ {
				select {
				case <-stop:
					return
				case <-pace.C:
				}
				k, v := fmt.Sprintf("%skey-%d-%d", p.prefix, i, n), fmt.Sprintf("of %d-%d", i, n)
				if w.acknowledges(t, func() error { return p.store.Add(context.Background(), k, []byte(v), time.Hour) }) {
					w.added.Store(k, v)
				}
				w.acknowledges(t, func() error { return raise(p.store, counter, v) })
			}
		})
	}
	return &wg
}

func (w *writers) acknowledges(t *testing.T, save func() error) bool {
	start := time.Now()
	err := save()
	took := int64(time.Since(start))
	for old := w.slowest.Load(); took > old && !w.slowest.CompareAndSwap(old, took); old = w.slowest.Load() {
	}
	if err != nil {
		w.lastFailed.Store(time.Now().UnixNano())
		if isAnswer(err) {
			t.Errorf("a save of a record that is this writer's alone: %v", err)
		}
		return false
	}
	w.acknowledged.Add(1)
	return true
}

// raise replaces a record, or adds it.
func raise(s session.Store, key, value string) error {
	_, v, err := s.Get(context.Background(), key)
	if errors.Is(err, session.ErrNotFound) {
		err = s.Add(context.Background(), key, []byte(value), time.Hour)
		if errors.Is(err, session.ErrExists) {
			return nil // an earlier Add whose outcome was unknown
		}
		return err
	}
	if err != nil {
		return err
	}
	err = s.Swap(context.Background(), key, []byte(value), v, time.Hour)
	if isAnswer(err) {
		return nil // a failover in between: the new master has an older record, or none
	}
	return err
}

func TestSentinelsThatHangOrDie(t *testing.T) {
	noLeak(t)
	w := servertest.RedisSentinel(t)
	s := open(t, redis.Options{Addrs: w.Addrs(), MasterName: w.Name})
	served := func() bool { _, _, err := s.Get(t.Context(), "k"); return errors.Is(err, session.ErrNotFound) }
	eventually(t, "it is served", served)
	for i, sentinel := range w.Sentinels { // one of them is whom the store asks
		sentinel.Pause()
		s.Reset() // so that it must ask
		took := eventually(t, "another Sentinel is asked", served)
		t.Logf("sentinel %d hangs: served after %v", i, took)
		if took > noisy*failoverTime { // which a busy machine may bring about
			t.Errorf("served after %v", took)
		}
		sentinel.Resume()
	}
	for _, sentinel := range w.Sentinels {
		sentinel.Kill()
	}
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("get from the master that is known, without Sentinels: %v", err)
	}
	s.Reset()
	if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("get, when nobody knows the master: %v", err)
	}
	w.Sentinels[0].Start()
	w.Sentinels[1].Start()
	eventually(t, "they are asked again", served)
}

func TestPingNamesTheMasterThatIsDown(t *testing.T) {
	noLeak(t)
	cluster := servertest.RedisCluster(t)
	s := open(t, redis.Options{Addrs: cluster.Addrs(), Cluster: true})
	eventually(t, "all masters are known", func() bool { return s.Ping(t.Context()) == nil })
	down := cluster.Masters[2] // has no replica
	down.Pause()
	eventually(t, "ping names it, and no other", func() bool { // which a busy machine may make slow too
		err := s.Ping(t.Context())
		return errors.Is(err, session.ErrUnavailable) && strings.Contains(err.Error(), down.Addr()) &&
			!strings.Contains(err.Error(), cluster.Masters[0].Addr()) && !strings.Contains(err.Error(), cluster.Masters[1].Addr())
	})
	// Its own visitors alone are told so.
	const onFirst, onThird = "foo2", "foo1"
	mustAdd(t, s, onFirst, "one", time.Hour)
	start := time.Now()
	if _, _, err := s.Get(t.Context(), onThird); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("get from the node that hangs: %v", err)
	}
	took := time.Since(start)
	t.Logf("a visitor of the node that hangs is told so in %v, budget %v", took, budget)
	if took > noisy*budget {
		t.Error("too slow")
	}
	down.Resume()
	eventually(t, "it serves again", func() bool {
		_, _, err := s.Get(t.Context(), onThird)
		return errors.Is(err, session.ErrNotFound)
	})
}
