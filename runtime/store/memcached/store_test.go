package memcached_test

import (
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

// open returns a store for a test of what it answers. It is more patient than the default, so that a machine that
// stalls for a tenth of a second fails no test.
func open(t testing.TB, addrs ...string) *memcached.Store {
	t.Helper()
	return openWith(t, memcached.Options{Addrs: addrs, Timeout: 5 * time.Second, IOBudget: 10 * time.Second})
}

// openDefault returns a store for a test of how long things take.
func openDefault(t testing.TB, addrs ...string) *memcached.Store {
	t.Helper()
	return openWith(t, memcached.Options{Addrs: addrs})
}

// at makes of a function that opens a store on nodes one that opens it on a single one.
func at(open func(testing.TB, ...string) *memcached.Store) func(testing.TB, string) session.Store {
	return func(t testing.TB, addr string) session.Store { return open(t, addr) }
}

func openWith(t testing.TB, o memcached.Options) *memcached.Store {
	t.Helper()
	s, err := memcached.NewWithOptions(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	return s
}

func TestTheStoreConforms(t *testing.T) {
	tcp, unix := servertest.Memcached(t), servertest.MemcachedUnix(t)
	second := servertest.Memcached(t)
	proxy := servertest.Twemproxy(t, tcp, second)
	for _, c := range []struct {
		name string
		open func(t *testing.T) session.Store
	}{
		{"on TCP", func(t *testing.T) session.Store { return open(t, tcp.Addr()) }},
		{"on a unix socket", func(t *testing.T) session.Store { return open(t, unix.Addr()) }},
		{"on three nodes", func(t *testing.T) session.Store { return open(t, tcp.Addr(), unix.Addr(), second.Addr()) }},
		{"through twemproxy", func(t *testing.T) session.Store { return open(t, proxy.Addr()) }},
		{"with somebody else's client", func(t *testing.T) session.Store {
			c := memcache.New(tcp.Addr(), second.Addr())
			c.Timeout = 10 * time.Second // see open
			t.Cleanup(func() { _ = c.Close() })
			return memcached.NewFromClient(c)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if err := c.open(t).(*memcached.Store).Ping(t.Context()); err != nil {
				t.Errorf("ping: %v", err)
			}
			storetest.Run(t, c.open)
		})
	}
}
