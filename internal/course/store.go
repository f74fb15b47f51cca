package course

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// errDown is an error whose text no page may show.
var errDown = fmt.Errorf("%w: dial 10.0.0.1:11211: connection refused", session.ErrUnavailable)

// A Store is one in memory that can be down, for all calls or for writes alone, and counts how often it is asked.
type Store struct {
	session.Store
	Down, ReadOnly atomic.Bool
	Calls          atomic.Int64
}

// NewStore returns a Store that is up.
func NewStore() *Store { return &Store{Store: memory.New()} }

func (s *Store) call(write bool) error {
	s.Calls.Add(1)
	if s.Down.Load() || write && s.ReadOnly.Load() {
		return errDown
	}
	return nil
}

func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if err := s.call(false); err != nil {
		return nil, session.Version{}, err
	}
	return s.Store.Get(ctx, key)
}

func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if err := s.call(true); err != nil {
		return err
	}
	return s.Store.Add(ctx, key, value, ttl)
}

func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	if err := s.call(true); err != nil {
		return err
	}
	return s.Store.Swap(ctx, key, value, v, ttl)
}

func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := s.call(true); err != nil {
		return err
	}
	return s.Store.Touch(ctx, key, ttl)
}

func (s *Store) Delete(ctx context.Context, key string) error {
	if err := s.call(true); err != nil {
		return err
	}
	return s.Store.Delete(ctx, key)
}
