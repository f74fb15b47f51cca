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
	seed   maphash.Seed
	places [1 << 15]atomic.Uint64 // when, in Unix nanoseconds, XOR the key's hash
}

// due reports whether a record that is to be touched once per interval has to be now, and takes note that it will be.
// An entry that another key has left in the place reads as any time out of 584 years: with an interval of three
// minutes, one load in a hundred million that find such a time takes it for its own and does without a touch.
func (t *touchTable) due(key string, now time.Time, interval time.Duration) bool {
	place, hash := t.place(key)
	last := place.Load() ^ hash
	if uint64(now.UnixNano())-last < uint64(interval) {
		return false
	}
	t.note(key, now)
	return true
}

// note remembers that a record's time to live was set just now.
func (t *touchTable) note(key string, now time.Time) {
	place, hash := t.place(key)
	place.Store(uint64(now.UnixNano()) ^ hash)
}

// forget makes a record due again, because it could not be touched.
func (t *touchTable) forget(key string) {
	place, _ := t.place(key)
	place.Store(0)
}

func (t *touchTable) place(key string) (*atomic.Uint64, uint64) {
	h := maphash.String(t.seed, key)
	return &t.places[h%uint64(len(t.places))], h
}
