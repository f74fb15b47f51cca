package file

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/internal/failure"
)

// Bounds of one commit, so that nobody waits for it long.
const (
	maxBatch      = 256     // writes
	maxBatchBytes = 8 << 20 // of their records
	tidyBeside    = 32      // records that leave, and touches that are written, with the writes of others
	tidyAlone     = 1000    // the same, where nobody waits when it begins
)

const (
	tidyEvery   = 5 * time.Second
	reopenEvery = time.Second
)

// A write waits in the queue until the writer takes it into a commit, and then for the commit.
type write struct {
	verb      failure.Verb
	id        id
	record    []byte          // its head is written by the commit; nobody but the write has it
	version   session.Version // of Swap
	end       int64
	anonymous bool // of Add
	state     atomic.Int32
	done      chan error // has room for the one answer
}

const (
	waiting int32 = iota
	taken
	abandoned
)

// submit hands a write to the writer and waits for the answer. It gives up at the end of ctx, or if the store is
// closed: a write that is in no commit by then never will be.
func (s *Store) submit(ctx context.Context, w *write) error {
	w.done = make(chan error, 1)
	select {
	case s.queue <- w:
	case <-ctx.Done():
		return ctx.Err()
	case <-s.closing:
		return errClosed
	}
	select {
	case err := <-w.done:
		return err
	case <-ctx.Done():
		if w.state.CompareAndSwap(waiting, abandoned) {
			return ctx.Err()
		}
		return &unknownError{ctx.Err()}
	case <-s.ended:
		if w.state.CompareAndSwap(waiting, abandoned) {
			return errClosed // it was put into the queue when the writer had looked for the last time
		}
		return <-w.done
	}
}

// run is the writer: the one goroutine that changes the file. While it commits, others put their writes into the
// queue; all of them are in the next commit.
func (s *Store) run() {
	defer close(s.ended)
	tidy := time.NewTicker(s.env.tick)
	defer tidy.Stop()
	for {
		var reopen <-chan time.Time
		if o := s.opened.Load(); o.err != nil && !o.final {
			reopen = time.After(reopenEvery)
		}
		select {
		case w := <-s.queue:
			s.commit(s.gather(w), tidyBeside)
		case <-tidy.C:
			s.tidy()
		case <-reopen:
			s.reopen()
		case <-s.closing:
			s.closeErr = s.finish()
			return
		}
	}
}

// gather returns first and the writes that are in the queue now.
func (s *Store) gather(first *write) []*write {
	var batch []*write
	size := 0
	for w := first; ; {
		if w.state.CompareAndSwap(waiting, taken) {
			batch = append(batch, w)
			size += len(w.record)
		}
		if len(batch) >= maxBatch || size >= maxBatchBytes {
			return batch
		}
		select {
		case w = <-s.queue:
		default:
			return batch
		}
	}
}

// tidy removes the records that have ended and writes the touches, in as many commits as that takes. Writes that come
// in between go along.
func (s *Store) tidy() {
	for more := true; more; {
		var batch []*write
		select {
		case w := <-s.queue:
			batch = s.gather(w)
		default:
		}
		more = s.commit(batch, tidyAlone)
	}
}

// finish writes the last writes and touches, and closes the file.
func (s *Store) finish() error {
	for {
		select {
		case w := <-s.queue:
			s.commit(s.gather(w), tidyBeside)
			continue
		default:
		}
		break
	}
	s.tidy()
	o := s.opened.Load()
	var err error
	if o.err == nil && s.failing.Load() && len(o.index.takeTouched(1)) > 0 {
		err = errors.New("file: the last touches could not be written")
	}
	s.opened.Store(&opened{err: errClosed, final: true})
	if o.db != nil {
		s.removePID()
		err = errors.Join(err, o.db.Close())
	}
	return err
}
