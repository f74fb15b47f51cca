package concurrency

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

var errDead = errors.New("the process has been killed")

// A mortal is a process that is killed at a call of one of its stores: before the store carries it out, or before the
// answer arrives. None of its later calls reaches a store.
type mortal struct {
	store, call string
	carriedOut  bool

	once sync.Once
	dead chan struct{}
}

// of is a store as the process has it.
func (m *mortal) of(store session.Store, name string) session.Store {
	return &mortalStore{store, name, m}
}

func (m *mortal) isDead() bool {
	select {
	case <-m.dead:
		return true
	default:
		return false
	}
}

type mortalStore struct {
	session.Store
	name string
	m    *mortal
}

func (s *mortalStore) do(call string, f func() error) error {
	dies := s.name == s.m.store && call == s.m.call
	if dies && !s.m.carriedOut {
		s.m.once.Do(func() { close(s.m.dead) })
	}
	if s.m.isDead() {
		return errDead
	}
	err := f()
	if dies {
		s.m.once.Do(func() { close(s.m.dead) })
	}
	if s.m.isDead() {
		return errDead
	}
	return err
}

func (s *mortalStore) Get(ctx context.Context, key string) (value []byte, v session.Version, err error) {
	err = s.do("Get", func() (err error) { value, v, err = s.Store.Get(ctx, key); return err })
	return value, v, err
}

func (s *mortalStore) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return s.do("Add", func() error { return s.Store.Add(ctx, key, value, ttl) })
}

func (s *mortalStore) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return s.do("Swap", func() error { return s.Store.Swap(ctx, key, value, v, ttl) })
}

func (s *mortalStore) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return s.do("Touch", func() error { return s.Store.Touch(ctx, key, ttl) })
}

func (s *mortalStore) Delete(ctx context.Context, key string) error {
	return s.do("Delete", func() error { return s.Store.Delete(ctx, key) })
}
