package memcached

import (
	"context"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// node is one memcached. It has a client of its own, so that its connections, its limits and its failures are its own
// too.
type node struct {
	name   string // the address as configured
	hash   uint64 // of the name, for placement
	client *memcache.Client
	budget time.Duration // no call of client takes longer
	items  sync.Pool     // *memcache.Item, which gomemcache does not keep

	// Not in a node that is made of somebody else's client:
	maxItem  int
	slots    chan struct{} // one for each exchange under way, and so for each link
	turns    chan struct{} // one for each batch under way that keeps a processor busy
	patience time.Duration // maxWait, but in tests
	breaker  *breaker
	dialer   *dialer
	reads    queue
	writes   queue
	epoch    atomic.Uint32 // raised by reset; links of an earlier one are not used again
	mu       sync.Mutex
	links    []*link // that are idle
}

func newNode(addr string, o Options, env environment) (*node, error) {
	d, err := newDialer(addr, o.TLS, env)
	if err != nil {
		return nil, err
	}
	n := &node{
		name:     addr,
		hash:     hash(addr),
		budget:   o.IOBudget,
		maxItem:  o.MaxItemSize,
		slots:    make(chan struct{}, o.PoolSize),
		turns:    make(chan struct{}, runtime.GOMAXPROCS(0)),
		patience: maxWait,
		breaker:  &breaker{now: env.now},
		dialer:   d,
	}
	n.client = memcache.NewFromSelector(onlyServer{d})
	n.client.Timeout = o.Timeout
	n.client.MaxIdleConns = max(o.PoolSize, 256) // of some kilobytes each, and no connection
	n.client.DialContext = func(context.Context, string, string) (net.Conn, error) { return n.connect(), nil }
	return n, nil
}

func (n *node) newItem() *memcache.Item {
	if item, ok := n.items.Get().(*memcache.Item); ok {
		return item
	}
	return new(memcache.Item)
}

// call sends a request, within the time left and the context's deadline: in the caller's goroutine if that is enough
// for the longest it can take, which is the rule.
func (n *node) call(ctx context.Context, left time.Duration, r request) (*memcache.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, &refusedError{err}
	}
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline))
	}
	// A health check always passes the breaker, and so can end a skip early.
	guarded := n.breaker != nil && r.verb != failure.Ping
	if guarded && !n.breaker.allow() {
		return nil, &refusedError{errSkipped}
	}
	if left < n.budget {
		return n.callHurried(ctx, left, r)
	}
	return r.send(n.client)
}

// ping asks for the version.
func (n *node) ping(ctx context.Context) error {
	_, err := n.call(ctx, n.budget, request{verb: failure.Ping})
	return n.failure(failure.Ping, unversioned(err))
}

// callHurried sends a request from a goroutine that is left behind when the time is over: gomemcache takes no
// deadline for a single call. It ends by itself, within the budget.
func (n *node) callHurried(ctx context.Context, left time.Duration, r request) (*memcache.Item, error) {
	if left <= 0 {
		return nil, &refusedError{context.DeadlineExceeded}
	}
	type result struct {
		item *memcache.Item
		err  error
	}
	done := make(chan result, 1)
	r = r.detached()
	go func() {
		item, err := r.send(n.client)
		done <- result{item, err}
	}()
	select {
	case res := <-done:
		return res.item, res.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-time.After(left):
		return nil, context.DeadlineExceeded
	}
}

// reset makes all links of now end before they are used again.
func (n *node) reset() {
	n.epoch.Add(1)
	if l := n.idle(); l != nil { // which has closed the others
		n.park(l)
	}
	_ = n.client.Close() // of no effect but on somebody else's client, which stays usable
}
