package memory_test

import (
	"encoding/binary"
	"hash/maphash"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

const maxHeapBeyond = 160 // bytes that a record may take beyond its own

func TestAMillionSessionsTakeLittleMoreThanTheirBytes(t *testing.T) {
	million := 1_000_000
	if raceDetector || testing.Short() { // the detector makes it a hundred times slower
		million = 50_000
	}
	for _, size := range []int{191, 250, 325} {
		t.Run(strconv.Itoa(size)+" bytes", func(t *testing.T) {
			plain, plainGC := measure(million, func() any {
				m := newShardedMap()
				for i := range million {
					m.put(millionKey(i), make([]byte, size))
				}
				return m
			})
			ours, oursGC := measure(million, func() any {
				s := memory.NewWithOptions(memory.Options{MaxBytes: 1 << 30})
				ctx, value := t.Context(), make([]byte, size)
				for i := range million {
					if err := s.Add(ctx, millionKey(i), value, time.Hour); err != nil {
						t.Fatal(err)
					}
					// used as live sessions are
					_, v, err := s.Get(ctx, millionKey(i))
					if err != nil {
						t.Fatal(err)
					}
					if err := s.Swap(ctx, millionKey(i), value, v, time.Hour); err != nil {
						t.Fatal(err)
					}
					if err := s.Touch(ctx, millionKey(i), time.Hour); err != nil {
						t.Fatal(err)
					}
				}
				if s.Evicted() > 0 {
					t.Errorf("%d evicted", s.Evicted())
				}
				return s
			})
			t.Logf("heap for each of %d records of %d bytes: %d (%+d); a sharded map: %d (%+d)",
				million, size, ours, ours-size, plain, plain-size)
			t.Logf("full collection: %v; a sharded map: %v (ratio %.2f)",
				oursGC, plainGC, float64(oursGC)/float64(plainGC))
			if ours-size > maxHeapBeyond {
				t.Errorf("%d bytes of heap beyond the record's own, want at most %d", ours-size, maxHeapBeyond)
			}
		})
	}
}

// measure returns the heap that each of n records takes in what fill returns, and the time of a full collection with it
// (median of five).
func measure(n int, fill func() any) (heap int, gc time.Duration) {
	before := heapAlloc()
	filled := fill()
	heap = (heapAlloc() - before) / n
	var times []time.Duration
	for range 5 {
		start := time.Now()
		runtime.GC()
		times = append(times, time.Since(start))
	}
	runtime.KeepAlive(filled)
	slices.Sort(times)
	return heap, times[len(times)/2]
}

func heapAlloc() int {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// millionKey is as long as a session's key in a store.
func millionKey(i int) string {
	var b [48]byte
	for j := range b {
		b[j] = 'k'
	}
	binary.BigEndian.PutUint64(b[:8], uint64(i))
	return string(b[:])
}

type shardedMap struct {
	seed   maphash.Seed
	shards [64]struct {
		sync.Mutex
		records map[string][]byte
	}
}

func newShardedMap() *shardedMap {
	m := &shardedMap{seed: maphash.MakeSeed()}
	for i := range m.shards {
		m.shards[i].records = make(map[string][]byte)
	}
	return m
}

func (m *shardedMap) put(key string, value []byte) {
	s := &m.shards[maphash.String(m.seed, key)%64]
	s.Lock()
	defer s.Unlock()
	s.records[key] = value
}
