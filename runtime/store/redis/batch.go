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
	maxReplies = 256 << 10              // bytes of the replies that a batch expects
	maxWait    = 250 * time.Microsecond // of a read for others to travel with: nothing to who is far away
)

// batches let the reads of a busy process travel together. As many reads and batches are under way as there are
// processors, which they keep busy; what comes meanwhile goes out in one pipeline when one of them is back, or after
// maxWait: if that has not happened by then, the processors have nothing to do, and no read is to wait for the reply to
// another.
//
// A batch ends with a PING. No read is answered as that is, so that its reply stands where it must only if no reply
// before it is missing or one too many. Else no reply of the batch is believed, and each reader asks again.
//
// Writes go alone: the outcome of all that a batch had would be unknown then. So do the reads of a Cluster, where a
// pipeline waits for the slowest of its nodes.
type batches struct {
	turns    chan struct{}
	patience time.Duration // maxWait, but in tests

	mu      sync.Mutex
	waiting []*read // of which the first leads
	typical int     // bytes of a reply
}

// A read is one that waits for others.
type read struct {
	cmd   *goredis.StringCmd
	batch []*read       // of the first: those that it leads, itself too
	done  chan struct{} // of the others
}

func newBatches() *batches {
	return &batches{turns: make(chan struct{}, runtime.GOMAXPROCS(0)), patience: maxWait}
}

// read gets the reply to a read, alone or with others'. They all end at about the same time.
func (s *Store) read(t *term, cmd *goredis.StringCmd) error {
	b := s.batches
	select {
	case b.turns <- struct{}{}:
		defer func() { <-b.turns }()
		return s.process(t, cmd, 1)
	default:
	}
	r := &read{cmd: cmd, done: make(chan struct{})}
	if !b.join(r) {
		<-r.done
		return cmd.Err()
	}
	select {
	case b.turns <- struct{}{}:
		defer func() { <-b.turns }()
	case <-time.After(b.patience):
	}
	b.mu.Lock()
	if len(b.waiting) > 0 && b.waiting[0] == r {
		b.seal()
	}
	b.mu.Unlock()
	s.send(t, r.batch)
	return cmd.Err()
}

// join makes a read one of those that wait, and reports whether it is the one that leads them.
func (b *batches) join(r *read) (leads bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, r)
	leads = b.waiting[0] == r
	if n := len(b.waiting); n == maxMembers || n*b.typical > maxReplies {
		b.seal()
	}
	return leads
}

// seal gives those who wait to the first of them; who comes then begins another batch.
func (b *batches) seal() {
	b.waiting[0].batch = b.waiting
	b.waiting = nil
}

// send sends a batch, and tells its members when all replies have come.
func (s *Store) send(ctx context.Context, batch []*read) {
	defer func() {
		for _, other := range batch[1:] {
			close(other.done)
		}
	}()
	if len(batch) == 1 {
		_ = s.process(ctx, batch[0].cmd, 1)
	} else {
		pipe := s.client.Pipeline()
		for _, r := range batch {
			_ = pipe.Process(ctx, r.cmd)
		}
		marker := pipe.Ping(ctx)
		_, _ = pipe.Exec(ctx)
		if marker.Val() != "PONG" {
			s.disbelieve(batch, marker.Err())
		}
	}
	size := 0
	for _, r := range batch {
		size += len(r.cmd.Val())
	}
	s.batches.mu.Lock()
	s.batches.typical = size / len(batch)
	s.batches.mu.Unlock()
}

// disbelieve makes each reader of a batch ask again. err is the marker's, if it has one.
func (s *Store) disbelieve(batch []*read, err error) {
	if err == nil || errors.Is(err, goredis.Nil) { // to a read: there may be a reply too many on other connections too
		s.Reset()
	}
	if err == nil || isReply(err) { // BUSY, or that this user has no right to it
		err = errBatch
	}
	for _, r := range batch {
		r.cmd.SetErr(err)
	}
}
