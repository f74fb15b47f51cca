package main

import (
	"fmt"
	"hash/maphash"
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sessiongen/sessiongen/bench/measure"
	"github.com/sessiongen/sessiongen/bench/model"
	"github.com/sessiongen/sessiongen/bench/peer"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// million fills each store in memory with a million sessions of nine fields and looks at the heap.
func (b *bench) million() error {
	n, rounds := 1_000_000, 2
	if b.quick {
		n, rounds = 100_000, 1
	}
	type holder struct {
		name string
		size int // of what is stored for one session
		fill func() (any, error)
	}
	var record int
	ours := func() (any, error) {
		store := memory.NewWithOptions(memory.Options{MaxBytes: 4 << 30})
		contenders, err := peer.OursIn(store, peer.Nine)
		if err != nil {
			return nil, err
		}
		if err := create(contenders[0], n); err != nil {
			return nil, err
		}
		if store.Evicted() > 0 {
			return nil, fmt.Errorf("%d sessions were evicted", store.Evicted())
		}
		record = contenders[0].Size()
		return store, nil
	}
	if _, err := ours(); err != nil { // to know the size, and to warm up
		return err
	}
	encoded, err := scsValue()
	if err != nil {
		return err
	}
	holders := []holder{
		{"sharded map[string][]byte", record, func() (any, error) {
			m := newShardedMap()
			for i := range n {
				m.put(sessionKey(i), make([]byte, record))
			}
			return m, nil
		}},
		{peer.Ours, record, ours},
		{"scs, memory store", len(encoded), func() (any, error) {
			m := memstore.NewWithCleanupInterval(0)
			expiry := time.Now().Add(time.Hour)
			for i := range n {
				if err := m.Commit(sessionKey(i), append(make([]byte, 0, len(encoded)), encoded...), expiry); err != nil {
					return nil, err
				}
			}
			return m, nil
		}},
	}
	heaps := make([]measure.Times, len(holders))
	pauses := make([]measure.Times, len(holders))
	for range rounds {
		for i, h := range holders {
			before := heap()
			filled, err := h.fill()
			if err != nil {
				return err
			}
			heaps[i] = append(heaps[i], float64(heap()-before)/float64(n))
			for range 7 {
				start := time.Now()
				runtime.GC()
				pauses[i] = append(pauses[i], float64(time.Since(start)))
			}
			runtime.KeepAlive(filled)
		}
	}
	t := &table{
		title: fmt.Sprintf("%d sessions of nine fields in memory", n),
		head:  []string{"", "bytes stored", "heap each", "beyond", "full collection ms", "× map"},
	}
	for i, h := range holders {
		each := heaps[i].Median()
		t.add(h.name, fmt.Sprint(h.size), digits(each), digits(each-float64(h.size)),
			digits(pauses[i].Median()/1e6), digits(pauses[i].Median()/pauses[0].Median()))
	}
	b.report.publish(t)
	b.report.atMost("heap of a session in memory beyond its record", 160, heaps[1].Median()-float64(record), " bytes")
	b.report.atMost("full collection against a sharded map", 1.2, pauses[1].Median()/pauses[0].Median(), " ×")
	return nil
}

// create stores n sessions.
func create(c peer.Contender, n int) error {
	r, err := http.NewRequest(http.MethodGet, "https://shop.example/", nil)
	if err != nil {
		return err
	}
	s := sink{header: make(http.Header)}
	for range n {
		clear(s.header)
		c.Create.ServeHTTP(&s, r)
		if s.status >= http.StatusInternalServerError {
			return fmt.Errorf("create: %s", s.text)
		}
	}
	return nil
}

func scsValue() ([]byte, error) {
	v := model.Sample()
	return scs.GobCodec{}.Encode(time.Now().Add(time.Hour), map[string]any{
		"name": v.Name, "user_id": v.UserID, "roles": v.Roles, "last_seen": v.LastSeen, "cart": v.Cart,
		"csrf": v.CSRF, "visits": v.Visits, "notice": v.Notice, "lang": v.Lang,
	})
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// sessionKey is as long as the keys of sessions.
func sessionKey(i int) string { return fmt.Sprintf("%043d", i) }

type shardedMap struct {
	seed   maphash.Seed
	shards [64]struct {
		sync.Mutex
		values map[string][]byte
	}
}

func newShardedMap() *shardedMap {
	m := &shardedMap{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].values = make(map[string][]byte)
	}
	return m
}

func (m *shardedMap) put(key string, value []byte) {
	s := &m.shards[maphash.String(m.seed, key)%uint64(len(m.shards))]
	s.Lock()
	defer s.Unlock()
	s.values[key] = value
}
