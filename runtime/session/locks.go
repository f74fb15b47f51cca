package session

import (
	"context"
	"sync"
)

// keyedLocks make the requests of one session wait for each other within this process, so that compare-and-swap decides
// only between processes. The zero value is ready.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*keyedLock
	idle sync.Pool // *keyedLock
}

type keyedLock struct {
	turn  chan struct{} // holds one token while the lock is free
	users int
}

// lock waits for the key until ctx ends. waited reports that somebody else had it.
func (l *keyedLocks) lock(ctx context.Context, key string) (waited bool, err error) {
	l.mu.Lock()
	k := l.held[key]
	if k == nil {
		if k, _ = l.idle.Get().(*keyedLock); k == nil {
			k = &keyedLock{turn: make(chan struct{}, 1)}
			k.turn <- struct{}{}
		}
		if l.held == nil {
			l.held = make(map[string]*keyedLock)
		}
		l.held[key] = k
	}
	k.users++
	l.mu.Unlock()
	select {
	case <-k.turn:
		return false, nil
	default:
	}
	select {
	case <-k.turn:
		return true, nil
	case <-ctx.Done():
		l.leave(key, k)
		return true, ctx.Err()
	}
}

func (l *keyedLocks) unlock(key string) {
	l.mu.Lock()
	k := l.held[key]
	l.mu.Unlock()
	k.turn <- struct{}{}
	l.leave(key, k)
}

func (l *keyedLocks) leave(key string, k *keyedLock) {
	l.mu.Lock()
	if k.users--; k.users == 0 {
		delete(l.held, key)
		l.idle.Put(k)
	}
	l.mu.Unlock()
}
