package session

import (
	"context"
	"time"
)

// What the tests of concurrency need to see and to make repeatable.

// StoreKey returns the key under which the store has a session.
func (m *Manager[S]) StoreKey(s *S) string {
	return m.schema.Core(s).key
}

// Unended returns how many sessions a Destroy has failed to end, which the manager still tries.
func (m *Manager[S]) Unended() int {
	m.e.unended.mu.Lock()
	defer m.e.unended.mu.Unlock()
	return len(m.e.unended.pending)
}

// EndsInBackground reports whether the goroutine is there that tries them.
func (m *Manager[S]) EndsInBackground() bool {
	m.e.unended.mu.Lock()
	defer m.e.unended.mu.Unlock()
	return m.e.unended.running
}

// SetJitter replaces the random part of the waits between tries.
func (m *Manager[S]) SetJitter(jitter func(bound time.Duration) time.Duration) { m.e.jitter = jitter }

// UnendedUntil returns until when the manager tries to end the session that a Destroy has failed to end.
func (m *Manager[S]) UnendedUntil() (until time.Time) {
	m.e.unended.mu.Lock()
	defer m.e.unended.mu.Unlock()
	for _, x := range m.e.unended.pending {
		until = x.until
	}
	return until
}

// Tell tells that a Save of a field has been done, and does nothing else: what an event costs.
func (m *Manager[S]) Tell(s *S, field int) {
	c := m.schema.Core(s)
	defer c.release(c.observed())
	c.noteField(Saved, field, nil)
}

// InLine returns the contexts of those who wait for the lock of a session, in the order of their arrival, and how many
// of them, from the first, its holder has taken.
func (m *Manager[S]) InLine(key string) (waiting []context.Context, taken int) {
	l := &m.e.locks
	l.mu.Lock()
	defer l.mu.Unlock()
	q := l.held[key]
	if q == nil {
		return nil, 0
	}
	for _, w := range q.waiting {
		waiting = append(waiting, w.ctx)
	}
	return waiting, q.taken
}
