package redis

import (
	"context"
	"errors"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// server answers for a Redis, so that no test depends on time: see answer.
type server struct {
	goredis.Hook
	held      chan struct{} // a read of the key "held" ends when this is closed
	alone     atomic.Int32
	mu        sync.Mutex
	pipelines []int           // how many calls each had
	mixed     bool            // one had reads and writes
	early     []goredis.Cmder // to which the next pipeline gets a reply first
	refused   bool            // the marker
	missing   int             // how many replies to the next pipeline, from the first
	panics    bool            // the next pipeline does
}

func (s *server) DialHook(next goredis.DialHook) goredis.DialHook { return next }

func (s *server) ProcessHook(goredis.ProcessHook) goredis.ProcessHook {
	return func(_ context.Context, cmd goredis.Cmder) error {
		s.alone.Add(1)
		if cmd.Args()[1] == "held" {
			<-s.held
		}
		return answer(cmd, cmd)
	}
}

func (s *server) ProcessPipelineHook(goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(_ context.Context, cmds []goredis.Cmder) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.pipelines = append(s.pipelines, len(cmds)-1) // and the marker
		for _, cmd := range cmds[:len(cmds)-1] {
			s.mixed = s.mixed || cmd.Name() != cmds[0].Name()
			_, _ = sends(cmd)
		}
		if s.panics {
			panic("in a dial")
		}
		said := slices.Concat(s.early, cmds)
		said = said[min(s.missing, len(said)):]
		s.early, s.missing = nil, 0
		for i, cmd := range cmds { // to each the reply that stands in its place
			err := os.ErrDeadlineExceeded
			switch {
			case cmd.Name() == "ping" && s.refused:
				err = goredis.TxFailedErr // or any other that a server may say
			case i < len(said):
				err = answer(said[i], cmd)
			}
			cmd.SetErr(err)
		}
		return cmds[0].Err()
	}
}

// sends does what go-redis does with a command's arguments before it sends them, and returns its key.
func sends(cmd goredis.Cmder) (key string, ok bool) {
	for _, arg := range cmd.Args()[1:] {
		switch arg := arg.(type) {
		case *record:
			_, _ = arg.MarshalBinary()
		case string:
			if arg != swapScript.sha && key == "" {
				key, ok = arg, true
			}
		}
	}
	return key, ok
}

// answer gives a command the reply to another one: to a read a value that ends in its key, to a Swap that it is done.
// Where the key says so there is no record, or a newer one.
func answer(asked, cmd goredis.Cmder) error {
	key, ok := sends(asked)
	_, reads := asked.(*goredis.StringCmd)
	var said any = int64(swapDone)
	switch {
	case !ok:
		said = "PONG"
	case asked.Name() == "set":
		said = "OK"
	case reads && strings.HasPrefix(key, "none"):
		return goredis.Nil
	case reads:
		said = strings.Repeat("v", versionSize) + key
	case strings.HasPrefix(key, "none"):
		said = int64(swapMissing)
	case strings.HasPrefix(key, "stale"):
		said = int64(swapStale)
	}
	if c, ok := cmd.(once); ok {
		cmd = c.Cmder
	}
	text, isText := said.(string)
	n, _ := said.(int64)
	switch cmd := cmd.(type) {
	case interface{ SetVal(string) }:
		cmd.SetVal(text)
	case *goredis.IntCmd:
		if isText {
			return errors.New("redis: can't parse int reply")
		}
		cmd.SetVal(n)
	}
	return nil
}

// crowded returns a store whose only turn is taken until release is called, and where nobody's patience ends.
func crowded(t *testing.T) (s *Store, redis *server, release func()) {
	t.Helper()
	redis = &server{held: make(chan struct{})}
	client := goredis.NewClient(&goredis.Options{})
	t.Cleanup(func() { _ = client.Close() })
	client.AddHook(redis)
	s = &Store{
		client: client, budget: time.Hour, dialer: new(dialer), term: new(atomic.Pointer[term]),
		batches: &batches{turns: make(chan struct{}, 1), patience: time.Hour},
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _, _ = s.Get(context.Background(), "held")
	}()
	for redis.alone.Load() == 0 {
		runtime.Gosched()
	}
	return s, redis, func() { close(redis.held); <-done }
}

// each begins a call for each key, one after the other, and returns a function that waits for them.
func each(q *queue, keys []string, do func(key string)) (wait func()) {
	var all sync.WaitGroup
	for i, key := range keys {
		all.Go(func() { do(key) })
		for q.count() < i+1 {
			runtime.Gosched()
		}
	}
	return all.Wait
}

// readAll begins a Get of each key and returns a function that waits for what they say.
func readAll(t *testing.T, s *Store, keys ...string) (wait func()) {
	return each(&s.batches.reads, keys, func(key string) {
		value, _, err := s.Get(context.Background(), key)
		switch {
		case strings.HasPrefix(key, "none"):
			if !errors.Is(err, session.ErrNotFound) {
				t.Errorf("%s: %q, %v", key, value, err)
			}
		case err != nil || string(value) != key:
			t.Errorf("%s: %q, %v", key, value, err)
		}
	})
}

func (q *queue) count() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}

func TestReadsThatWaitTravelTogetherAndEachGetsItsOwnAnswer(t *testing.T) {
	s, redis, release := crowded(t)
	wait := readAll(t, s, "a", "none", "b", "none too", "c")
	release()
	wait()
	if len(redis.pipelines) != 1 || redis.pipelines[0] != 5 || redis.alone.Load() != 1 {
		t.Errorf("pipelines of %v reads, %d reads alone", redis.pipelines, redis.alone.Load())
	}
}

// Where one reply is missing, or there is one too many, the others stand in the places of their neighbours.
func TestNoReplyIsBelievedOfABatchThatIsOutOfStep(t *testing.T) {
	ctx := context.Background()
	for _, keys := range [][]string{{"a", "b", "c"}, {"a", "none", "b", "none too", "c"}, {"none", "a", "b"}, {"a", "none"}} {
		for name, harm := range map[string]func(*server){
			"a reply is missing":  func(redis *server) { redis.missing = 1 },
			"all are missing":     func(redis *server) { redis.missing = 9 },
			"a value too many":    func(redis *server) { redis.early = []goredis.Cmder{goredis.NewStringCmd(ctx, "get", "x")} },
			"a miss too many":     func(redis *server) { redis.early = []goredis.Cmder{goredis.NewStringCmd(ctx, "get", "none")} },
			"a marker's too many": func(redis *server) { redis.early = []goredis.Cmder{goredis.NewStatusCmd(ctx, "ping")} },
			"as many as there are": func(redis *server) {
				redis.early = slices.Repeat([]goredis.Cmder{goredis.NewStringCmd(ctx, "get", "x")}, 9)
			},
		} {
			s, redis, release := crowded(t)
			harm(redis)
			wait := readAll(t, s, keys...)
			release()
			wait()
			if len(redis.pipelines) != 1 || int(redis.alone.Load()) != 1+len(keys) {
				t.Errorf("%s, %q: pipelines of %v reads, %d reads alone", name, keys, redis.pipelines, redis.alone.Load())
			}
		}
	}
}

func TestBatchesWithoutAMarkerCostNoConnection(t *testing.T) {
	s, redis, release := crowded(t)
	redis.refused = true
	wait := readAll(t, s, "a", "none")
	release()
	wait()
	if epoch := s.dialer.epoch.Load(); epoch > 0 || redis.alone.Load() != 1+2 {
		t.Errorf("%d resets, %d reads alone", epoch, redis.alone.Load())
	}
}

func TestABatchEndsWhereItsRecordsAreLarge(t *testing.T) {
	s, redis, release := crowded(t)
	s.batches.reads.typical = maxBatch/2 + 1
	keys := make([]string, 2)
	for i := range keys {
		keys[i] = strconv.Itoa(i)
	}
	first := readAll(t, s, keys[0])
	var second sync.WaitGroup
	second.Go(func() { _, _, _ = s.Get(context.Background(), keys[1]) }) // which seals the batch
	for s.batches.reads.count() > 0 {
		runtime.Gosched()
	}
	third := readAll(t, s, "of the next batch")
	release()
	first()
	second.Wait()
	third()
	if got := len(redis.pipelines); got != 1 || redis.pipelines[0] != 2 {
		t.Errorf("pipelines of %v reads", redis.pipelines)
	}
	if s.batches.reads.typical >= maxBatch/2 {
		t.Error("the next batch expects as much")
	}
}

func TestAReadWaitsForOthersNoLongerThanAMoment(t *testing.T) {
	s, _, release := crowded(t)
	s.batches.patience = time.Millisecond
	if value, _, err := s.Get(t.Context(), "a"); err != nil || string(value) != "a" {
		t.Errorf("while the turn is taken: %q, %v", value, err)
	}
	release()
}

func TestAReadWithADeadlineOfItsOwnGoesAlone(t *testing.T) {
	s, redis, release := crowded(t)
	ctx, cancel := context.WithTimeout(t.Context(), s.budget/2)
	defer cancel()
	if value, _, err := s.Get(ctx, "a"); err != nil || string(value) != "a" {
		t.Errorf("while the turn is taken: %q, %v", value, err)
	}
	if len(redis.pipelines) > 0 {
		t.Errorf("pipelines of %v reads", redis.pipelines)
	}
	release()
}

func TestOnAClusterNoCallWaitsForAnothersNode(t *testing.T) {
	for cluster, batched := range map[bool]bool{false: true, true: false} {
		s, err := NewWithOptions(Options{Addrs: []string{"127.0.0.1:1"}, Cluster: cluster})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		if (s.batches != nil) != batched {
			t.Errorf("with Cluster %v calls travel together: %v", cluster, s.batches != nil)
		}
	}
}
