package memcached

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/internal/bubble"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// A gate is a fake node to which nothing goes out until all who are to go together wait. reply may change what is said.
type gate struct {
	*Store
	fake *servertest.Fake
	say  func(c net.Conn, cmd servertest.Command, reply []byte) []byte // one after the other; nil: the reply

	mu       sync.Mutex
	commands []string // verb and keys of each, the markers too
}

func newGate(t *testing.T, o Options, reply func(cmd servertest.Command, reply []byte) []byte) *gate {
	t.Helper()
	servertest.NoLeak(t)
	g := new(gate)
	g.fake = servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, said []byte) {
		keys := []string{cmd.Key}
		if cmd.Verb == "gets" {
			keys = append(keys, cmd.Args...)
		}
		g.mu.Lock()
		g.commands = append(g.commands, strings.TrimSpace(cmd.Verb+" "+strings.Join(keys, " ")))
		g.mu.Unlock()
		if reply != nil {
			said = reply(cmd, said)
		}
		if g.say != nil {
			g.mu.Lock()
			said = g.say(c, cmd, said)
			g.mu.Unlock()
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
	g.node().patience = time.Hour
	t.Cleanup(func() { // what was left behind ends first
		servertest.Eventually(t, "the last call is over", func() bool { return len(g.node().slots) == 0 })
		g.Reset()
	})
	return g
}

func (g *gate) node() *node { return g.nodes[0] }

func (g *gate) add(t *testing.T, key, value string) {
	t.Helper()
	if err := g.Add(t.Context(), key, []byte(value), time.Hour); err != nil {
		t.Fatal(err)
	}
}

func (g *gate) waiting() int {
	g.node().mu.Lock()
	defer g.node().mu.Unlock()
	return len(g.node().reads.waiting) + len(g.node().writes.waiting)
}

// close keeps all who come from now on waiting, until the function that it returns is called.
func (g *gate) close() (open func()) {
	for range cap(g.node().turns) {
		g.node().turns <- struct{}{}
	}
	return func() {
		for range cap(g.node().turns) {
			<-g.node().turns
		}
	}
}

// together makes calls at once and returns their errors, and the commands that they took.
func (g *gate) together(t *testing.T, calls ...func() error) (errs []error, commands []string) {
	t.Helper()
	open := g.close()
	errs = make([]error, len(calls))
	var wg sync.WaitGroup
	for i, call := range calls {
		wg.Go(func() { errs[i] = call() })
		servertest.Eventually(t, "it waits", func() bool { return g.waiting() == i+1 })
	}
	g.commands = nil
	open()
	wg.Wait()
	return errs, g.commands
}

// reads returns reads of the keys, and where they leave what they get.
func (g *gate) reads(t *testing.T, keys ...string) (calls []func() error, values []string) {
	values = make([]string, len(keys))
	for i, key := range keys {
		calls = append(calls, func() error {
			value, _, err := g.Get(t.Context(), key)
			values[i] = string(value)
			return err
		})
	}
	return calls, values
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
	keys = append(keys, keys[3]) // two readers of one record
	calls, values := g.reads(t, keys...)
	errs, commands := g.together(t, calls...)
	for i, k := range keys {
		if errs[i] != nil || values[i] != "of "+k {
			t.Errorf("%s: %q, %v", k, values[i], errs[i])
		}
	}
	if want := []string{"gets " + strings.Join(keys, " "), "version"}; !slices.Equal(commands, want) {
		t.Errorf("commands %q", commands)
	}
}

func TestWritesThatWaitGoOutTogetherAndEachGetsItsOwnAnswer(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.add(t, "there", "old")
	_, v, err := g.Get(t.Context(), "there")
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	errs, commands := g.together(t,
		func() error { return g.Add(ctx, "new", []byte("value"), time.Hour) },
		func() error { return g.Add(ctx, "there", []byte("value"), time.Hour) },
		func() error { return g.Swap(ctx, "there", []byte("next"), v, time.Hour) },
		func() error { return g.Swap(ctx, "there", []byte("last"), v, time.Hour) },
		func() error { return g.Swap(ctx, "none", []byte("last"), v, time.Hour) },
		func() error { return g.Touch(ctx, "there", time.Hour) },
		func() error { return g.Touch(ctx, "none", time.Hour) },
		func() error { return g.Delete(ctx, "new") },
		func() error { return g.Delete(ctx, "none") },
	)
	want := []error{nil, session.ErrExists, nil, session.ErrStale, session.ErrNotFound, nil, session.ErrNotFound, nil, nil}
	if !slices.Equal(errs, want) {
		t.Errorf("%v, want %v", errs, want)
	}
	if want := strings.Fields("add add cas cas cas touch touch delete delete version"); len(commands) != len(want) {
		t.Errorf("commands %q", commands)
	}
	if got, _ := g.fake.Value("there"); got != "next" {
		t.Errorf("stored: %q", got)
	}
}

func TestABatchIsReadsOrWritesNeverBoth(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.add(t, "k", "value")
	ctx := t.Context()
	get := func() error { _, _, err := g.Get(ctx, "k"); return err }
	touch := func() error { return g.Touch(ctx, "k", time.Hour) }
	errs, commands := g.together(t, get, touch, get, touch)
	slices.Sort(commands)
	if err := errors.Join(errs...); err != nil || strings.Join(commands, ", ") != "gets k k, touch k, touch k, version, version" {
		t.Errorf("commands %q, %v", commands, err)
	}
}

func TestALongRequestGoesAlone(t *testing.T) {
	g := newGate(t, Options{}, nil)
	open := g.close() // for others
	defer open()
	if err := g.Add(t.Context(), "k", make([]byte, maxShared), time.Hour); err != nil {
		t.Error(err)
	}
}

func TestABatchIsNoLongerThanItsLimits(t *testing.T) {
	for _, c := range []struct{ requests, size, most int }{{150, 10, maxMembers}, {20, 15 << 10, 5}} {
		g := newGate(t, Options{}, nil)
		open := g.close()
		var wg sync.WaitGroup
		for i, k := range numbered(c.requests) {
			wg.Go(func() {
				if err := g.Add(t.Context(), k, make([]byte, c.size), time.Hour); err != nil {
					t.Error(err)
				}
			})
			servertest.Eventually(t, "what fills no batch waits", func() bool { return g.waiting() == (i+1)%c.most })
		}
		open()
		wg.Wait()
		batches := 0
		for _, cmd := range g.commands {
			if cmd == "version" {
				batches++
			}
		}
		if want := (c.requests + c.most - 1) / c.most; batches != want {
			t.Errorf("%d bytes each: %d batches, want %d", c.size, batches, want)
		}
	}
}

func TestRecordsTooLongForOneBatchAreReadAllTheSameAndTheNextIsSmaller(t *testing.T) {
	g := newGate(t, Options{}, nil)
	keys := numbered(30)
	for _, k := range keys {
		g.add(t, k, strings.Repeat(k, 2000)) // 12 kB
	}
	calls, values := g.reads(t, keys...)
	errs, commands := g.together(t, calls...)
	for i, k := range keys {
		if errs[i] != nil || values[i] != strings.Repeat(k, 2000) {
			t.Errorf("%s: %d bytes, %v", k, len(values[i]), errs[i])
		}
	}
	if len(commands) != 2+len(keys) { // and each alone
		t.Errorf("%d commands", len(commands))
	}
	if typical := g.node().reads.typical; typical < maxReplies/2/len(keys) {
		t.Errorf("%d bytes are expected of a reply", typical)
	}
}

func TestWhatABatchOfReadsDoesNotGetIsAskedForAlone(t *testing.T) {
	keys := numbered(4)
	together := func(cmd servertest.Command) bool { return cmd.Verb == "gets" && len(cmd.Args) > 0 }
	says := func(text string) func(servertest.Command, []byte) []byte {
		return func(cmd servertest.Command, reply []byte) []byte {
			if together(cmd) {
				return []byte(text)
			}
			return reply
		}
	}
	const first = "VALUE key-00 0 3 1\r\nold\r\n"
	for name, c := range map[string]struct {
		reply func(servertest.Command, []byte) []byte
		more  string
		want  string
	}{
		"a miss": {more: "none", want: session.ErrNotFound.Error()},
		"values in another order": {reply: func(cmd servertest.Command, reply []byte) []byte {
			if lines := strings.SplitAfter(string(reply), "\r\n"); together(cmd) { // a line before each value, END
				return []byte(strings.Join(append(lines[2:8:8], lines[0], lines[1], lines[8]), ""))
			}
			return reply
		}},
		"some of the values":         {reply: says("VALUE key-01 0 9 1\r\nof key-01\r\nEND\r\n")},
		"an error":                   {reply: says("SERVER_ERROR no\r\n")},
		"a stranger's value":         {reply: says("VALUE stranger 0 1 1\r\nx\r\nEND\r\n")},
		"a value twice":              {reply: says(first + first + "END\r\n")},
		"a reply too many":           {reply: says(first + "END\r\nEND\r\n")},
		"no reply":                   {reply: says("")},
		"no end":                     {reply: says(first)},
		"a length that is too short": {reply: says("VALUE key-00 0 1 1\r\nold\r\nEND\r\n")},
		"garbage":                    {reply: says("garbage\r\n")},
		"a record that is too long":  {more: "long", want: "value of 1001 bytes, at most 1000 allowed"},
	} {
		t.Run(name, func(t *testing.T) {
			g := newGate(t, Options{}, c.reply)
			for _, k := range keys {
				g.add(t, k, "of "+k)
			}
			g.add(t, "long", strings.Repeat("x", 1001))
			g.node().maxItem = 1000
			read := keys
			if c.more != "" {
				read = append(slices.Clone(keys), c.more)
			}
			calls, values := g.reads(t, read...)
			errs, _ := g.together(t, calls...)
			for i, k := range read {
				switch {
				case k == c.more && (errs[i] == nil || !strings.HasSuffix(errs[i].Error(), c.want)):
					t.Errorf("%s: %q, %v, want %s", k, values[i], errs[i], c.want)
				case k != c.more && (errs[i] != nil || values[i] != "of "+k):
					t.Errorf("%s: %q, %v", k, values[i], errs[i])
				}
			}
		})
	}
}

func TestReadersOfOneRecordShareNoBytes(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.add(t, "k", "value")
	var values [3][]byte
	var calls []func() error
	for i := range values {
		calls = append(calls, func() (err error) { values[i], _, err = g.Get(t.Context(), "k"); return err })
	}
	g.together(t, calls...)
	for i := range values {
		if string(values[i]) != "value" {
			t.Fatalf("value %d: %q", i, values[i])
		}
		copy(values[i], "XXXXX")
	}
}

// On an idle machine nobody waits for the reply to another's request: the processors have nothing else to do.
func TestARequestWaitsForOthersNoLongerThanAMoment(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.node().patience = maxWait
	open := g.close() // as replies that never come
	defer open()
	g.add(t, "k", "value")
	if _, _, err := g.Get(t.Context(), "k"); err != nil {
		t.Error(err)
	}
}

func TestACallerWaitsForALinkNoLongerThanItMay(t *testing.T) {
	const ioBudget, noisy = 100 * time.Millisecond, 100
	g := newGate(t, Options{PoolSize: 1, Timeout: ioBudget, IOBudget: ioBudget}, nil)
	g.node().slots <- struct{}{}
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
	if err := g.Add(t.Context(), "written", []byte("x"), time.Hour); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("a write that never went out: %v", err)
	}
	servertest.Eventually(t, "nobody waits", func() bool { return g.waiting() == 0 && len(g.node().turns) == 0 })
	<-g.node().slots
	if len(g.commands) != 0 {
		t.Errorf("commands of callers that gave up: %q", g.commands)
	}
}

// Who leads may have come long before the others: that its time is up says nothing about theirs.
func TestWhoHasTimeWaitsForALinkThoughWhoLeadsHasNone(t *testing.T) {
	for _, request := range []string{"gets k\r\n", "add k 0 0 1\r\nx\r\n"} {
		g := newGate(t, Options{PoolSize: 1}, nil)
		n := g.node()
		n.slots <- struct{}{}
		open := g.close()
		led := make(chan error)
		ask := func(left time.Duration) error {
			c := n.connect()
			_, _ = c.Write([]byte(request))
			c.command, c.deadline, c.limit = command(c.request), time.Now(), time.Now().Add(left)
			return n.ask(c)
		}
		go func() { led <- ask(0) }()
		servertest.Eventually(t, "who leads waits", func() bool { return g.waiting() == 1 })
		other := make(chan error)
		go func() { other <- ask(time.Hour) }()
		servertest.Eventually(t, "the other one waits too", func() bool { return g.waiting() == 2 })
		open()
		if err := <-led; !errors.Is(err, errBusy) {
			t.Errorf("%q: who leads: %v", request, err)
		}
		<-n.slots
		if err := <-other; err != nil {
			t.Errorf("%q: the other one: %v", request, err)
		}
	}
}

func TestWhoHasWaitedForALinkHasAWholeTimeoutLeftOrWhatItsCallHas(t *testing.T) {
	for _, c := range []struct{ limit, want time.Duration }{{time.Minute, 30 * time.Second}, {40 * time.Second, 20 * time.Second}} {
		bubble.Test(t, func(t *testing.T) {
			start, room := time.Now(), make(chan struct{}, 1)
			room <- struct{}{}
			waiter := &conn{node: &node{client: &memcache.Client{Timeout: 30 * time.Second}}}
			waiter.deadline, waiter.limit = start.Add(30*time.Second), start.Add(c.limit)
			go func() {
				time.Sleep(20 * time.Second)
				<-room
			}()
			if entered := waiter.enter(room, waiter.limit); !entered || time.Until(waiter.deadline) != c.want {
				t.Errorf("entered: %v; left: %v, want %v", entered, time.Until(waiter.deadline), c.want)
			}
		})
	}
}

func TestACallerOfASkippedNodeDoesNotWait(t *testing.T) {
	g := newGate(t, Options{}, nil)
	open := g.close()
	defer open()
	b := g.node().breaker
	for range breakAfter {
		b.failed(b.count())
	}
	b.until.Store(time.Now().Add(time.Hour).UnixNano()) // however long the machine stalls
	if _, _, err := g.Get(t.Context(), "k"); !errors.Is(err, errSkipped) {
		t.Errorf("error %v", err)
	}
}

func TestABatchOfWhichNothingWasSentIsRefused(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.fake.Close()
	ctx := t.Context()
	errs, _ := g.together(t,
		func() error { return g.Add(ctx, "a", []byte("x"), time.Hour) },
		func() error { return g.Add(ctx, "b", []byte("x"), time.Hour) },
	)
	for _, err := range errs {
		if !errors.Is(err, session.ErrUnavailable) {
			t.Errorf("error %v", err)
		}
	}
	if n := g.node().breaker.count(); n != 1 {
		t.Errorf("%d failures, want one", n)
	}
}

func TestOfRequestsThatFailTogetherOneCounts(t *testing.T) {
	g := newGate(t, Options{}, nil)
	g.fake.Close()
	n, together := g.node(), make([]*conn, 3)
	for i := range together {
		together[i] = n.connect()
		_, _ = together[i].Write([]byte("version\r\n"))
	}
	for _, c := range together {
		if _, err := c.Read(make([]byte, 100)); err == nil || n.breaker.count() != 1 {
			t.Errorf("%v, %d failures", err, n.breaker.count())
		}
	}
	if err := g.Ping(t.Context()); err == nil || n.breaker.count() != 2 {
		t.Errorf("the next one: %v, %d failures", err, n.breaker.count())
	}
}

func TestALeaderThatPanicsLeavesNobodyWaiting(t *testing.T) {
	g := newGate(t, Options{}, nil)
	d := g.node().dialer
	d.fixed, d.env.now = false, func() time.Time { panic("as any function of a tls.Config could") }
	ctx := t.Context()
	lead := func() (err error) {
		defer func() {
			if recover() == nil {
				err = errors.New("no panic")
			}
		}()
		return g.Add(ctx, "leader", []byte("x"), time.Hour)
	}
	errs, _ := g.together(t, lead, func() error { return g.Add(ctx, "other", []byte("x"), time.Hour) })
	if errs[0] != nil || !errors.Is(errs[1], errLost) || errors.Is(errs[1], session.ErrUnavailable) {
		t.Errorf("%v", errs)
	}
	d.fixed = true
	g.add(t, "afterwards", "x")
}

func TestALeaderMayLeaveWhileItsBatchIsUnderWay(t *testing.T) {
	release := make(chan struct{})
	g := newGate(t, Options{}, func(cmd servertest.Command, reply []byte) []byte {
		if cmd.Verb == "gets" {
			<-release
		}
		return reply
	})
	g.add(t, "leader", "value")
	g.add(t, "other", "value")
	ctx, leave := context.WithTimeout(t.Context(), 10*time.Second) // less than a call may take
	defer leave()
	left := make(chan struct{})
	go func() {
		servertest.Eventually(t, "the batch is under way", func() bool { return g.fake.Received("other") == 2 })
		leave()
		<-left
		close(release)
	}()
	errs, _ := g.together(t,
		func() error {
			defer close(left)
			_, _, err := g.Get(ctx, "leader")
			return err
		},
		func() error { _, _, err := g.Get(t.Context(), "other"); return err },
	)
	if !errors.Is(errs[0], context.Canceled) || !errors.Is(errs[0], session.ErrUnavailable) || errs[1] != nil {
		t.Errorf("%v", errs)
	}
}

func TestABatchMayBeTheProbeOfASkippedNode(t *testing.T) {
	g := newGate(t, Options{}, nil)
	b := g.node().breaker
	for range breakAfter {
		b.failed(b.count())
	}
	b.until.Store(1) // long ago
	if err := g.Touch(t.Context(), "k", time.Hour); !errors.Is(err, session.ErrNotFound) || b.open() {
		t.Errorf("%v; the node is skipped still: %v", err, b.open())
	}
}

// The value of one reader, or of all together, may be too long for the store. That says nothing about the node.
func TestRecordsThatAreTooLongDoNotMakeTheStoreSkipTheNode(t *testing.T) {
	g := newGate(t, Options{MaxItemSize: 12 << 10}, nil)
	keys := numbered(30)
	for _, k := range keys {
		g.add(t, k, strings.Repeat("x", 12<<10))
	}
	most := int32(0)
	g.say = func(_ net.Conn, _ servertest.Command, reply []byte) []byte { // before one read alone takes it back
		most = max(most, g.node().breaker.count())
		return reply
	}
	calls, _ := g.reads(t, keys...)
	if errs, _ := g.together(t, calls...); errors.Join(errs...) != nil || most > 0 {
		t.Errorf("%v, %d failures after a batch", errors.Join(errs...), most)
	}
	g.node().maxItem--
	for range breakAfter {
		var tooLong *failure.SizeError
		if _, _, err := g.Get(t.Context(), keys[0]); !errors.As(err, &tooLong) {
			t.Errorf("one that is too long: %v", err)
		}
	}
	if n := g.node().breaker.count(); n > 0 {
		t.Errorf("%d failures after reads alone", n)
	}
}

// Where replies are lost others stand in their places at once, and somebody may meet that several times in a row.
func TestRepliesOutOfStepDoNotMakeTheStoreSkipTheNode(t *testing.T) {
	g := newGate(t, Options{}, func(cmd servertest.Command, reply []byte) []byte {
		if cmd.Verb == "add" {
			return nil
		}
		return reply
	})
	for range 2 * breakAfter {
		if err := g.Add(t.Context(), "k", []byte("x"), time.Hour); err == nil || servertest.IsAnswer(err) || errors.Is(err, errSkipped) {
			t.Errorf("add: %v", err)
		}
	}
}

// The copy of an error, before the reply to a write alone, would say that this has not been done. No marker is waited
// for behind an error: the server may have closed the connection.
func TestNoRequestGoesOutWhereAnErrorWasSaid(t *testing.T) {
	late := make(map[net.Conn][]byte)
	g := newGate(t, Options{}, nil)
	g.say = func(c net.Conn, cmd servertest.Command, reply []byte) []byte {
		copied := late[c]
		if cmd.Verb == "version" {
			return reply
		}
		if delete(late, c); cmd.Key == "bad" {
			reply = []byte("SERVER_ERROR out of memory storing object\r\n")
			late[c] = reply
		}
		return slices.Concat(copied, reply)
	}
	ctx := t.Context()
	bad := func() error { return g.Add(ctx, "bad", []byte("x"), time.Hour) }
	for name, before := range map[string]func(){
		"a write alone": func() { _ = bad() },
		"a batch":       func() { g.together(t, func() error { return g.Touch(ctx, "none", time.Hour) }, bad) },
		"a read alone":  func() { _, _, _ = g.Get(ctx, "bad") },
	} {
		before()
		if err := g.Add(ctx, "after-"+strings.ReplaceAll(name, " ", "-"), []byte("x"), time.Hour); err != nil {
			t.Errorf("after %s: %v", name, err)
		}
	}
}

// A read, touch or delete whose reply is lost is asked for once more, a write is not: it may have been done.
func TestALostReplyIsAskedForOnceMoreUnlessItIsAWrites(t *testing.T) {
	for _, verb := range servertest.Verbs {
		var lost sync.Once
		fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
			if cmd.Key == "k" {
				lost.Do(func() { reply = nil; _ = c.Close() })
			}
			_, _ = c.Write(reply)
		})
		s, err := New(fake.Addr())
		if err != nil {
			t.Fatal(err)
		}
		err = servertest.Calls(s, "k", session.Version{1})[verb](t.Context())
		known := err == nil || servertest.IsAnswer(err)
		if again := verb != "add" && verb != "swap"; known != again || !again && errors.Is(err, session.ErrUnavailable) {
			t.Errorf("%s: %v", verb, err)
		}
		if n := fake.Received("k"); n > 2 {
			t.Errorf("%s: sent %d times", verb, n)
		}
		s.Reset()
	}
}

func TestALossyNetworkCostsNoReadAnError(t *testing.T) {
	var reads atomic.Int32
	fake := servertest.NewFake(t, func(c net.Conn, cmd servertest.Command, reply []byte) {
		if cmd.Verb != "gets" || reads.Add(1)%20 > 0 {
			_, _ = c.Write(reply)
		}
	})
	s, err := NewWithOptions(Options{Addrs: []string{fake.Addr()}, Timeout: 200 * time.Millisecond, IOBudget: 10 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Reset)
	for i := range 100 {
		if _, _, err := s.Get(t.Context(), "k"); !errors.Is(err, session.ErrNotFound) {
			t.Errorf("read %d: %v", i, err)
		}
	}
}
