package file_test

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"github.com/sessiongen/sessiongen/runtime/store/file"
)

func BenchmarkGet(b *testing.B) {
	ctx, s := b.Context(), open(b, newPath(b), file.Options{}, file.Env{})
	add(b, s, "k", string(make([]byte, 250)), time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := s.Get(ctx, "k"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTouch(b *testing.B) {
	ctx, s := b.Context(), open(b, newPath(b), file.Options{}, file.Env{})
	add(b, s, "k", string(make([]byte, 250)), time.Hour)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Touch(ctx, "k", time.Hour); err != nil {
			b.Fatal(err)
		}
	}
}

// slowDisk adds 5 ms to each of the two fsyncs of a commit.
func slowDisk(tx *bolt.Tx) error {
	time.Sleep(10 * time.Millisecond)
	return tx.Commit()
}

// BenchmarkSave is a save by one visitor alone and by 64 at a time, on this disk and on one whose fsync takes 5 ms
// longer.
func BenchmarkSave(b *testing.B) {
	for _, disk := range []struct {
		name   string
		commit func(*bolt.Tx) error
	}{{"this disk", nil}, {"slow disk", slowDisk}} {
		for _, savers := range []int{1, 64} {
			b.Run(fmt.Sprint(disk.name, "/", savers), func(b *testing.B) {
				s := open(b, newPath(b), file.Options{}, file.Env{Commit: disk.commit})
				var visitors atomic.Int64
				b.SetParallelism(max(savers/runtime.GOMAXPROCS(0), 1))
				if savers == 1 {
					for n := range b.N {
						save(b, s, "k", n)
					}
				} else {
					b.RunParallel(func(pb *testing.PB) {
						key := fmt.Sprint(visitors.Add(1))
						for n := 0; pb.Next(); n++ {
							save(b, s, key, n)
						}
					})
				}
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "saves/s")
			})
		}
	}
}

func save(b *testing.B, s *file.Store, key string, n int) {
	value := make([]byte, 250)
	if n == 0 {
		_ = s.Delete(b.Context(), key)
		add(b, s, key, string(value), time.Hour)
		return
	}
	_, v, err := s.Get(b.Context(), key)
	if err != nil {
		b.Error(err)
	} else if err := s.Swap(b.Context(), key, value, v, time.Hour); err != nil {
		b.Error(err)
	}
}

// BenchmarkOpen opens a file of so many sessions.
func BenchmarkOpen(b *testing.B) {
	const sessions = 100_000
	path := newPath(b)
	s := open(b, path, file.Options{}, file.Env{Commit: file.WithoutSync})
	value := string(make([]byte, 250))
	var n atomic.Int64
	for range sessions / 256 {
		done := make(chan error, 256)
		for range 256 {
			go func() {
				done <- s.Add(b.Context(), fmt.Sprint(n.Add(1)), []byte(value), time.Hour)
			}()
		}
		for range 256 {
			if err := <-done; err != nil {
				b.Fatal(err)
			}
		}
	}
	closeStore(b, s)
	for b.Loop() {
		closeStore(b, open(b, path, file.Options{}, file.Env{}))
	}
}
