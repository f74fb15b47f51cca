package migrate_test

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// plain is a store of nothing but a map: it has no goroutines, which a bubble of synctest would wait for, and keeps
// to time.Now.
type plain struct {
	mu      sync.Mutex
	records map[string]plainRecord
	writes  uint64
}

type plainRecord struct {
	value   []byte
	version session.Version
	end     time.Time
}

func newPlain() *plain { return &plain{records: make(map[string]plainRecord)} }

func (p *plain) live(key string) (plainRecord, bool) {
	r, ok := p.records[key]
	return r, ok && time.Now().Before(r.end)
}

func (p *plain) put(key string, value []byte, ttl time.Duration) {
	p.writes++
	p.records[key] = plainRecord{bytes.Clone(value), session.Version{p.writes}, time.Now().Add(ttl)}
}

func (p *plain) Get(_ context.Context, key string) ([]byte, session.Version, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.live(key)
	if !ok {
		return nil, session.Version{}, session.ErrNotFound
	}
	return bytes.Clone(r.value), r.version, nil
}

func (p *plain) Add(_ context.Context, key string, value []byte, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, ok := p.live(key); ok {
		return session.ErrExists
	}
	p.put(key, value, ttl)
	return nil
}

func (p *plain) Swap(_ context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r, ok := p.live(key); {
	case !ok:
		return session.ErrNotFound
	case r.version != v:
		return session.ErrStale
	}
	p.put(key, value, ttl)
	return nil
}

func (p *plain) Touch(_ context.Context, key string, ttl time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	r, ok := p.live(key)
	if !ok {
		return session.ErrNotFound
	}
	r.end = time.Now().Add(ttl)
	p.records[key] = r
	return nil
}

func (p *plain) Delete(_ context.Context, key string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.records, key)
	return nil
}

var errDead = errors.New("the process has been killed")

// disturbed is a store as one process has it: around answers each call, and has the store carry it out or not.
type disturbed struct {
	session.Store
	around func(ctx context.Context, call string, carryOut func() error) error
}

// disturb is a store whose calls before and after look at: what they return is the answer, if it is not nil. before's
// keeps the store from carrying the call out.
func disturb(s session.Store, before, after func(ctx context.Context, call string) error) *disturbed {
	return &disturbed{s, func(ctx context.Context, call string, carryOut func() error) error {
		if err := before(ctx, call); err != nil {
			return err
		}
		err := carryOut()
		if err := after(ctx, call); err != nil {
			return err
		}
		return err
	}}
}

func (d *disturbed) Get(ctx context.Context, key string) (value []byte, v session.Version, err error) {
	err = d.around(ctx, "Get", func() (err error) { value, v, err = d.Store.Get(ctx, key); return err })
	return value, v, err
}

func (d *disturbed) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	return d.around(ctx, "Add", func() error { return d.Store.Add(ctx, key, value, ttl) })
}

func (d *disturbed) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	return d.around(ctx, "Swap", func() error { return d.Store.Swap(ctx, key, value, v, ttl) })
}

func (d *disturbed) Touch(ctx context.Context, key string, ttl time.Duration) error {
	return d.around(ctx, "Touch", func() error { return d.Store.Touch(ctx, key, ttl) })
}

func (d *disturbed) Delete(ctx context.Context, key string) error {
	return d.around(ctx, "Delete", func() error { return d.Store.Delete(ctx, key) })
}
