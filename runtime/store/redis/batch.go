package redis

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	goredis "github.com/redis/go-redis/v9"
)

const (
	maxMembers = 64                     // of a batch
	maxShared  = 16 << 10               // bytes of a record that is written with others
	maxBatch   = 256 << 10              // bytes of the records that a batch writes, or is expected to read
	maxWait    = 250 * time.Microsecond // of a call for others to travel with: nothing to who is far away
)

// batches let the calls of a busy process travel together. As many calls and batches are under way as there are
// processors, which they keep busy; what comes meanwhile goes out in one pipeline when one of them is back, or after
// maxWait: if that has not happened by then, the processors have nothing to do, and no call is to wait for the reply to
// another.
//
// A batch is of reads or of writes, and ends with a PING. Nothing else is answered as that is, so that its reply stands
// where it must only if no reply before it is missing or one too many. Else no reply of the batch is believed: each
// reader asks again, alone, and what has become of the writes nobody knows. The calls of a Cluster go alone, where a
// pipeline waits for the slowest of its nodes.
type batches struct {
	turns         chan struct{}
	patience      time.Duration // maxWait, but in tests
	reads, writes queue
}

// A queue is calls that wait for others.
type queue struct {
	mu      sync.Mutex
	waiting []*call // of which the first leads
	size    int     // bytes of their records
	typical int     // bytes of a record that is read
}

// A call is one of them.
type call struct {
	cmd   goredis.Cmder
	batch []*call       // of the first: those that it leads, itself too
	done  chan struct{} // of the others
}

func newBatches() *batches {
	return &batches{turns: make(chan struct{}, runtime.GOMAXPROCS(0)), patience: maxWait}
}

// travel sends a command alone or with others, which all end at about the same time. Its key is argument keyAt; size is
// that of the record that it writes.
func (s *Store) travel(t *term, q *queue, cmd goredis.Cmder, keyAt int8, size int) error {
	b := s.batches
	select {
	case b.turns <- struct{}{}:
		defer func() { <-b.turns }()
		return s.process(t, cmd, keyAt)
	default:
	}
	c := &call{cmd: cmd, done: make(chan struct{})}
	if !q.join(c, size) {
		<-c.done
		return cmd.Err()
	}
	select {
	case b.turns <- struct{}{}:
		defer func() { <-b.turns }()
	case <-time.After(b.patience):
	}
	q.mu.Lock()
	if len(q.waiting) > 0 && q.waiting[0] == c {
		q.seal()
	}
	q.mu.Unlock()
	if len(c.batch) == 1 {
		return s.process(t, cmd, keyAt)
	}
	s.send(t, q, c.batch)
	return cmd.Err()
}

// join makes a call one of those that wait, and reports whether it is the one that leads them.
func (q *queue) join(c *call, size int) (leads bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, c)
	leads = q.waiting[0] == c
	if q.size += size + q.typical; q.size > maxBatch || len(q.waiting) == maxMembers {
		q.seal()
	}
	return leads
}

// seal gives those who wait to the first of them; who comes then begins another batch.
func (q *queue) seal() {
	q.waiting[0].batch = q.waiting
	q.waiting, q.size = nil, 0
}

// send sends a batch, and tells its members when all replies have come.
func (s *Store) send(ctx context.Context, q *queue, batch []*call) {
	defer func() {
		for _, other := range batch[1:] {
			close(other.done)
		}
	}()
	pipe := s.client.Pipeline()
	for _, c := range batch {
		c.cmd.SetErr(errBatch) // of a panic, of a function in a tls.Config for one
		_ = pipe.Process(ctx, c.cmd)
	}
	marker := pipe.Ping(ctx)
	_, _ = pipe.Exec(ctx)
	if marker.Val() != "PONG" {
		s.disbelieve(batch, marker.Err())
	}
	size := 0
	for _, c := range batch {
		if read, ok := c.cmd.(*goredis.StringCmd); ok {
			size += len(read.Val())
		}
	}
	q.mu.Lock()
	q.typical = size / len(batch)
	q.mu.Unlock()
}

// disbelieve takes back what the calls of a batch have been answered with. err is the marker's, if it has one.
func (s *Store) disbelieve(batch []*call, err error) {
	if err == nil || errors.Is(err, goredis.Nil) { // to a call: there may be a reply too many on other connections too
		s.Reset()
	}
	if err == nil || isReply(err) { // BUSY, or that this user has no right to it
		err = errBatch
	}
	for _, c := range batch {
		c.cmd.SetErr(err)
	}
}
