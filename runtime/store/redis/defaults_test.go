package redis

import (
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

// The documentation, and what sites are sized by, say these figures.
func TestTheDefaultsAreThoseOfTheDocumentation(t *testing.T) {
	type figures struct {
		budget, dial, read, write, forConnection time.Duration
		pool, maxItem                            int
	}
	const timeout, budget = 100 * time.Millisecond, 250 * time.Millisecond
	for _, c := range []struct {
		name string
		o    Options
		want figures
	}{
		{"defaults", Options{}, figures{budget, timeout, timeout, timeout, budget, 64, 1 << 20}},
		{"negative", Options{Timeout: -1, IOBudget: -1, PoolSize: -1, MaxItemSize: -1},
			figures{budget, timeout, timeout, timeout, budget, 64, 1 << 20}},
		{"own", Options{Timeout: time.Second, IOBudget: 3 * time.Second, PoolSize: 7, MaxItemSize: 1000},
			figures{3 * time.Second, time.Second, time.Second, time.Second, 3 * time.Second, 7, 1000}},
		{"a budget below the timeout", Options{Timeout: time.Second, IOBudget: time.Millisecond},
			figures{time.Second, time.Second, time.Second, time.Second, time.Second, 64, 1 << 20}},
	} {
		c.o.Addrs = []string{"127.0.0.1:6379"}
		s, err := NewWithOptions(c.o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		o := s.client.(*goredis.Client).Options()
		got := figures{s.budget, o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout, o.PoolSize, s.maxItem}
		if got != c.want {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
		if s.dialer.timeout != c.want.dial {
			t.Errorf("%s: a dial may take %v, want %v", c.name, s.dialer.timeout, c.want.dial)
		}
	}
}
