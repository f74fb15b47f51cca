package file

import (
	"container/heap"
	"sync"
)

// index knows of each record in the file when it ends and how long ago it was used: what would cost a write to the
// file at each read if it were kept there. It is filled from the file at Open, and changes after each commit, so that
// it never knows more than the file; only a touch is known here first. A record takes some 80 bytes of it, none of
// them a pointer.
type index struct {
	mu      sync.Mutex
	slots   map[id]uint32
	entries []entry  // by slot; the first two are none, but the ends of two lists by use: of passers-by, and of the rest
	ends    []uint32 // a heap of slots, the first to end on top
	free    []uint32
	dirty   []uint32 // slots that were touched; some may have been freed or written since
}

type entry struct {
	id         id
	end        int64
	prev, next uint32 // by use: the next of a list's first entry was used longest ago, its prev last
	place      uint32 // in ends
	touched    bool
	anonymous  bool
}

// The lists by use, as slots of their ends.
const (
	passers = 0
	rest    = 1
	lists   = 2
)

// list returns that in which an entry is.
func (e *entry) list() uint32 {
	if e.anonymous {
		return passers
	}
	return rest
}

func newIndex() *index {
	x := &index{slots: make(map[id]uint32), entries: make([]entry, lists)}
	for l := range x.entries {
		x.entries[l].prev, x.entries[l].next = uint32(l), uint32(l)
	}
	return x
}

func (x *index) len() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.slots)
}

// use says whether there is a record that has not ended, and that it was used now.
func (x *index) use(k id, now int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, ok := x.slots[k]
	if !ok || x.entries[slot].end <= now {
		return false
	}
	x.toBack(slot)
	return true
}

// end returns when a record ends.
func (x *index) end(k id) (int64, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, ok := x.slots[k]
	return x.entries[slot].end, ok
}

// touch sets the end of a record that has not ended.
func (x *index) touch(k id, now, end int64) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, ok := x.slots[k]
	if !ok || x.entries[slot].end <= now {
		return false
	}
	x.setEnd(slot, end)
	x.toBack(slot)
	if !x.entries[slot].touched {
		x.entries[slot].touched = true
		x.dirty = append(x.dirty, slot)
	}
	return true
}

// written notes that a record was written, to end then.
func (x *index) written(k id, end int64, anonymous bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, ok := x.slots[k]
	if ok {
		x.setEnd(slot, end)
		x.unlink(slot)
		x.entries[slot].touched, x.entries[slot].anonymous = false, anonymous
		x.link(slot)
		return
	}
	if n := len(x.free); n > 0 {
		slot, x.free = x.free[n-1], x.free[:n-1]
	} else {
		slot = uint32(len(x.entries))
		x.entries = append(x.entries, entry{})
	}
	x.slots[k] = slot
	x.entries[slot] = entry{id: k, end: end, anonymous: anonymous}
	x.link(slot)
	heap.Push((*byEnd)(x), slot)
}

// removed notes that a record is gone.
func (x *index) removed(k id) {
	x.mu.Lock()
	defer x.mu.Unlock()
	slot, ok := x.slots[k]
	if !ok {
		return
	}
	heap.Remove((*byEnd)(x), int(x.entries[slot].place))
	x.unlink(slot)
	delete(x.slots, k)
	x.entries[slot] = entry{}
	x.free = append(x.free, slot)
}

// victims returns up to limit records that have to leave: those that have ended, and as many more as there are too
// many of, passers-by first, from the one that was used longest ago.
func (x *index) victims(now int64, tooMany, limit int) (ended, evicted []id) {
	x.mu.Lock()
	defer x.mu.Unlock()
	ended = x.endedBelow(0, now, limit, nil)
	tooMany = min(tooMany, limit) - len(ended)
	for list := range uint32(lists) {
		for slot := x.entries[list].next; slot != list && len(evicted) < tooMany; slot = x.entries[slot].next {
			if e := &x.entries[slot]; e.end > now {
				evicted = append(evicted, e.id)
			}
		}
	}
	return ended, evicted
}

// endedBelow appends the records that have ended in the part of the heap below i: below one that has not, none has.
func (x *index) endedBelow(i int, now int64, limit int, ids []id) []id {
	if i >= len(x.ends) || len(ids) >= limit {
		return ids
	}
	e := &x.entries[x.ends[i]]
	if e.end > now {
		return ids
	}
	ids = append(ids, e.id)
	ids = x.endedBelow(2*i+1, now, limit, ids)
	return x.endedBelow(2*i+2, now, limit, ids)
}

// A touched record is to be written again with another end.
type touched struct {
	id  id
	end int64
}

// takeTouched returns up to limit records that were touched, each once, the first touched first.
func (x *index) takeTouched(limit int) []touched {
	x.mu.Lock()
	defer x.mu.Unlock()
	var list []touched
	n := 0
	for ; n < len(x.dirty) && len(list) < limit; n++ {
		if e := &x.entries[x.dirty[n]]; e.touched {
			e.touched = false
			list = append(list, touched{e.id, e.end})
		}
	}
	if x.dirty = x.dirty[n:]; len(x.dirty) == 0 {
		x.dirty = nil // and with it what was taken
	}
	return list
}

// giveBack takes back what could not be written.
func (x *index) giveBack(list []touched) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, t := range list {
		if slot, ok := x.slots[t.id]; ok && !x.entries[slot].touched {
			x.entries[slot].touched = true
			x.dirty = append(x.dirty, slot)
		}
	}
}

func (x *index) setEnd(slot uint32, end int64) {
	x.entries[slot].end = end
	heap.Fix((*byEnd)(x), int(x.entries[slot].place))
}

func (x *index) unlink(slot uint32) {
	e := &x.entries[slot]
	x.entries[e.prev].next, x.entries[e.next].prev = e.next, e.prev
}

// toBack makes a record the one of its list that was used last.
func (x *index) toBack(slot uint32) {
	x.unlink(slot)
	x.link(slot)
}

func (x *index) link(slot uint32) {
	list := x.entries[slot].list()
	last := x.entries[list].prev
	x.entries[slot].prev, x.entries[slot].next = last, list
	x.entries[last].next, x.entries[list].prev = slot, slot
}

// byEnd is the index as container/heap sees it.
type byEnd index

func (h *byEnd) Len() int { return len(h.ends) }

func (h *byEnd) Less(i, j int) bool {
	return h.entries[h.ends[i]].end < h.entries[h.ends[j]].end
}

func (h *byEnd) Swap(i, j int) {
	h.ends[i], h.ends[j] = h.ends[j], h.ends[i]
	h.entries[h.ends[i]].place, h.entries[h.ends[j]].place = uint32(i), uint32(j)
}

func (h *byEnd) Push(slot any) {
	h.entries[slot.(uint32)].place = uint32(len(h.ends))
	h.ends = append(h.ends, slot.(uint32))
}

func (h *byEnd) Pop() any {
	last := len(h.ends) - 1
	slot := h.ends[last]
	h.ends = h.ends[:last]
	return slot
}
