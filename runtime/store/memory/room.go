package memory

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// A pool has the records of one kind of session.
type pool struct {
	*otter.Cache[id, *record]
	weight atomic.Int64 // of its records, in bytes
}

// A room is what two pools have together: the known, of sessions in which somebody is logged in, and the anonymous. When
// it is full those records go that nobody has used for the longest time: of the anonymous as long as these are more than
// a step, so that somebody can still begin to log in, and then of the known.
//
// Room is made a step at a time: finding who was used when means looking at all records.
type room struct {
	maxBytes         int64
	known, anonymous pool

	making  sync.Mutex
	evicted atomic.Uint64
}

// step is the part of the room that is made free at once.
func (r *room) step() int64 { return r.maxBytes / 32 }

// most is what one record may weigh.
func (r *room) most() int64 { return r.maxBytes - r.step() }

// makeRoom sees to it that there is room again, after a write and at the time now. One goroutine does, and the others go on.
func (r *room) makeRoom(now uint32) {
	if r.known.weight.Load()+r.anonymous.weight.Load() <= r.maxBytes || !r.making.TryLock() {
		return
	}
	defer r.making.Unlock()
	r.known.CleanUp() // what has ended takes no room
	r.anonymous.CleanUp()
	most := r.most()
	r.evicted.Add(r.anonymous.shrink(max(most-r.known.weight.Load(), r.step()), now))
	r.evicted.Add(r.known.shrink(most-r.anonymous.weight.Load(), now))
}

// shrink evicts the records that were used longest ago until those that remain weigh so many bytes, and returns how many
// it evicted.
func (p *pool) shrink(bytes int64, now uint32) (evicted uint64) {
	for before := uint64(math.MaxUint64); p.weight.Load() > bytes && evicted != before; {
		before = evicted
		over := p.weight.Load() - bytes
		oldest := p.age(over, now)
		for k, r := range p.All() {
			if now-r.used.Load() >= oldest && p.evict(k, r) {
				evicted++
				if over -= weight(int(r.size)); over <= 0 {
					break
				}
			}
		}
	}
	return evicted
}

// age returns how long ago the records must have been used of which there are so many bytes, judged by the first
// thousand: the table knows no order.
func (p *pool) age(bytes int64, now uint32) uint32 {
	ages := make([]uint32, 0, 1000)
	for _, r := range p.All() {
		if ages = append(ages, now-r.used.Load()); len(ages) == cap(ages) {
			break
		}
	}
	if len(ages) == 0 {
		return 0
	}
	slices.Sort(ages)
	part := float64(bytes) / float64(max(p.weight.Load(), 1))
	return ages[len(ages)-min(int(math.Ceil(part*float64(len(ages)))), len(ages))]
}

// evict removes a record, unless it has been replaced.
func (p *pool) evict(k id, r *record) (evicted bool) {
	p.Compute(k, func(old *record, found bool) (*record, otter.ComputeOp) {
		if evicted = found && old == r; !evicted {
			return old, otter.CancelOp
		}
		return old, otter.InvalidateOp
	})
	return evicted
}
