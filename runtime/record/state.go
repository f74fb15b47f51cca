package record

import (
	"github.com/tinylib/msgp/msgp"
)

// A state is a record taken apart: the bytes, where each field lies in them, and how the fields have changed since. A
// session that is only read is the state without a logbook, and as small as that.
type state struct {
	layout   *Layout
	base     []byte // the record's map as it was scanned; nil: an empty one
	slots    []Slot
	unknown  int32 // pairs of base whose key no field has
	owned    bool  // one of them says whose the session is: see OwnerKey
	closed   bool  // nobody saves the next change by himself: see Work.Close
	*logbook       // nil: nothing has changed yet
}

// scratch returns an empty state to work on; done gives it back.
func (l *Layout) scratch() *state {
	if st, ok := l.idle.Get().(*state); ok {
		return st
	}
	return &state{layout: l, slots: make([]Slot, len(l.fields)), logbook: l.newLogbook()}
}

func (st *state) done() {
	st.empty()
	st.base = nil
	st.arena.reset()
	st.layout.idle.Put(st)
}

// scan remembers where each field lies in a record. It decodes nothing and allocates nothing.
func (st *state) scan(base []byte) error {
	st.base = base
	st.unknown, st.owned = 0, false
	st.empty()
	if base == nil {
		return nil
	}
	var w walk
	w.start(st.layout, base)
	renamed := false
	for w.next() {
		if !w.known {
			st.unknown++
			st.owned = st.owned || string(w.last) == OwnerKey
			continue
		}
		k := &w.keys[w.at]
		s := &st.slots[k.field]
		s.stored++
		if !enveloped(w.value) {
			s.value = spanOf(w.value)
			renamed = renamed || k.old
			continue
		}
		c, err := openEnvelope(w.value)
		if err != nil {
			return err
		}
		s.value, s.deadline = spanOf(c.value), c.deadline
		renamed = renamed || k.old || c.older > 0
	}
	if err := w.end(); err != nil {
		return err
	}
	if renamed {
		st.resolve()
	}
	for _, i := range st.layout.renew {
		if s := &st.slots[i]; !s.value.absent() && st.layout.isNone(i, s.value.bytes()) {
			s.value = span{}
		}
	}
	return nil
}

// empty forgets where the fields lie and how they have changed.
func (st *state) empty() {
	clear(st.slots)
	if st.logbook != nil {
		clear(st.pending)
		st.pending = st.pending[:0]
	}
}

// apply does ops to a record that has been scanned.
func (st *state) apply(ops []op) {
	for i := range ops {
		st.do(&ops[i], i)
	}
}

// check looks at what became of the fields that ops touched.
func (st *state) check(ops []op) error {
	for i := range ops {
		if err := st.exceeds(int(ops[i].field)); err != nil {
			return err
		}
	}
	return nil
}

// encode returns the record after a prefix, in fresh bytes: changed fields from their slots, everything else copied
// byte for byte. Values that have expired by now are left out.
func (st *state) encode(prefix []byte, now int64) []byte {
	n, room := int(st.unknown), len(prefix)+len(st.base)+maxHeader
	for i := range st.slots {
		st.whole(i)
		n += st.keysOf(i, now)
		room += st.roomOf(i)
	}
	b := append(make([]byte, 0, room), prefix...)
	b = msgp.AppendMapHeader(b, uint32(n))
	next := 0 // of the layout's keys
	var w walk
	w.start(st.layout, st.base)
	for w.next() {
		for ; next < w.at; next++ {
			b = st.appendChanged(b, &w.keys[next], now)
		}
		if !w.known {
			b = append(b, w.pair...)
			continue
		}
		next++
		k := &w.keys[w.at]
		if s := &st.slots[k.field]; s.state&dirty == 0 && !s.expired(now) {
			b = append(b, w.pair...)
		} else {
			b = st.appendChanged(b, k, now)
		}
	}
	for ; next < len(w.keys); next++ {
		b = st.appendChanged(b, &w.keys[next], now)
	}
	return b
}

// settle makes the state that of a scan of what encode returned at some time. The slots' values are in there too, and
// stays where it is.
func (st *state) settle(encoded []byte, at int64) {
	for i := range st.slots {
		s := &st.slots[i]
		s.stored = uint8(st.keysOf(i, at))
		s.state &^= dirty
		st.endEdit(i)
		if s.stored == 0 {
			*s = Slot{pending: s.pending}
		}
	}
	st.base = encoded
}

// keysOf returns under how many keys encode writes a field.
func (st *state) keysOf(i int, now int64) int {
	s := &st.slots[i]
	switch {
	case s.expired(now):
		return 0
	case s.state&dirty == 0:
		return int(s.stored)
	case s.value.absent():
		return 0
	default:
		return 1 + len(st.layout.fields[i].Was)
	}
}

// maxHeader is the longest header of a MessagePack map or string.
const maxHeader = 5

// roomOf returns how many bytes encode may need for a field beyond what stands in the base.
func (st *state) roomOf(i int) int {
	s, f := &st.slots[i], &st.layout.fields[i]
	if s.state&dirty == 0 || s.value.absent() {
		return 0
	}
	room := maxHeader + len(f.Key) + maxEnvelope + s.value.size
	for _, old := range f.Was {
		room += maxHeader + len(old) + maxEnvelope + s.value.size
	}
	return room
}

// appendChanged appends one key of a field if the field has changed and has a value.
func (st *state) appendChanged(b []byte, k *layoutKey, now int64) []byte {
	s := &st.slots[k.field]
	if s.state&dirty == 0 || s.value.absent() || s.expired(now) {
		return b
	}
	c := content{value: s.value.bytes(), deadline: s.deadline, copy: k.old}
	if !k.old {
		c.older = len(st.layout.fields[k.field].Was)
	}
	return c.append(append(b, k.encoded...))
}
