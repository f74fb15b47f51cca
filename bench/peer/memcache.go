package peer

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/bradfitz/gomemcache/memcache"
)

// store is the small memcached store that scs, gorilla and the Tornado protocol are given.
type store struct {
	client *memcache.Client
	size   atomic.Int64
}

func newStore(addr string) *store {
	client := memcache.New(addr)
	client.MaxIdleConns = poolSize
	client.Timeout = clientTime
	return &store{client: client}
}

// lastSize returns the bytes of the value that was stored last.
func (s *store) lastSize() int { return int(s.size.Load()) }

// get returns nil if there is no value.
func (s *store) get(key string) ([]byte, error) {
	item, err := s.client.Get(key)
	if errors.Is(err, memcache.ErrCacheMiss) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return item.Value, nil
}

func (s *store) set(key string, value []byte, ttl time.Duration) error {
	s.size.Store(int64(len(value)))
	return s.client.Set(&memcache.Item{Key: key, Value: value, Expiration: int32(ttl / time.Second)})
}

func (s *store) delete(key string) error {
	if err := s.client.Delete(key); !errors.Is(err, memcache.ErrCacheMiss) {
		return err
	}
	return nil
}

// What scs asks of a store.

func (s *store) Find(token string) ([]byte, bool, error) {
	value, err := s.get(token)
	return value, value != nil, err
}

func (s *store) Commit(token string, value []byte, expiry time.Time) error {
	return s.set(token, value, time.Until(expiry)+time.Second)
}

func (s *store) Delete(token string) error { return s.delete(token) }

func (s *store) FindCtx(_ context.Context, token string) ([]byte, bool, error) { return s.Find(token) }

func (s *store) CommitCtx(_ context.Context, token string, value []byte, expiry time.Time) error {
	return s.Commit(token, value, expiry)
}

func (s *store) DeleteCtx(_ context.Context, token string) error { return s.Delete(token) }
