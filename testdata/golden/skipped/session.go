// Package skipped has fields that are left out.
package skipped

import "sync"

//sessiongen:schema
type SessionSchema struct {
	mu   sync.Mutex `session:"-"`
	Name string
	Func func() `session:"-"`
	_    int
}

// Lock keeps the unexported field in use.
func (s *SessionSchema) Lock() { s.mu.Lock() }
