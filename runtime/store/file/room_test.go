package file_test

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
)

func TestAtTheCapTheSessionUsedLongestAgoGoes(t *testing.T) {
	s := open(t, newPath(t), file.Options{MaxSessions: 4}, file.Env{})
	for _, key := range []string{"read", "swapped", "touched", "idle"} {
		add(t, s, key, "one", time.Hour)
	}
	get(t, s, "read")
	_, v := get(t, s, "swapped")
	if err := s.Swap(t.Context(), "swapped", []byte("two"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Touch(t.Context(), "touched", time.Hour); err != nil {
		t.Fatal(err)
	}
	for i, next := range []string{"idle", "read", "swapped", "touched"} {
		add(t, s, fmt.Sprint("new", i), "one", time.Hour)
		if _, _, err := s.Get(t.Context(), next); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("%s: %v", next, err)
		}
		if n := s.Evicted(); n != uint64(i+1) || s.Len() != 4 {
			t.Errorf("%d evicted, %d there", n, s.Len())
		}
	}
}

func TestTheOrderOfUseSurvivesARestart(t *testing.T) {
	path, clock := newPath(t), newFakeClock()
	s := open(t, path, file.Options{}, file.Env{Now: clock.Now})
	for i := range 100 {
		clock.Advance(time.Second)
		add(t, s, fmt.Sprint(i), "one", time.Hour)
	}
	clock.Advance(time.Second)
	if err := s.Touch(t.Context(), "0", time.Hour); err != nil {
		t.Fatal(err)
	}
	closeStore(t, s)
	s = open(t, path, file.Options{MaxSessions: 10}, file.Env{Now: clock.Now, Tick: time.Millisecond})
	servertest.Eventually(t, "the cap, which is lower now", func() bool { return s.Len() == 10 })
	for _, key := range []string{"0", "99", "91"} {
		get(t, s, key)
	}
}

func TestWhatHasEndedGoesBeforeWhatHasNot(t *testing.T) {
	clock := newFakeClock()
	s := open(t, newPath(t), file.Options{MaxSessions: 3}, file.Env{Now: clock.Now})
	add(t, s, "old", "one", time.Hour)
	add(t, s, "short", "one", time.Minute)
	add(t, s, "new", "one", time.Hour)
	clock.Advance(2 * time.Minute)
	add(t, s, "newer", "one", time.Hour)
	get(t, s, "old")
	if s.Evicted() != 0 || s.Len() != 3 {
		t.Errorf("%d evicted, %d there", s.Evicted(), s.Len())
	}
}

func TestRecordsThatHaveEndedLeaveThoughNobodySaves(t *testing.T) {
	path, clock := newPath(t), newFakeClock()
	s := open(t, path, file.Options{}, file.Env{Now: clock.Now, Tick: time.Millisecond})
	var wg sync.WaitGroup
	for i := range 1500 {
		wg.Go(func() { add(t, s, fmt.Sprint(i), "one", time.Minute) })
	}
	wg.Wait()
	add(t, s, "stays", "one", time.Hour)
	clock.Advance(time.Minute)
	servertest.Eventually(t, "the records to leave", func() bool { return s.Len() == 1 })
	get(t, s, "stays")
	if s.Evicted() != 0 {
		t.Errorf("%d evicted", s.Evicted())
	}
}

func TestNoCommitRemovesMoreThanItsShare(t *testing.T) {
	clock := newFakeClock()
	s := open(t, newPath(t), file.Options{}, file.Env{Now: clock.Now})
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() { add(t, s, fmt.Sprint(i), "one", time.Minute) })
	}
	wg.Wait()
	clock.Advance(time.Minute)
	add(t, s, "k", "one", time.Hour)
	if n := s.Len(); n < 900 || n >= 1001 {
		t.Errorf("%d records are left, want some of 1000 to be gone", n)
	}
}

// A million sessions through a cap of a hundred thousand; far fewer unless SESSIONGEN_LONG is set. Their number is
// what counts here, not that each is on the disk.
func TestTheFileDoesNotGrowForEver(t *testing.T) {
	maxSessions, through := 3_000, 30_000
	if os.Getenv("SESSIONGEN_LONG") != "" {
		maxSessions, through = 100_000, 1_000_000
	}
	const size, clients = 250, 256
	path := newPath(t)
	s := open(t, path, file.Options{MaxSessions: maxSessions}, file.Env{Commit: file.WithoutSync})
	var next atomic.Int64
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for n := next.Add(1); n <= int64(through); n = next.Add(1) {
				add(t, s, fmt.Sprintf("session:%040d", n), string(make([]byte, size)), time.Hour)
			}
		})
	}
	wg.Wait()
	if n := s.Len(); n > maxSessions+clients {
		t.Errorf("%d sessions, at most %d allowed", n, maxSessions)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	peak := int64(maxSessions * (size + len("session:") + 40))
	t.Logf("a file of %d bytes for %d of content: %.2f", info.Size(), peak, float64(info.Size())/float64(peak))
	if allowed := max(3*peak, 32<<20); info.Size() > allowed { // bbolt grows a file by 16 MiB at a time
		t.Errorf("the file has %d bytes, want at most %d", info.Size(), allowed)
	}
	closeStore(t, s)
	check(t, path)
}
