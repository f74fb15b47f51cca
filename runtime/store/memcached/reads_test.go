package memcached

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A gate is a fake node that holds its first replies back, so that reads come together. reply may change what is said.
type gate struct {
	*Store
	fake *servertest.Fake
	hold atomic.Bool
	open chan struct{}

	mu       sync.Mutex
	commands [][]string // the keys of each gets
}

func newGate(t *testing.T, o Options, reply func(cmd servertest.Command, reply []byte) []byte) *gate {
	t.Helper()
	servertest.NoLeak(t)
	g := &gate{open: make(chan struct{})}
	g.fake = servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, said []byte) {
		if cmd.Verb == "gets" {
			g.mu.Lock()
			g.commands = append(g.commands, append([]string{cmd.Key}, cmd.Args...))
			g.mu.Unlock()
			if g.hold.Load() {
				<-g.open
			}
			if reply != nil {
				said = reply(cmd, said)
			}
		}
		_, _ = c.Write(said)
	})
	o.Addrs = []string{g.fake.Addr()}
	if o.Timeout == 0 {
		o.Timeout, o.IOBudget = 10*time.Second, 20*time.Second
	}
	var err error
	if g.Store, err = NewWithOptions(o); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { // what was left behind ends first
		waitFor(t, "the last call is over", func() bool { return len(g.nodes[0].slots) == 0 })
		g.Reset()
	})
	return g
}

func (g *gate) add(t *testing.T, key, value string) {
	t.Helper()
	if err := g.Add(t.Context(), key, []byte(value), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func (g *gate) waiting() int {
	r := &g.nodes[0].reads
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting)
}

func (g *gate) flights() int {
	r := &g.nodes[0].reads
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.flights
}

// occupy begins as many reads as can be under way, which last until release.
func (g *gate) occupy(t *testing.T, wg *sync.WaitGroup) {
	t.Helper()
	g.hold.Store(true)
	for range maxFlights {
		wg.Go(func() { _, _, _ = g.Get(t.Context(), "first") })
	}
	waitFor(t, "the first reads are under way", func() bool { return g.fake.Received("first") == maxFlights })
}

func (g *gate) release() {
	g.hold.Store(false)
	close(g.open)
}

// together reads the keys at once, after as many reads as can be under way have gone out, and returns the values or
// errors.
func (g *gate) together(t *testing.T, keys ...string) map[string]string {
	t.Helper()
	var wg sync.WaitGroup
	g.occupy(t, &wg)
	var mu sync.Mutex
	got := make(map[string]string)
	for i, key := range keys {
		wg.Go(func() {
			value, _, err := g.Get(t.Context(), key)
			text := string(value)
			if err != nil {
				text = err.Error()
			}
			mu.Lock()
			got[key] = text
			mu.Unlock()
		})
		waitFor(t, "it waits", func() bool { return g.waiting() == i+1 })
	}
	g.mu.Lock()
	g.commands = nil
	g.mu.Unlock()
	g.release()
	wg.Wait()
	waitFor(t, "nobody waits and nothing is under way", func() bool { return g.waiting() == 0 && g.flights() == 0 })
	return got
}

func (g *gate) groups() (longest int, alone int) {
	for _, keys := range g.commands {
		longest = max(longest, len(keys))
		if len(keys) == 1 {
			alone++
		}
	}
	return longest, alone
}

func numbered(n int) (keys []string) {
	for i := range n {
		keys = append(keys, fmt.Sprintf("key-%02d", i))
	}
	return keys
}

func TestReadsThatWaitGoOutInOneCommand(t *testing.T) {
	g := newGate(t, Options{}, nil)
	keys := numbered(20)
	for _, k := range keys {
		g.add(t, k, "of "+k)
	}
	for k, v := range g.together(t, keys...) {
		if v != "of "+k {
			t.Errorf("%s: %q", k, v)
		}
	}
	if len(g.commands) != 1 || !slices.Equal(g.commands[0], keys) {
		t.Errorf("commands %q", g.commands)
	}
}

func TestAGroupIsNoLongerThanOneCommandOfTheClientCanBe(t *testing.T) {
	for _, c := range []struct{ readers, size, longest int }{{150, 50, maxGroup}, {40, 250, maxKeys / 251}} {
		g := newGate(t, Options{PoolSize: 8}, nil)
		var keys []string
		for i := range c.readers {
			keys = append(keys, fmt.Sprintf("%0*d", c.size, i))
			g.add(t, keys[i], "of "+keys[i])
		}
		for k, v := range g.together(t, keys...) {
			if v != "of "+k {
				t.Errorf("%s: %q", k, v)
			}
		}
		if longest, alone := g.groups(); longest != c.longest || alone > 1 {
			t.Errorf("keys of %d bytes: %d together, %d alone, want %d together", c.size, longest, alone, c.longest)
		}
	}
}

func TestWhatAGroupDoesNotGetIsAskedForAlone(t *testing.T) {
	none := session.ErrNotFound.Error()
	keys, tooLong := numbered(4), strings.Repeat("k", maxKeys)
	many := func(cmd servertest.Command) bool { return len(cmd.Args) > 0 }
	for name, c := range map[string]struct {
		maxItem int
		reply   func(cmd servertest.Command, reply []byte) []byte
		read    []string
		want    map[string]string
		reset   bool
	}{
		"a miss": {read: append(keys, "none"), want: map[string]string{"none": none}},
		"a server that looks at the first key alone": {
			reply: func(cmd servertest.Command, reply []byte) []byte {
				if many(cmd) {
					first, _, _ := strings.Cut(string(reply), "VALUE key-01")
					return []byte(first + "END\r\n")
				}
				return reply
			},
		},
		"a server that cannot": {
			reply: func(cmd servertest.Command, reply []byte) []byte {
				if many(cmd) {
					return []byte("SERVER_ERROR no\r\n")
				}
				return reply
			},
		},
		"the reply to another group": {
			reply: func(cmd servertest.Command, reply []byte) []byte {
				if many(cmd) {
					return []byte("VALUE key-00 0 3 1\r\nold\r\nVALUE stranger 0 1 1\r\nx\r\nEND\r\n")
				}
				return reply
			},
			reset: true,
		},
		"a record that is too long": {
			maxItem: 1000, read: append(slices.Clone(keys), "long"),
			want: map[string]string{"long": "session: store unavailable: value of 1001 bytes, at most 1000 allowed"},
		},
		"a key that is none": {
			read: append(slices.Clone(keys), "no key"), want: map[string]string{"no key": "session: store unavailable: malformed: key is too long or contains invalid characters"},
		},
		"a key that no command holds": {
			read: append(slices.Clone(keys), tooLong), want: map[string]string{tooLong: "session: store unavailable: malformed: key is too long or contains invalid characters"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, Options{MaxItemSize: c.maxItem}, c.reply)
			want := maps.Clone(c.want)
			if want == nil {
				want = make(map[string]string)
			}
			for _, k := range keys {
				g.add(t, k, "of "+k)
				want[k] = "of " + k
			}
			if _, long := want["long"]; long {
				g.nodes[0].maxItem = 2000
				g.add(t, "long", strings.Repeat("x", 1001))
				g.nodes[0].maxItem = 1000
			}
			epoch := g.nodes[0].epoch.Load()
			if c.read == nil {
				c.read = keys
			}
			for k, v := range g.together(t, c.read...) {
				if v != want[k] && !(strings.HasPrefix(want[k], "session: ") && strings.HasSuffix(v, want[k])) {
					t.Errorf("%s: %q, want %q", k, v, want[k])
				}
			}
			if reset := g.nodes[0].epoch.Load() != epoch; reset != c.reset {
				t.Errorf("connections dropped: %v", reset)
			}
		})
	}
}

func TestReadersOfOneRecordShareNoBytes(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.add(t, "k", "value")
	var values [3][]byte
	var wg sync.WaitGroup
	g.occupy(t, &wg)
	for i := range values {
		wg.Go(func() { values[i], _, _ = g.Get(t.Context(), "k") })
	}
	waitFor(t, "they wait", func() bool { return g.waiting() == len(values) })
	g.release()
	wg.Wait()
	for i := range values {
		if string(values[i]) != "value" {
			t.Fatalf("value %d: %q", i, values[i])
		}
		copy(values[i], "XXXXX")
	}
}

func TestAReaderWaitsNoLongerThanItMay(t *testing.T) {
	const ioBudget, noisy = 100 * time.Millisecond, 100
	g := newGate(t, Options{}, nil)
	g.nodes[0].budget = ioBudget // what is under way has its Timeout still, which is far longer
	var wg sync.WaitGroup
	g.occupy(t, &wg)

	start := time.Now()
	_, _, err := g.Get(t.Context(), "patient")
	if took := time.Since(start); !errors.Is(err, errBusy) || took < ioBudget || took > noisy*ioBudget {
		t.Errorf("after %v: %v", took, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), ioBudget/10)
	defer cancel()
	if _, _, err := g.Get(ctx, "hurried"); !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("in a hurry: %v", err)
	}
	if n := g.waiting(); n != 0 {
		t.Errorf("%d readers that gave up still wait", n)
	}
	g.release()
	wg.Wait()
	if n := g.fake.Received("patient") + g.fake.Received("hurried"); n != 0 {
		t.Errorf("%d commands for readers that gave up", n)
	}
}

func TestAReaderOfASkippedNodeDoesNotWait(t *testing.T) {
	g := newGate(t, Options{}, nil)
	var wg sync.WaitGroup
	g.occupy(t, &wg)
	b := g.nodes[0].breaker
	for range breakAfter {
		b.failed(b.count())
	}
	b.until.Store(time.Now().Add(time.Hour).UnixNano()) // however long the machine stalls
	if _, _, err := g.Get(t.Context(), "k"); !errors.Is(err, errSkipped) {
		t.Errorf("error %v", err)
	}
	g.release()
	wg.Wait()
}

func TestAReadThatPanicsIsOver(t *testing.T) {
	g := newGate(t, Options{}, nil)
	n := g.nodes[0]
	dial := n.client.DialContext
	n.client.DialContext = func(context.Context, string, string) (net.Conn, error) { panic("in a function of a tls.Config") }
	func() {
		defer func() { _ = recover() }()
		_, _, _ = g.Get(t.Context(), "k")
	}()
	n.client.DialContext = dial
	if g.flights() != 0 {
		t.Error("it is under way still")
	}
}

func TestAReaderMayLeaveWhileItsGroupIsUnderWay(t *testing.T) {
	release := make(chan struct{})
	g := newGate(t, Options{}, func(cmd servertest.Command, reply []byte) []byte {
		if cmd.Key == "late" {
			<-release
		}
		return reply
	})
	var wg sync.WaitGroup
	g.occupy(t, &wg)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	wg.Go(func() {
		if _, _, err := g.Get(ctx, "late"); !errors.Is(err, context.Canceled) || !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
	})
	waitFor(t, "it waits", func() bool { return g.waiting() == 1 })
	g.release()
	waitFor(t, "its group is under way", func() bool { return g.fake.Received("late") == 1 })
	leave()
	wg.Wait()
	close(release)
	waitFor(t, "the group is over", func() bool { return g.flights() == 0 })
}

func TestAGroupMayBeTheProbeOfASkippedNode(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.hold.Store(true)
	b := g.nodes[0].breaker
	for range breakAfter {
		b.failed(b.count())
	}
	b.until.Store(1) // long ago
	r := &reader{key: "k", done: make(chan struct{}, 1)}
	g.nodes[0].reads.flights = 1
	go g.nodes[0].fly([]*reader{r})
	waitFor(t, "it is under way", func() bool { return g.fake.Received("k") == 1 })
	if !b.open() {
		t.Error("it is not the only one")
	}
	close(g.open)
	<-r.done
	if b.open() {
		t.Error("the node is skipped still")
	}
	waitFor(t, "it is over", func() bool { return g.flights() == 0 })
}

func TestAGroupWaitsForAConnectionLikeAnyCall(t *testing.T) {
	g := newGate(t, Options{PoolSize: 1}, nil)
	g.add(t, "k", "value")
	n := g.nodes[0]
	n.slots <- struct{}{}
	r := &reader{key: "k", done: make(chan struct{}, 1)}
	n.reads.flights = 1
	go n.fly([]*reader{r})
	time.Sleep(20 * time.Millisecond)
	if asked := g.fake.Received("k"); asked != 1 { // by add
		t.Errorf("%d commands", asked)
	}
	n.release()
	<-r.done
	if r.item == nil || string(r.item.Value) != "value" {
		t.Errorf("item %v", r.item)
	}
	waitFor(t, "it is over", func() bool { return g.flights() == 0 })
}
