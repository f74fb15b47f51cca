package memcached

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestTheBreakerOpensAfterFailuresInARowAndProbesOnceASecond(t *testing.T) {
	clock := &fakeClock{time.Unix(1_900_000_000, 0)}
	b := &breaker{now: clock.now}
	allowed := func(n int) (allowed int) {
		for range n {
			if b.allow() {
				allowed++
			}
		}
		return allowed
	}

	for range 2 {
		b.failed(b.count())
	}
	b.succeeded()
	for range 2 {
		b.failed(b.count())
	}
	if !b.allow() {
		t.Fatal("it opened, and there were never that many failures in a row")
	}
	b.failed(b.count())
	if b.allow() || !b.open() {
		t.Fatal("it did not open")
	}
	clock.t = clock.t.Add(time.Second - 1)
	if b.allow() {
		t.Error("probed before the second was over")
	}
	clock.t = clock.t.Add(1)
	if b.open() {
		t.Error("it skips what may be a probe")
	}
	if n := allowed(100); n != 1 {
		t.Errorf("%d probes, want 1", n)
	}
	clock.t = clock.t.Add(time.Second)
	if n := allowed(100); n != 1 {
		t.Errorf("%d probes after one that never reported back, want 1", n)
	}
	b.failed(b.count())
	if b.allow() {
		t.Error("a failed probe did not keep it open")
	}
	clock.t = clock.t.Add(time.Second)
	if !b.allow() {
		t.Error("no further probe")
	}
	b.succeeded()
	if n := allowed(100); n != 100 {
		t.Errorf("%d of 100 allowed after a good probe", n)
	}
	b.failed(b.count())
	if !b.allow() {
		t.Error("failures of before the good probe still count")
	}
}

func TestFailuresOfRequestsThatWereUnderWayTogetherCountAsOne(t *testing.T) {
	b := &breaker{now: time.Now}
	for range 2 {
		began := b.count()
		for range 64 {
			b.failed(began)
		}
		if b.open() {
			t.Fatal("it opened too early")
		}
	}
	b.failed(b.count())
	if !b.open() {
		t.Error("it did not open")
	}
}

// silenced starts a fake node that answers once answering is set, and a store on it, on a clock that the test moves.
func silenced(t *testing.T, timeout time.Duration) (s *Store, clock *fakeClock, fake *servertest.Fake, answering *atomic.Bool) {
	t.Helper()
	answering = new(atomic.Bool)
	fake = servertest.NewFake(t, func(c net.Conn, _ servertest.Command, reply []byte) {
		if answering.Load() {
			_, _ = c.Write(reply)
		}
	})
	clock = &fakeClock{time.Unix(1_900_000_000, 0)}
	s, err := newStore(Options{Addrs: []string{fake.Addr()}, Timeout: timeout, IOBudget: 10 * time.Second},
		environment{clock.now, new(names).lookup})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	return s, clock, fake, answering
}

// The fake counts the commands for each key, so that one that it reads late is taken for no other.
func TestANodeThatFailedThreeTimesIsAskedOnceASecondAndNoMore(t *testing.T) {
	const timeout = 200 * time.Millisecond
	s, clock, fake, answering := silenced(t, timeout)
	ctx := t.Context()
	skipped := func(key string) int { // of 100 calls, 20 of each sort
		var n atomic.Int32
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				_, _, get := s.Get(ctx, key)
				for _, err := range []error{
					get,
					s.Add(ctx, key, []byte("x"), time.Hour),
					s.Swap(ctx, key, []byte("x"), session.Version{1}, time.Hour),
					s.Touch(ctx, key, time.Hour),
					s.Delete(ctx, key),
				} {
					if errors.Is(err, errSkipped) && errors.Is(err, session.ErrUnavailable) {
						n.Add(1)
					}
				}
			})
		}
		wg.Wait()
		return int(n.Load())
	}

	for range 3 {
		if err := s.Touch(ctx, "failing", time.Hour); !errors.Is(err, session.ErrUnavailable) || errors.Is(err, errSkipped) {
			t.Fatalf("touch: %v", err)
		}
	}
	start := time.Now()
	if n := skipped("skipped"); n != 100 {
		t.Errorf("after three failures %d of 100 calls are skipped", n)
	}
	if took := time.Since(start); took > 90*timeout { // one call after the other would take a hundred
		t.Errorf("100 calls took %v, and should end at once", took)
	}
	clock.t = clock.t.Add(time.Second - 1)
	if n := skipped("skipped"); n != 100 {
		t.Errorf("before the second is over %d of 100 calls are skipped", n)
	}
	clock.t = clock.t.Add(1)
	if n := skipped("probed"); n != 99 {
		t.Errorf("after a second %d of 100 calls are skipped, want all but the probe", n)
	}

	answering.Store(true)
	servertest.Eventually(t, "a probe is answered", func() bool { // the first, unless the machine stalls
		clock.t = clock.t.Add(time.Second)
		return errors.Is(s.Touch(ctx, "answered", time.Hour), session.ErrNotFound)
	})
	if n := skipped("served"); n != 0 {
		t.Errorf("after a good probe %d of 100 calls are skipped", n)
	}
	servertest.Eventually(t, "the fake has seen the last command", func() bool { return fake.Received("served") >= 90 })
	if n := fake.Received("skipped"); n != 0 {
		t.Errorf("%d commands reached a node that is skipped", n)
	}
	if n := fake.Received("probed"); n > 1 {
		t.Errorf("%d probes, want 1", n)
	}
}

func TestAHealthCheckPassesTheBreakerAndEndsASkipEarly(t *testing.T) {
	s, _, fake, answering := silenced(t, 50*time.Millisecond)
	for range 3 {
		_ = s.Touch(t.Context(), "k", time.Hour)
	}
	if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, errSkipped) {
		t.Fatalf("touch: %v", err)
	}
	if n := s.Nodes(t.Context()); len(n) != 1 || n[0].Name != fake.Addr() || n[0].Err == nil || n[0].Detail == "" {
		t.Errorf("of the node that is skipped Nodes says %+v", n)
	}
	answering.Store(true)
	servertest.Eventually(t, "it answers", func() bool { return s.Ping(t.Context()) == nil })
	if err := s.Touch(t.Context(), "k", time.Hour); errors.Is(err, errSkipped) {
		t.Errorf("touch after a good health check: %v", err)
	}
}
