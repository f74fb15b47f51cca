package session

import (
	"context"
	"sync"
)

// keyedLocks make the requests of one session wait for each other within this process, so that compare-and-swap decides
// only between processes. The zero value is ready.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*queue // nil while nobody waits
}

// A queue is those who wait for one key.
type queue struct {
	turn    chan struct{} // the holder puts a token here when it is done
	waiting int
}

// lock waits for the key until ctx ends. waited reports that somebody else had it.
func (l *keyedLocks) lock(ctx context.Context, key string) (waited bool, err error) {
	l.mu.Lock()
	q, held := l.held[key]
	if !held {
		if l.held == nil {
			l.held = make(map[string]*queue)
		}
		l.held[key] = nil
		l.mu.Unlock()
		return false, nil
	}
	if q == nil {
		q = &queue{turn: make(chan struct{}, 1)}
		l.held[key] = q
	}
	q.waiting++
	l.mu.Unlock()
	select {
	case <-q.turn:
		l.mu.Lock()
		q.waiting--
		l.mu.Unlock()
		return true, nil
	case <-ctx.Done():
		l.mu.Lock()
		defer l.mu.Unlock()
		q.waiting--
		select {
		case <-q.turn: // handed over at the last moment
			l.pass(key, q)
		default:
		}
		return true, ctx.Err()
	}
}

func (l *keyedLocks) unlock(key string) {
	l.mu.Lock()
	l.pass(key, l.held[key])
	l.mu.Unlock()
}

// pass hands the key to one of those who wait, or frees it.
func (l *keyedLocks) pass(key string, q *queue) {
	if q == nil || q.waiting == 0 {
		delete(l.held, key)
		return
	}
	q.turn <- struct{}{}
}
