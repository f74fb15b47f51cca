package concurrency

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Counting counts the calls of one process.
type Counting struct {
	session.Store
	Gets, Adds, Swaps, Touches, Deletes atomic.Int64
}

func (c *Counting) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	c.Gets.Add(1)
	return c.Store.Get(ctx, key)
}

func (c *Counting) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	c.Adds.Add(1)
	return c.Store.Add(ctx, key, value, ttl)
}

func (c *Counting) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	c.Swaps.Add(1)
	return c.Store.Swap(ctx, key, value, v, ttl)
}

func (c *Counting) Touch(ctx context.Context, key string, ttl time.Duration) error {
	c.Touches.Add(1)
	return c.Store.Touch(ctx, key, ttl)
}

func (c *Counting) Delete(ctx context.Context, key string) error {
	c.Deletes.Add(1)
	return c.Store.Delete(ctx, key)
}
