package memory_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func TestTheStoreConforms(t *testing.T) {
	storetest.Run(t, func(*testing.T) session.Store { return memory.New() })
}

// fakeClock is a time that a test moves.
type fakeClock struct{ ns atomic.Int64 }

func newFakeClock() *fakeClock {
	c := new(fakeClock)
	c.ns.Store(time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC).UnixNano())
	return c
}

func (c *fakeClock) Now() time.Time          { return time.Unix(0, c.ns.Load()) }
func (c *fakeClock) Advance(d time.Duration) { c.ns.Add(int64(d)) }

func TestARecordEndsToTheNanosecondByTheGivenClock(t *testing.T) {
	ctx, clock := t.Context(), newFakeClock()
	s := memory.NewWithOptions(memory.Options{Now: clock.Now})
	const ttl = 30 * time.Minute
	if err := s.Add(ctx, "k", []byte("one"), ttl); err != nil {
		t.Fatal(err)
	}
	clock.Advance(ttl - 1)
	if _, _, err := s.Get(ctx, "k"); err != nil {
		t.Fatalf("a nanosecond before its end: %v", err)
	}
	if err := s.Touch(ctx, "k", ttl); err != nil {
		t.Fatal(err)
	}
	clock.Advance(ttl - 1)
	_, v, err := s.Get(ctx, "k")
	if err != nil {
		t.Fatalf("a nanosecond before its end, touched: %v", err)
	}
	clock.Advance(1)
	if _, _, err := s.Get(ctx, "k"); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Get at its end: %v", err)
	}
	if err := s.Swap(ctx, "k", []byte("two"), v, ttl); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Swap at its end: %v", err)
	}
	if err := s.Touch(ctx, "k", ttl); !errors.Is(err, session.ErrNotFound) {
		t.Errorf("Touch at its end: %v", err)
	}
	if err := s.Add(ctx, "k", []byte("three"), ttl); err != nil {
		t.Errorf("Add at its end: %v", err)
	}
}

func TestAFullStoreEvictsAndCountsWhatItEvicted(t *testing.T) {
	ctx := t.Context()
	const n, size, maxBytes = 10_000, 1000, 1 << 20
	s := memory.NewWithOptions(memory.Options{MaxBytes: maxBytes})
	value := make([]byte, size)
	for i := range n {
		if err := s.Add(ctx, fmt.Sprint(i), value, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	left := 0
	for i := range n {
		if _, _, err := s.Get(ctx, fmt.Sprint(i)); err == nil {
			left++
		}
	}
	if left == 0 || left*size > maxBytes || int(s.Evicted()) != n-left {
		t.Errorf("%d records of %d bytes left in a store of %d, %d evicted", left, size, maxBytes, s.Evicted())
	}
}

func TestARecordThatCannotFitIsRefused(t *testing.T) {
	ctx := t.Context()
	s := memory.NewWithOptions(memory.Options{MaxBytes: 1000})
	if err := s.Add(ctx, "k", make([]byte, 1001), time.Hour); !errors.Is(err, session.ErrTooLarge) {
		t.Errorf("Add: %v", err)
	}
	if err := s.Add(ctx, "k", []byte("one"), time.Hour); err != nil {
		t.Fatal(err)
	}
	_, v, err := s.Get(ctx, "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(ctx, "k", make([]byte, 1001), v, time.Hour); !errors.Is(err, session.ErrTooLarge) {
		t.Errorf("Swap: %v", err)
	}
	if got, _, err := s.Get(ctx, "k"); err != nil || string(got) != "one" {
		t.Errorf("after the refused Swap: %q, %v", got, err)
	}
}

func TestACallWithAContextThatIsDoneIsUnavailable(t *testing.T) {
	s := memory.New()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := s.Add(ctx, "k", nil, time.Hour)
	if !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Errorf("Add: %v", err)
	}
	if err := s.Ping(ctx); err == nil {
		t.Error("Ping: no error")
	}
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
}

func TestNoErrorTellsAKeyOrAValue(t *testing.T) {
	s := memory.NewWithOptions(memory.Options{MaxBytes: 300})
	err := s.Add(t.Context(), "the-key", []byte(strings.Repeat("value", 100)), time.Hour)
	if err == nil || strings.Contains(err.Error(), "the-key") || strings.Contains(err.Error(), "value") {
		t.Errorf("%v", err)
	}
}

func TestAStoreThatNobodyHoldsLeavesNoGoroutine(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 50 {
		s := memory.New()
		if err := s.Add(t.Context(), "k", []byte("one"), time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	deadline := time.Now().Add(time.Minute)
	for runtime.NumGoroutine() > before {
		if time.Now().After(deadline) {
			t.Fatalf("%d goroutines, %d before", runtime.NumGoroutine(), before)
		}
		runtime.GC()
		time.Sleep(20 * time.Millisecond)
	}
}

func TestGetAllocatesTheCopyAlone(t *testing.T) {
	ctx, s, key := t.Context(), memory.New(), strings.Repeat("k", 50)
	if err := s.Add(ctx, key, make([]byte, 250), time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if _, _, err := s.Get(ctx, key); err != nil {
			t.Error(err)
		}
	}); n > 1 {
		t.Errorf("%v allocations, want 1", n)
	}
}

func TestAWriteAllocatesTheRecordAloneAndTouchNothing(t *testing.T) {
	ctx, s, key, value := t.Context(), memory.New(), strings.Repeat("k", 50), make([]byte, 250)
	if err := s.Add(ctx, key, value, time.Hour); err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(1000, func() {
		_, v, err := s.Get(ctx, key)
		if err != nil {
			t.Error(err)
		}
		if err := s.Swap(ctx, key, value, v, time.Hour); err != nil {
			t.Error(err)
		}
	}); n > 2 {
		t.Errorf("Get and Swap: %v allocations, want 2", n)
	}
	if n := testing.AllocsPerRun(1000, func() {
		if err := s.Touch(ctx, key, time.Hour); err != nil {
			t.Error(err)
		}
	}); n > 0 {
		t.Errorf("Touch: %v allocations, want none", n)
	}
}

func TestAValueOfAnySizeIsKeptWhole(t *testing.T) {
	ctx, s := t.Context(), memory.New()
	var want []byte
	for size := range 600 { // across many of the allocator's size classes
		if err := s.Add(ctx, fmt.Sprint(size), want, time.Hour); err != nil {
			t.Fatal(err)
		}
		want = append(want, byte(size%255+1))
	}
	runtime.GC()
	for size := range 600 {
		got, _, err := s.Get(ctx, fmt.Sprint(size))
		if err != nil || !bytes.Equal(got, want[:size]) {
			t.Errorf("%d bytes: %x, %v", size, got, err)
		}
	}
}

func TestAPingWithoutTimeIsUnavailableAsAnyCall(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := memory.New().Ping(ctx); !errors.Is(err, session.ErrUnavailable) || !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
