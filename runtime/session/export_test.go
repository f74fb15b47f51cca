package session

import "time"

// What the tests of concurrency need to see and to make repeatable.

// StoreKey returns the key under which the store has a session.
func (m *Manager[S]) StoreKey(s *S) string {
	c, _ := m.bind(s)
	return c.key
}

// SetJitter replaces the random part of the waits between tries.
func (m *Manager[S]) SetJitter(jitter func(bound time.Duration) time.Duration) { m.e.jitter = jitter }
