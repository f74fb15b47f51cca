package memory

import (
	"sync"
	"sync/atomic"
)

// A room is divided between two caches. The known, of sessions in which somebody is logged in, may fill all of it but a
// step; the anonymous have what is left, and a step at least, so that somebody can still begin to log in.
//
// The shares follow what the known take, not at each write, which would cost a lock, but when so many bytes have been
// written as are kept free for that: the two together never take more than the room.
type room struct {
	maxBytes         int64
	known, anonymous *cache

	written atomic.Int64 // bytes since the shares were set
	sharing sync.Mutex
}

// step is the part of the room by which the shares are set.
func (r *room) step() int64 { return r.maxBytes / 64 }

// most is what each of the two may take at first, and so what one record may weigh.
func (r *room) most() int64 { return r.maxBytes - r.step() }

// wrote notes that a record of this weight is about to be written.
func (r *room) wrote(weight int64) { r.written.Add(weight) }

// share sets the shares anew, if it is time. One goroutine does, and the others go on.
func (r *room) share() {
	if r.written.Load() < r.step() || !r.sharing.TryLock() {
		return
	}
	defer r.sharing.Unlock()
	r.written.Store(0)
	r.known.CleanUp()                                 // it counts late
	taken := int64(r.known.WeightedSize()) + r.step() // until the next time
	r.anonymous.SetMaximum(uint64(max(r.maxBytes-taken, r.step())))
}
