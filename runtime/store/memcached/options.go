package memcached

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/store/internal/address"
)

// The defaults: the meaning of Options' zero values.
const (
	DefaultPoolSize    = 64
	DefaultTimeout     = 100 * time.Millisecond
	DefaultIOBudget    = 250 * time.Millisecond
	DefaultMaxItemSize = 1 << 20
)

// Options are the settings of NewWithOptions. The zero values suit a busy site.
type Options struct {
	// Addrs are the nodes: "host:port", or the path of a unix socket, which begins with / or ./ (or @, on Linux). The
	// text itself places the records: all processes must spell an address in the same way, the order does not matter,
	// and a host name stands for one memcached even if it moves. Names are looked up by NewWithOptions, and again
	// every 30 s while the store is used.
	Addrs []string

	// PoolSize is the greatest number of connections to each node. They are opened when needed and kept. Calls that
	// find all of them busy wait for one, within their IOBudget. A busy site needs few: its calls travel together.
	// Default DefaultPoolSize.
	PoolSize int

	// Timeout bounds each step: opening a connection, and a request with its reply, which on a busy connection may be
	// given a sixteenth less. Default DefaultTimeout.
	Timeout time.Duration

	// IOBudget bounds a whole call: waiting for a connection, opening it, the request, and a second attempt at a Get,
	// Touch or Delete whose reply was lost. Default DefaultIOBudget; never less than Timeout.
	IOBudget time.Duration

	// MaxItemSize is the largest value in bytes, to write and to read: no more memory than that is set aside because a
	// reply says so. Raise it together with memcached's own -I. Default DefaultMaxItemSize.
	MaxItemSize int

	// TLS, if not nil, is how to talk to nodes that were started with --enable-ssl. An empty ServerName means the
	// host of the address.
	TLS *tls.Config
}

// NewWithOptions returns a store on the nodes of o.Addrs. They need not be up; an address that cannot be resolved or
// is there twice is an error that names it.
func NewWithOptions(o Options) (*Store, error) {
	return newStore(o, environment{now: time.Now, lookup: net.DefaultResolver.LookupHost})
}

// environment is what tests replace.
type environment struct {
	now    func() time.Time
	lookup func(ctx context.Context, host string) ([]string, error)
}

func newStore(o Options, env environment) (*Store, error) {
	if o.PoolSize <= 0 {
		o.PoolSize = DefaultPoolSize
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.IOBudget <= 0 {
		o.IOBudget = DefaultIOBudget
	}
	o.IOBudget = max(o.IOBudget, o.Timeout)
	if o.MaxItemSize <= 0 {
		o.MaxItemSize = DefaultMaxItemSize
	}
	if len(o.Addrs) == 0 {
		return nil, errors.New("memcached: no addresses")
	}
	s := &Store{now: env.now}
	seen := make(map[string]bool)
	for _, addr := range o.Addrs {
		if seen[addr] {
			return nil, fmt.Errorf("memcached: address %s is there twice", address.Quote(addr))
		}
		seen[addr] = true
		n, err := newNode(addr, o, env)
		if err != nil {
			return nil, fmt.Errorf("memcached: address %s: %w", address.Quote(addr), err)
		}
		s.nodes = append(s.nodes, n)
	}
	return s, nil
}

// NewFromClient returns a store on a client that the caller has set up: its servers, its choice among them (ServerList
// takes the hash modulo their number), its timeouts and its idle connections. Only the check that a value is the one
// asked for is added; breakers, pool limits, the check of connections and the bound on the size of a reply are not. Set
// the client's Timeout well below the session's SaveTimeout, and its MaxIdleConns to the number of concurrent requests.
func NewFromClient(c *memcache.Client) *Store {
	timeout := c.Timeout
	if timeout <= 0 {
		timeout = memcache.DefaultTimeout
	}
	return &Store{nodes: placement{{client: c, budget: 2 * timeout}}, now: time.Now}
}
