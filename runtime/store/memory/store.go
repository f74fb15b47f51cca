// Package memory is a session store inside the process: for one server, for tests and for trying things out. Sessions
// end with the process, and two processes share none.
//
// The store is bounded. When it is full it evicts records that have not ended yet. Sessions of passers-by make room for
// one another, and for everybody else; only where there are next to none of them is somebody logged out. Of each kind
// those go that nobody has used for the longest time. Evicted tells how often it happened; if it grows, raise
// Options.MaxBytes.
//
// Expiry and the table itself are github.com/maypok86/otter's. This package adds the versions, the copying of values,
// records small enough to keep millions, and who goes first: a cache keeps what is asked for most and turns newcomers
// away, and the newcomer here has just logged in.
package memory

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/maypok86/otter/v2"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// DefaultMaxBytes is what a store holds unless told otherwise: some 600,000 records of 250 bytes.
const DefaultMaxBytes = 256 << 20

// overhead is the heap that a record takes beyond its own bytes: the cache's node (64 bytes), its place in the hash
// table (about 34), the head of the record (24) and the rounding up of its allocation. Measured with a million records
// and keys of 48 bytes by go test -run Million -v, against a sharded map[string][]byte of the same content:
//
//	record      heap each         sharded map
//	191 bytes   322 (191 + 131)   340
//	250 bytes   386 (250 + 136)   404
//	325 bytes   450 (325 + 125)   500
//
// A full collection takes no longer than with the map.
const overhead = 160

// Options are the settings of NewWithOptions. The zero value is what New uses.
type Options struct {
	// MaxBytes bounds the heap that the records take, their bookkeeping of about 160 bytes each included. Default
	// DefaultMaxBytes. A single record larger than that is refused with session.ErrTooLarge.
	MaxBytes int64

	// Now is the clock by which records end; it must not run backwards. Default time.Now. With another clock a record ends
	// when that clock says so, and its memory is reclaimed at the next tick of a real second.
	Now func() time.Time
}

// Store keeps session records in memory. It implements session.Store, and is safe for concurrent use. Its one
// goroutine, which reclaims the memory of ended records each second, ends by itself within a second of the collection
// of the Store: there is nothing to close.
type Store struct {
	*shared
	own, other *pool  // where it adds, and where it looks too
	passersBy  *Store // the same with the two exchanged; nil of that one itself
}

var _ session.Pooled = (*Store)(nil)

// shared is what a store and its pool of anonymous sessions have in common.
type shared struct {
	room
	writes atomic.Uint64 // numbers the writes of this store; a write's number is its version, and the time
}

// An id stands for a key: half of its SHA-256, so that no two keys meet (2⁶⁴ of them would have to be tried), and a
// record needs neither a second allocation nor a pointer for it.
type id [16]byte

// A record is the head of an allocation, and its value is the rest: the cache has the smallest node for a lone pointer,
// and needs no other allocation when the record is replaced. A write replaces it whole; Touch changes the ttl alone.
type record struct {
	version uint64
	ttl     time.Duration // read and set under the key's lock only; the deadline itself is the cache's
	size    uint32
	used    atomic.Uint32 // the low bits of shared.writes when it was last written, read or touched
	value   [0]byte       // here its bytes begin
}

func newRecord(value []byte, ttl time.Duration) *record {
	n := max(int(unsafe.Offsetof(record{}.value))+len(value), int(unsafe.Sizeof(record{})))
	words := make([]uint64, (n+7)/8) // which are aligned
	r := (*record)(unsafe.Pointer(&words[0]))
	r.ttl, r.size = positive(ttl), uint32(len(value))
	copy(r.bytes(), value)
	return r
}

// bytes returns the value itself, which is not written to once the record is in the cache.
func (r *record) bytes() []byte { return unsafe.Slice((*byte)(unsafe.Pointer(&r.value)), r.size) }

// New returns an empty store with the default options.
func New() *Store { return NewWithOptions(Options{}) }

// NewWithOptions returns an empty store.
func NewWithOptions(o Options) *Store {
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	s := &shared{}
	s.maxBytes = o.MaxBytes
	for _, p := range []*pool{&s.known, &s.anonymous} {
		opts := &otter.Options[id, *record]{
			ExpiryCalculator: otter.ExpiryWritingFunc(func(e otter.Entry[id, *record]) time.Duration { return e.Value.ttl }),
			OnAtomicDeletion: func(e otter.DeletionEvent[id, *record]) {
				if e.Cause != otter.CauseReplacement {
					p.weight.Add(-weight(int(e.Value.size)))
				}
			},
		}
		if o.Now != nil {
			opts.Clock = clock(o.Now)
		}
		p.Cache = otter.Must(opts)
	}
	return &Store{
		shared: s, own: &s.known, other: &s.anonymous,
		passersBy: &Store{shared: s, own: &s.anonymous, other: &s.known},
	}
}

// Anonymous returns the store for the sessions of passers-by, of which a session.Manager makes use: it has the same
// records, and what is added there goes first when there is no room. See session.Pooled.
func (s *Store) Anonymous(whole session.Store) session.Store {
	if s.passersBy == nil || whole != session.Store(s) {
		return whole
	}
	return s.passersBy
}

// Get returns a copy of the value under key, and its version.
func (s *Store) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if err := ctx.Err(); err != nil {
		return nil, session.Version{}, unavailable(err)
	}
	k := idOf(key)
	r, ok := s.own.GetIfPresent(k)
	if !ok {
		r, ok = s.other.GetIfPresent(k)
	}
	if !ok {
		return nil, session.Version{}, session.ErrNotFound
	}
	if now := s.now(); r.used.Load() != now {
		r.used.Store(now)
	}
	return bytes.Clone(r.bytes()), session.Version{r.version}, nil
}

// GetPair is Get of two keys: there is nothing to wait for.
func (s *Store) GetPair(ctx context.Context, first, second string) (a, b session.Got, ok bool) {
	a.Value, a.Version, a.Err = s.Get(ctx, first)
	b.Value, b.Version, b.Err = s.Get(ctx, second)
	return a, b, true
}

// Add stores a copy of value under a key that has none.
func (s *Store) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	next, err := s.begin(ctx, value, ttl)
	if err != nil {
		return err
	}
	k := idOf(key)
	if _, found := s.other.GetEntryQuietly(k); found {
		return session.ErrExists
	}
	return s.update(s.own, k, func(old *record, found bool) (*record, error) {
		if found {
			return old, session.ErrExists
		}
		return s.numbered(next), nil
	})
}

// Swap replaces the value of version v by a copy of value.
func (s *Store) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	next, err := s.begin(ctx, value, ttl)
	if err != nil {
		return err
	}
	return s.updateEither(idOf(key), func(old *record, found bool) (*record, error) {
		switch {
		case !found:
			return old, session.ErrNotFound
		case v != session.Version{old.version}:
			return old, session.ErrStale
		}
		return s.numbered(next), nil
	})
}

// begin makes the record that a write is to leave.
func (s *Store) begin(ctx context.Context, value []byte, ttl time.Duration) (*record, error) {
	if err := ctx.Err(); err != nil {
		return nil, unavailable(err)
	}
	if n := weight(len(value)); n > min(s.most(), math.MaxUint32) { // a record's size has 32 bits
		return nil, fmt.Errorf("memory: %d bytes in a store of %d: %w", len(value), s.maxBytes, session.ErrTooLarge)
	}
	return newRecord(value, ttl), nil
}

// numbered gives a record that is about to be written its version.
func (s *Store) numbered(r *record) *record {
	r.version = s.writes.Add(1)
	r.used.Store(uint32(r.version))
	return r
}

// now is the time by which records were used: how many writes there have been.
func (s *Store) now() uint32 { return uint32(s.writes.Load()) }

// Touch sets the time that the record under key has left.
func (s *Store) Touch(ctx context.Context, key string, ttl time.Duration) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	return s.updateEither(idOf(key), func(old *record, found bool) (*record, error) {
		if !found {
			return old, session.ErrNotFound
		}
		old.ttl = positive(ttl)
		old.used.Store(s.now())
		return old, nil
	})
}

// updateEither is update in the pool that has the record.
func (s *Store) updateEither(k id, next func(old *record, found bool) (*record, error)) error {
	err := s.update(s.own, k, next)
	if err == session.ErrNotFound {
		err = s.update(s.other, k, next)
	}
	return err
}

// update replaces the record in a pool by what next makes of it, under its lock, or leaves it if that is an error.
func (s *Store) update(p *pool, k id, next func(old *record, found bool) (*record, error)) error {
	var err error
	p.Compute(k, func(old *record, found bool) (*record, otter.ComputeOp) {
		var r *record
		if r, err = next(old, found); err != nil {
			return old, otter.CancelOp
		}
		more := weight(int(r.size))
		if found {
			more -= weight(int(old.size))
		}
		p.weight.Add(more)
		return r, otter.WriteOp
	})
	if err == nil {
		s.makeRoom(s.now())
	}
	return err
}

// Delete removes the record under key.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	k := idOf(key)
	s.own.Invalidate(k)
	s.other.Invalidate(k)
	return nil
}

// Ping is for health checks: a store in memory is there.
func (s *Store) Ping(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	return nil
}

// Evicted returns how many records had to go before their time because the store was full.
func (s *Store) Evicted() uint64 { return s.evicted.Load() }

func idOf(key string) id {
	var buf [256]byte // keys have at most 250 bytes: no allocation
	sum := sha256.Sum256(append(buf[:0], key...))
	return id(sum[:16])
}

// positive keeps from the cache what it takes for no end at all.
func positive(ttl time.Duration) time.Duration { return max(ttl, 1) }

func weight(size int) int64 { return int64(size) + overhead }

// clock lets otter see another time. Its ticks stay real: they only pace the reclaiming of memory.
type clock func() time.Time

func (now clock) NowNano() int64 { return now().UnixNano() }

func (clock) Tick(d time.Duration) <-chan time.Time { return time.Tick(d) }

func unavailable(err error) error {
	return fmt.Errorf("memory: %w: %w", session.ErrUnavailable, err)
}
