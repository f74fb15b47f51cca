package session

import (
	"slices"
	"sync"
)

// keyedLocks make the requests of one session wait for each other within this process, so that compare-and-swap decides
// only between processes. Who holds a key may take those who are next in line and do their work with its own. The zero
// value is ready.
type keyedLocks struct {
	mu   sync.Mutex
	held map[string]*line // nil while nobody waits
}

// A line is those who wait for one key, in the order of their arrival.
type line struct {
	waiting []*waiter
	taken   int // how many, from the first, the holder has taken
}

// A waiter is one of them. While it is taken its part is the holder's.
type waiter struct {
	part
	woken chan struct{} // closed when it has been told, or else holds the key
	told  bool          // its part is done, or has failed
	left  bool          // while it was taken: nobody is there to be told
}

// lock waits for the key until the part's context ends. It returns nil to whom nobody was before. Who has been told
// does not hold the key. An error is ErrConflict where the part has not been and will not be written, and ErrUnknown
// where the holder may write it.
func (l *keyedLocks) lock(key string, p part) (*waiter, error) {
	l.mu.Lock()
	q, held := l.held[key]
	if !held {
		if l.held == nil {
			l.held = make(map[string]*line)
		}
		l.held[key] = nil
		l.mu.Unlock()
		return nil, nil
	}
	if q == nil {
		q = new(line)
		l.held[key] = q
	}
	w := &waiter{part: p, woken: make(chan struct{})}
	q.waiting = append(q.waiting, w)
	l.mu.Unlock()
	select {
	case <-w.woken:
		return w, nil
	case <-p.ctx.Done():
		return w, l.leave(key, w)
	}
}

// leave is the end of a waiter's patience.
func (l *keyedLocks) leave(key string, w *waiter) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-w.woken: // at the last moment
		if w.told {
			return nil
		}
		l.pass(key)
		return inDoubt(ErrConflict, w.doubt)
	default:
	}
	q := l.held[key]
	at := slices.Index(q.waiting, w)
	if at < q.taken {
		w.left = true
		return ErrUnknown
	}
	q.waiting = slices.Delete(q.waiting, at, at+1)
	return inDoubt(ErrConflict, w.doubt)
}

// take returns those who are next in line, up to the first who does not join, in the order of their arrival. They stay
// where they are until the holder dismisses them.
func (l *keyedLocks) take(key string) []*waiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.held[key]
	if q == nil {
		return nil
	}
	for q.taken < len(q.waiting) && q.waiting[q.taken].joins {
		q.taken++
	}
	return q.waiting[:q.taken:q.taken]
}

// dismiss lets those go who are taken: the verdict says who is told, the others are next in line again.
func (l *keyedLocks) dismiss(key string, verdict func(*part) (told bool)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.held[key]
	if q == nil {
		return
	}
	var again []*waiter
	for _, w := range q.waiting[:q.taken] {
		switch {
		case w.left:
		case verdict(&w.part):
			w.told = true
			close(w.woken)
		default:
			again = append(again, w)
		}
	}
	q.waiting = slices.Concat(again, q.waiting[q.taken:])
	q.taken = 0
}

func (l *keyedLocks) unlock(key string) {
	l.mu.Lock()
	l.pass(key)
	l.mu.Unlock()
}

// pass hands the key to the first who waits for it, or frees it.
func (l *keyedLocks) pass(key string) {
	q := l.held[key]
	if q == nil || len(q.waiting) == 0 {
		delete(l.held, key)
		return
	}
	next := q.waiting[0]
	q.waiting = slices.Delete(q.waiting, 0, 1)
	close(next.woken)
}
