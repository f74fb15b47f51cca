package session_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing/synctest"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// The model test runs clients whose every call of the store waits until a scheduler carries it out, one at a time and
// in an order that follows from a seed alone: which client goes next, what goes wrong with its call, when time passes
// and when the clock jumps. Timers and deadlines are those of a synctest bubble, so that nothing waits for real.

// A storeCall is a call of the store that waits to be carried out.
type storeCall struct {
	verb    string
	key     string
	value   []byte
	version session.Version
	ttl     time.Duration

	ctx     context.Context
	client  *modelClient
	attempt *attempt
	asked   time.Time // by the store's clock
	added   string    // what the attempt had added when it made the call
	process *visitor.Sessions
	with    []*attempt // of a swap: of those who are saved with the attempt, in order
	done    chan struct{}

	got        []byte
	gotVersion session.Version
	err        error
}

// heldStore is the store as the clients of a process see it, and what the process does in the background.
type heldStore struct {
	s          *schedule
	background *modelClient
	process    *visitor.Sessions
}

func (h *heldStore) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	c := h.wait(&storeCall{verb: get, ctx: ctx, key: key})
	return c.got, c.gotVersion, c.err
}

func (h *heldStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return h.wait(&storeCall{verb: add, ctx: ctx, key: key, value: slices.Clone(value), ttl: ttl}).err
}

func (h *heldStore) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return h.wait(&storeCall{verb: swap, ctx: ctx, key: key, value: slices.Clone(value), version: v, ttl: ttl}).err
}

func (h *heldStore) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return h.wait(&storeCall{verb: touch, ctx: ctx, key: key, ttl: ttl}).err
}

func (h *heldStore) Delete(ctx context.Context, key string) error {
	return h.wait(&storeCall{verb: remove, ctx: ctx, key: key}).err
}

// network is the verb of what waits for the scheduler and is no call of the store: a request or a response on its way.
const network = "network"

// faults are how often, in a hundred, something happens.
type faults struct {
	calls     int // that fail in some way
	strangers int // reads that get another record
	storms    int // swaps that find another write
	misses    int // calls that miss a record which is there
	evicts    int // records that are gone before their time
	jumps     int // of the clock, between two calls
	sleeps    int // between two calls
	slow      int // that the store keeps its callers waiting while requests arrive, which then wait for each other
}

// A schedule decides everything that happens, by its rng.
type schedule struct {
	rng     *rand.Rand
	faults  faults
	model   *model
	history *history // of a test for linearizability; else nil
	inner   *memory.Store
	clock   *modelClock // of the store, and of the processes but for their skew

	mu      sync.Mutex
	waiting []*storeCall
	running int
	ending  func() bool // in the background
	trace   []string

	failed bool         // a call has
	late   []*storeCall // calls that seemed lost and are still under way

	runs     map[string][]*attempt // by the record that was sent, who was saved with whoever sent it
	together int                   // how many those were
	arrivals int                   // attempts that have begun
}

// A modelClock stands still unless it is told to go on.
type modelClock struct{ nanos atomic.Int64 }

func (c *modelClock) now() time.Time { return time.Unix(0, c.nanos.Load()) }

func (c *modelClock) add(d time.Duration) { c.nanos.Add(int64(d)) }

func (s *schedule) log(format string, args ...any) {
	s.mu.Lock()
	s.trace = append(s.trace, s.clock.now().UTC().Format("15:04:05.000  ")+fmt.Sprintf(format, args...))
	s.mu.Unlock()
}

func (h *heldStore) wait(c *storeCall) *storeCall {
	if _, ok := c.ctx.Value(modelClientKey{}).(*modelClient); !ok {
		b := h.background
		if b.attempt == nil || b.attempt.key != c.key {
			b.attempt = &attempt{client: b.String(), kind: "destroy", process: b.local.process, key: c.key, began: h.s.clock.now()}
		}
		c.ctx = context.WithValue(c.ctx, modelClientKey{}, b)
	}
	c.process = h.process
	return h.s.wait(c)
}

// inLine returns the attempts that wait for the lock of the call's session, and those of them that its holder has taken.
func (c *storeCall) inLine() (waiting, taken []*attempt) {
	if c.process == nil { // which is being made
		return nil, nil
	}
	all, n := c.process.InLine(c.key)
	for _, ctx := range all {
		if x, ok := ctx.Value(modelClientKey{}).(*modelClient); ok {
			waiting = append(waiting, x.attempt)
		} else { // the process itself ends a session
			waiting = append(waiting, &attempt{kind: "destroy"})
		}
	}
	return waiting, waiting[:n]
}

// wait hands a call to the scheduler and returns when it has been carried out.
func (s *schedule) wait(c *storeCall) *storeCall {
	c.client = c.ctx.Value(modelClientKey{}).(*modelClient)
	c.attempt = c.client.attempt
	if c.attempt != nil {
		c.added = c.attempt.added
	}
	c.done, c.asked = make(chan struct{}), s.clock.now()
	_, taken := c.inLine()
	s.mu.Lock()
	if c.verb == swap {
		s.sets(c, taken)
	}
	s.waiting = append(s.waiting, c)
	s.mu.Unlock()
	<-c.done
	return c
}

// sets notes who is saved by a swap. Of those who were when the same record was sent before, some may have left.
func (s *schedule) sets(c *storeCall, taken []*attempt) {
	with, again := s.runs[string(c.value)]
	if !again {
		with = taken
		s.together += len(with)
		if s.runs == nil {
			s.runs = make(map[string][]*attempt)
		}
		s.runs[string(c.value)] = with
	}
	for _, a := range with {
		a.taken = true
	}
	c.with = with
}

// isWaiting reports whether some client waits for a call.
func (s *schedule) isWaiting(verb, key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.ContainsFunc(s.waiting, func(c *storeCall) bool { return c.verb == verb && c.key == key })
}

// run runs the clients to their end, and what their processes go on with in the background.
func (s *schedule) run(clients []*modelClient) {
	s.running = len(clients)
	for _, c := range clients {
		go func() {
			c.run()
			s.mu.Lock()
			s.running--
			s.mu.Unlock()
		}()
	}
	for {
		synctest.Wait() // until each client waits: for the scheduler, for another one's lock, or for time to pass
		s.mu.Lock()
		slices.SortFunc(s.waiting, func(a, b *storeCall) int { return cmp.Compare(a.client.number, b.client.number) })
		waiting, running := len(s.waiting), s.running
		s.mu.Unlock()
		if running == 0 {
			s.faults = faults{} // the store is back, and what is to end ends
		}
		switch {
		case running == 0 && waiting == 0 && !s.ending():
			s.settle()
			return
		case waiting == 0, s.chance(s.faults.sleeps):
			s.sleep()
		case s.chance(s.faults.jumps):
			s.jump()
		case len(s.late) > 0 && s.chance(15):
			s.arrive()
		default:
			s.mu.Lock()
			i := s.rng.IntN(len(s.waiting))
			if s.chance(s.faults.slow) {
				i = max(slices.IndexFunc(s.waiting, func(c *storeCall) bool { return c.verb == network }), 0)
			}
			c := s.waiting[i]
			s.waiting = slices.Delete(s.waiting, i, i+1)
			s.mu.Unlock()
			s.carryOut(c)
			close(c.done)
		}
	}
}

func (s *schedule) oneOf(values ...int) int { return values[s.rng.IntN(len(values))] }

func (s *schedule) chance(percent int) bool { return s.rng.IntN(100) < percent }

// sleep lets time pass: a little, or as much as a Save may take.
func (s *schedule) sleep() {
	d := time.Duration(1+s.rng.IntN(20)) * time.Millisecond
	if s.chance(10) {
		d = time.Duration(100+s.rng.IntN(1000)) * time.Millisecond
	}
	time.Sleep(d)
	s.clock.add(d)
}

// jump steps the clock, without a timer noticing.
func (s *schedule) jump() {
	steps := []time.Duration{time.Second, 29 * time.Second, 31 * time.Second, modelIdle / 10, modelIdle / 2, modelIdle, modelLifetime / 2}
	d := steps[s.rng.IntN(len(steps))]
	s.clock.add(d)
	s.log("the clock jumps by %v", d)
}

// arrive carries out a call of which its client has given up hope.
func (s *schedule) arrive() {
	i := s.rng.IntN(len(s.late))
	c := s.late[i]
	s.late = slices.Delete(s.late, i, i+1)
	s.apply(c)
	s.log("late: %v %v %v: %v", c.client, c.verb, s.model.name(c.key), c.err)
}

// settle lets everything arrive that is still under way.
func (s *schedule) settle() {
	for len(s.late) > 0 {
		s.arrive()
	}
}

var errNoReply = errors.New("no reply in time")

// carryOut does what a client asked for, or lets it fail.
func (s *schedule) carryOut(c *storeCall) {
	if c.verb == network {
		return
	}
	fault := s.fault(c)
	at := c.attempt
	at.calls++
	s.model.sent(c)
	writes := c.verb == add || c.verb == swap
	switch fault {
	case "":
		s.apply(c)
	case "refused":
		c.err = fmt.Errorf("connection refused: %w", session.ErrUnavailable)
	case "lost":
		c.err = errNoReply
	case "reply lost":
		s.apply(c)
		c.got, c.err = nil, errNoReply
	case "late":
		s.late = append(s.late, c.again())
		c.err = errNoReply
	case "missed":
		c.err = session.ErrNotFound
		at.misled = true
	case "stranger":
		at.misled = at.misled || at.stranger
		at.asked = c.asked
		c.got, c.gotVersion, c.err = s.model.stranger(c.key)
		at.failed = at.failed || c.err != nil
	case "storm":
		s.rewriteSame(c.key)
		s.apply(c)
	case "evicted":
		_ = s.inner.Delete(context.Background(), c.key)
		s.model.evicted(c.key)
		s.apply(c)
	}
	at.stranger = fault == "stranger"
	at.gone = at.gone || c.verb == touch && errors.Is(c.err, session.ErrNotFound)
	at.last = ""
	if c.err == nil {
		at.last = c.verb
		s.model.answered(c)
	}
	if at.last == add {
		at.added = c.key
	}
	switch fault {
	case "refused", "lost", "reply lost", "late":
		at.failed, s.failed = true, true
		at.doubted = at.doubted || writes && fault != "refused"
	}
	s.share(c)
	s.log("%v %v %v: %v %v, with %v", c.client, c.verb, s.model.name(c.key), c.err, fault, len(c.with))
}

// share lets those who have a part in a call, or in what it tells, know what has come of it.
func (s *schedule) share(c *storeCall) {
	at := c.attempt
	for _, a := range c.with {
		a.calls++
		a.failed, a.doubted, a.misled = a.failed || at.failed, a.doubted || at.doubted, a.misled || at.misled
		a.last = at.last
		if errors.Is(c.err, session.ErrStale) && !at.doubted {
			a.taken = false // it waits again, and knows
		}
	}
	if waiting, _ := c.inLine(); c.verb == get {
		for _, a := range waiting {
			if a == nil || !a.joins() { // it has left, or will ask by itself
				continue
			}
			a.calls++
			a.failed, a.misled = a.failed || at.failed, a.misled || at.misled
		}
	}
}

// fault chooses what goes wrong with a call.
func (s *schedule) fault(c *storeCall) string {
	failures := []string{"refused", "lost"}
	if c.verb != get && c.verb != touch {
		failures = append(failures, "reply lost", "late")
	}
	pick := func() string { return failures[s.rng.IntN(len(failures))] }
	switch {
	case c.ctx.Err() != nil: // its time is over
		return pick()
	case s.chance(s.faults.calls):
		return pick()
	case c.verb == get && s.chance(s.faults.strangers):
		return "stranger"
	case c.verb == swap && s.chance(s.faults.storms):
		return "storm"
	case c.verb != add && c.verb != remove && s.chance(s.faults.misses):
		return "missed"
	case s.chance(s.faults.evicts):
		return "evicted"
	}
	return ""
}

// apply does the call, and tells the model.
func (s *schedule) apply(c *storeCall) {
	ctx := context.Background()
	switch c.verb {
	case get:
		c.got, c.gotVersion, c.err = s.inner.Get(ctx, c.key)
		s.model.read(c)
	case add:
		c.err = s.inner.Add(ctx, c.key, c.value, c.ttl)
		s.model.added(c)
	case swap:
		c.err = s.inner.Swap(ctx, c.key, c.value, c.version, c.ttl)
		s.model.swapped(c)
	case touch:
		c.err = s.inner.Touch(ctx, c.key, c.ttl)
	case remove:
		if !s.model.missing(c.key) {
			s.model.deleted(c)
		}
		c.err = s.inner.Delete(ctx, c.key)
	}
}

// rewriteSame gives a record another version, as another request would that writes what is there. Nobody writes a
// tombstone again.
func (s *schedule) rewriteSame(key string) {
	if value, v, err := s.inner.Get(context.Background(), key); err == nil && s.model.live(key) {
		_ = s.inner.Swap(context.Background(), key, value, v, s.model.ttl(key))
	}
}

// again returns the call as it can be carried out later.
func (c *storeCall) again() *storeCall {
	copied := *c
	return &copied
}
