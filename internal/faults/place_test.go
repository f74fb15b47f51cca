//go:build unix

package faults

import (
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// A place is where a site keeps its sessions, and how the fault comes over it and goes.
type place struct {
	opener
	begin, end func(*story)
	met        func() bool // whether it has been; nil where visitors must have noticed
}

// An opener opens a site's store, and says how long the site waits for a save.
type opener struct {
	open        func(t *testing.T) session.Store
	saveTimeout time.Duration // 0: session.Config's default
}

// memcachedAt opens the store with its defaults: for faults that must end in time.
func memcachedAt(addr string) opener {
	return memcachedWith(memcached.Options{Addrs: []string{addr}})
}

// patientAt is for faults that keep nobody waiting, and in which somebody must be served: a machine that stalls for a
// Timeout, the store's or the site's, is not to look like the fault.
func patientAt(addr string) opener {
	o := memcachedWith(memcached.Options{Addrs: []string{addr}, Timeout: 5 * time.Second, IOBudget: 10 * time.Second})
	o.saveTimeout = 20 * time.Second
	return o
}

func memcachedWith(o memcached.Options) opener {
	return opener{open: func(t *testing.T) session.Store {
		t.Helper()
		s, err := memcached.NewWithOptions(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Reset)
		return s
	}}
}

func redisAt(addr string) opener { return redisWith(redis.Options{Addrs: []string{addr}}) }

func redisWith(o redis.Options) opener {
	return opener{open: func(t *testing.T) session.Store {
		t.Helper()
		s, err := redis.NewWithOptions(o)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s
	}}
}

// A kind of server, with its store.
type kind struct {
	start func(t testing.TB, args ...string) *servertest.Server
	open  func(addr string) opener
}

var (
	onMemcached = kind{servertest.Memcached, memcachedAt}
	onRedis     = kind{servertest.Redis, redisAt}
)

// behindGate has a server that keeps its records while the gate is as begin leaves it.
func (k kind) behindGate(begin func(*gate, *site)) func(*testing.T) *place {
	return func(t *testing.T) *place {
		g := newGate(t, k.start(t).Addr(), relay)
		return &place{
			opener: k.open(g.addr),
			begin:  func(st *story) { begin(g, st.site) },
			end:    func(*story) { g.open() },
		}
	}
}

func refused(g *gate, _ *site) { g.shut() }

func blackHole(g *gate, _ *site) { g.swallow() }

// downAtStart is a process that is started during an outage.
func downAtStart(g *gate, s *site) {
	g.shut()
	s.start()
}

// struck has a server to which something happens.
func (k kind) struck(begin, end func(*servertest.Server)) func(*testing.T) *place {
	return func(t *testing.T) *place {
		server := k.start(t)
		return &place{
			opener: k.open(server.Addr()),
			begin:  func(*story) { begin(server) },
			end:    func(*story) { end(server) },
		}
	}
}

// lying has a server that lies.
func lying(how lie) func(*testing.T) *place { return lyingTo(memcachedAt, how) }

// lyingAtOnce is lying of a sort that keeps nobody waiting.
func lyingAtOnce(how lie) func(*testing.T) *place { return lyingTo(patientAt, how) }

func lyingTo(open func(addr string) opener, how lie) func(*testing.T) *place {
	return func(t *testing.T) *place {
		l := newLiar(t)
		return &place{
			opener: open(l.fake.Addr()),
			begin:  func(*story) { l.tell(how) },
			end:    func(*story) { l.tell(nil) },
			met:    func() bool { return l.lies() > 0 },
		}
	}
}

// limited has a memcached that stays as it is.
func limited(args ...string) func(*testing.T) *place {
	return func(t *testing.T) *place {
		nothing := func(*story) {}
		return &place{opener: patientAt(servertest.Memcached(t, args...).Addr()), begin: nothing, end: nothing}
	}
}
