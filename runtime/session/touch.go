package session

import (
	"hash/maphash"
	"sync/atomic"
	"time"
)

// A touchTable remembers when sessions were last touched, so that sliding the expiry costs a round trip only once per
// tenth of the idle timeout. It has a fixed size and forgets: two sessions that share a place cost one touch more.
// It is safe for concurrent use.
type touchTable struct {
	interval time.Duration
	seed     maphash.Seed
	places   [1 << 15]atomic.Uint64 // high half: part of the key's hash; low half: the tick that it was touched in
}

// due reports whether a record has to be touched, and takes note that it will be.
func (t *touchTable) due(key string, now time.Time) bool {
	place, tag := t.place(key)
	old := place.Load()
	last := t.tick(now) - uint32(old)
	if old>>32 == tag && last < touchTicks {
		return false
	}
	t.note(key, now)
	return true
}

// note remembers that a record's time to live was set just now.
func (t *touchTable) note(key string, now time.Time) {
	place, tag := t.place(key)
	place.Store(tag<<32 | uint64(t.tick(now)))
}

// forget makes a record due again, because it could not be touched.
func (t *touchTable) forget(key string) {
	place, _ := t.place(key)
	place.Store(0)
}

// An interval is counted in ticks of a 65,536th, so that rounding takes nothing of it that counts. The low half of a place
// then holds 65,536 intervals.
const touchTicks = 1 << 16

func (t *touchTable) tick(now time.Time) uint32 {
	return uint32(now.UnixNano() / max(int64(t.interval)/touchTicks, 1))
}

func (t *touchTable) place(key string) (*atomic.Uint64, uint64) {
	h := maphash.String(t.seed, key)
	return &t.places[h%uint64(len(t.places))], h >> 32
}
