package memcached

import (
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// The documentation, and what sites are sized by, say these figures.
func TestTheDefaultsAreThoseOfTheDocumentation(t *testing.T) {
	type figures struct {
		timeout, budget time.Duration
		pool, maxItem   int
	}
	for _, c := range []struct {
		name string
		o    Options
		want figures
	}{
		{"defaults", Options{}, figures{100 * time.Millisecond, 250 * time.Millisecond, 64, 1 << 20}},
		{"negative", Options{Timeout: -1, IOBudget: -1, PoolSize: -1, MaxItemSize: -1},
			figures{100 * time.Millisecond, 250 * time.Millisecond, 64, 1 << 20}},
		{"own", Options{Timeout: time.Second, IOBudget: 3 * time.Second, PoolSize: 7, MaxItemSize: 1000},
			figures{time.Second, 3 * time.Second, 7, 1000}},
		{"a budget below the timeout", Options{Timeout: time.Second, IOBudget: time.Millisecond},
			figures{time.Second, time.Second, 64, 1 << 20}},
	} {
		c.o.Addrs = []string{"127.0.0.1:11211"}
		s, err := NewWithOptions(c.o)
		if err != nil {
			t.Fatal(err)
		}
		n := s.nodes[0]
		if got := (figures{n.client.Timeout, n.budget, cap(n.slots), n.maxItem}); got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// Timers never run early, so that a machine that stalls cannot fail the lower bounds.
func TestTimeoutAndIOBudgetAreHonoured(t *testing.T) {
	const timeout, ioBudget, noisy = 300 * time.Millisecond, 600 * time.Millisecond, 40
	hanging := func() *Store {
		fake := servertest.NewFake(t, func(net.Conn, servertest.Command, []byte) {})
		s, err := NewWithOptions(Options{Addrs: []string{fake.Addr()}, PoolSize: 1, Timeout: timeout, IOBudget: ioBudget})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Reset)
		return s
	}
	touch := func(s *Store) (took time.Duration) {
		start := time.Now()
		if err := s.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("touch: %v", err)
		}
		return time.Since(start)
	}
	if took := touch(hanging()); took < timeout || took > noisy*timeout {
		t.Errorf("a server that hangs: %v, timeout %v", took, timeout)
	}

	// The connection is busy for longer than any of them may wait.
	s := hanging()
	took := make([]time.Duration, 8)
	var wg sync.WaitGroup
	for i := range took {
		wg.Go(func() { took[i] = touch(s) })
	}
	wg.Wait()
	longest := time.Duration(0)
	for _, d := range took {
		longest = max(longest, d)
	}
	if longest < ioBudget || longest > noisy*ioBudget {
		t.Errorf("a pool that is exhausted: %v, budget %v", longest, ioBudget)
	}
}
