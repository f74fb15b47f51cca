package memcached

import (
	"context"
	"net"
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

	// Not in a node that is made of somebody else's client:
	maxItem int
	slots   chan struct{} // one for each call under way, and so for each connection
	breaker *breaker
	dialer  *dialer
	reads   reads
	epoch   atomic.Uint32 // raised by reset; connections of an earlier one are not used again
}

func newNode(addr string, o Options, env environment) (*node, error) {
	d, err := newDialer(addr, o.TLS, env)
	if err != nil {
		return nil, err
	}
	n := &node{
		name:    addr,
		hash:    hash(addr),
		budget:  o.IOBudget,
		maxItem: o.MaxItemSize,
		slots:   make(chan struct{}, o.PoolSize),
		breaker: &breaker{now: env.now},
		dialer:  d,
	}
	n.client = memcache.NewFromSelector(onlyServer{d})
	n.client.Timeout = o.Timeout
	n.client.MaxIdleConns = o.PoolSize
	n.client.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
		return n.connect(ctx, time.Now().Add(o.IOBudget))
	}
	return n, nil
}

// call sends a request, within the budget and the context's deadline.
func (n *node) call(ctx context.Context, r request) (*memcache.Item, error) {
	return n.callWithin(ctx, n.budget, r)
}

// callWithin sends a request in the caller's goroutine if there is time for the longest it can take, which is the rule.
func (n *node) callWithin(ctx context.Context, left time.Duration, r request) (*memcache.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, &refusedError{err}
	}
	if deadline, ok := ctx.Deadline(); ok {
		left = min(left, time.Until(deadline))
	}
	// A health check always passes the breaker, and so can end a skip early.
	guarded := n.breaker != nil && r.verb != failure.Ping
	if guarded && n.breaker.open() {
		return nil, &refusedError{errSkipped} // at once, though the connections are busy
	}
	left, err := n.acquire(ctx, left)
	if err != nil {
		return nil, &refusedError{err}
	}
	if guarded && !n.breaker.allow() {
		n.release()
		return nil, &refusedError{errSkipped}
	}
	if left < n.budget {
		return n.callHurried(ctx, left, r)
	}
	defer n.release()
	return r.send(n.client)
}

// callHurried sends a request from a goroutine that is left behind when the time is over: gomemcache takes no
// deadline for a single call. It ends by itself, within the budget.
func (n *node) callHurried(ctx context.Context, left time.Duration, r request) (*memcache.Item, error) {
	if left <= 0 {
		n.release()
		return nil, &refusedError{context.DeadlineExceeded}
	}
	type result struct {
		item *memcache.Item
		err  error
	}
	done := make(chan result, 1)
	r = r.detached()
	go func() {
		defer n.release()
		item, err := r.send(n.client)
		done <- result{item, err}
	}()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case res := <-done:
		return res.item, res.err
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-timer.C:
		return nil, context.DeadlineExceeded
	}
}

// acquire waits for a free connection or the right to open one, and returns the time that is left then.
func (n *node) acquire(ctx context.Context, left time.Duration) (time.Duration, error) {
	if n.slots == nil {
		return left, nil
	}
	select {
	case n.slots <- struct{}{}:
		return left, nil
	default:
	}
	start := time.Now()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case n.slots <- struct{}{}:
		return left - time.Since(start), nil
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-timer.C:
		return 0, errBusy
	}
}

func (n *node) release() {
	if n.slots != nil {
		<-n.slots
	}
}

// reset makes all connections of now end before they are used again.
func (n *node) reset() {
	n.epoch.Add(1)
	_ = n.client.Close() // closing an idle connection; the client stays usable
}
