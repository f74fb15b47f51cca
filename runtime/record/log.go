package record

import (
	"bytes"
	"math"
	"slices"
)

// A logbook is what Fields keep of changes until a Save has begun with them. An op that a later one makes pointless is
// forgotten, and an op that goes on where the last one of its field ended becomes one with it.
type logbook struct {
	log    []op
	dead   bool          // the log has ops that are forgotten: see pending.since
	tidyAt int           // how long the log may get before they are dropped
	began  int64         // when the log's first op came that has a time: see when
	failed map[int]error // fields that refuse further ops, until they are set or cleared

	weight  int       // of the ops that are not forgotten
	allowed int       // up to where nobody has to look whether they fit into a record
	excess  *TooLarge // they do not

	first [1]op // room for the log of a request that changes one thing
	begun bool  // first is in use, or was
}

// TooLarge says that what is pending does not fit into a record.
type TooLarge struct {
	Size  int            // bytes of the encoded fields
	Sizes map[string]int // of each key
}

func (*TooLarge) Error() string { return "record: more changes than a record can hold" }

// maxLog is how many times the largest record the log may take in memory. Ops whose time or unknown members count stay
// on it although the value that they make is small.
const maxLog = 8

// push logs an op that is complete and does it. It expects the lock.
func (f *Fields) push(o op) {
	f.save.under = false
	field := int(o.field)
	if o.kind == opSet && f.layout.isNone(field, o.encoded) {
		o = op{kind: opClear, field: o.field}
	}
	at := f.place(&o)
	s := &f.slots[field]
	s.newest = max(s.newest, int32(at+1))
	s.anew = s.anew || o.anew()
	f.do(&o, at)
	if o.kind == opAppend || o.kind == opPut {
		if err := s.exceeds(&f.layout.fields[field]); err != nil {
			f.fail(field, err)
		}
	}
}

// place finds a place for an op on the log, in the stead of what it makes pointless. That is
//
//   - all that was done to the field, for a set or a clear; but where structs keep members that this binary does not
//     know, what was done before a set still counts;
//   - for a put or a delete the op of the same key, unless time counts or unknown members do.
//
// An add goes on where the last one ended, and so does an append.
func (f *Fields) place(o *op) int {
	field, s := &f.layout.fields[o.field], &f.slots[o.field]
	old := -1
	switch {
	case o.kind == opClear, o.kind == opSet && field.Shape == nil:
		old = int(s.newest) - 1
		f.forget(s)
		if old >= 0 {
			s.since = int32(old)
		}
	case s.newest == 0 || s.deadline != 0:
	case o.kind == opAdd || o.kind == opAppend:
		if last := &f.log[s.newest-1]; last.kind == o.kind {
			last.n += o.n
			if cap(last.encoded)-len(last.encoded) < len(o.encoded) {
				last.encoded = slices.Grow(last.encoded, len(last.encoded)+len(o.encoded))
			}
			last.encoded = append(last.encoded, o.encoded...)
			o.encoded = last.encoded[len(last.encoded)-len(o.encoded):]
			f.weigh(s, o.weight())
			return int(s.newest) - 1
		}
	case field.Shape == nil && s.edit != nil:
		if n := s.edit.find(o.key()); n >= 0 && s.edit.entries[n].at != noOp {
			old = int(s.edit.entries[n].at)
			before := &f.log[old]
			if o.kind == opDelete && (before.kind == opPut || before.n > 0) {
				o.n = 1
			}
			f.weigh(s, -before.weight())
		}
	}
	if o.kind == opAppend {
		o.encoded = bytes.Clone(o.encoded)
	}
	f.weigh(s, o.weight())
	if old >= 0 {
		f.log[old] = *o
		return old
	}
	if f.dead && len(f.log) >= f.tidyAt {
		f.log = f.live()
		f.tidyAt = 2*len(f.log) + 16
	}
	if f.log == nil {
		if f.log = f.first[:0]; f.begun { // a Save may still read it
			f.log = make([]op, 0, 4)
		}
		f.begun = true
	}
	f.log = append(doubled(f.log), *o)
	return len(f.log) - 1
}

// doubled returns s with room for one more. The append function would add a quarter to a long slice.
func doubled[E any](s []E) []E {
	if len(s) < cap(s) {
		return s
	}
	return slices.Grow(s, max(len(s), 4))
}

func (f *Fields) weigh(s *Slot, more int) {
	s.weight += more
	f.weight += more
}

// forget makes all ops of a field pointless.
func (f *Fields) forget(s *Slot) {
	if s.newest == 0 {
		return
	}
	f.allowed = max(f.allowed-s.weight, f.layout.maxSize) // as much may come until somebody looks again as before
	f.weigh(s, -s.weight)
	s.newest, s.since, s.anew = 0, int32(len(f.log)), false
	f.dead, f.excess = true, nil
}

// live returns the log without what is forgotten, and makes the slots know their ops' new places.
func (f *Fields) live() []op {
	if !f.dead {
		return f.log
	}
	kept := f.log[:0]
	for at := range f.log {
		if at >= int(f.slots[f.log[at].field].since) {
			kept = append(kept, f.log[at])
		}
	}
	clear(f.log[len(kept):])
	f.dead = false
	for i := range f.slots {
		f.slots[i].since = 0
	}
	for at := range kept {
		o := &kept[at]
		s := &f.slots[o.field]
		s.newest = int32(at + 1)
		if s.edit != nil && o.keyLen > 0 {
			if n := s.edit.find(o.key()); n >= 0 {
				s.edit.entries[n].at = int32(at)
			}
		}
	}
	return kept
}

// mark makes the slots know the ops of a log that has just been applied.
func (f *Fields) mark() {
	f.weight, f.allowed, f.excess = 0, f.layout.maxSize, nil
	for at := range f.log {
		s := &f.slots[f.log[at].field]
		s.newest = int32(at + 1)
		s.anew = s.anew || f.log[at].anew()
		f.weigh(s, f.log[at].weight())
	}
}

// handOut ends the log and returns it. The slots have whole values then.
func (f *Fields) handOut() []op {
	ops := f.live()
	f.log, f.tidyAt, f.began = nil, 0, 0
	for i := range ops {
		s := &f.slots[ops[i].field]
		s.endEdit()
		s.state &^= reusable
		s.pending = pending{}
	}
	f.weight, f.allowed, f.excess = 0, f.layout.maxSize, nil
	return ops
}

// refuses reports whether the field takes no ops that go on from what it has.
func (f *Fields) refuses(i int) bool {
	if f.failed[i] != nil {
		return true
	}
	if err := f.tooLarge(); err != nil {
		f.fail(i, err)
		return true
	}
	return false
}

// fail makes Begin report an error of a field.
func (f *Fields) fail(i int, err error) {
	if f.failed == nil {
		f.failed = make(map[int]error)
	}
	f.failed[i] = err
}

// refusal is why no Save can begin.
func (f *Fields) refusal() error {
	if err := f.tooLarge(); err != nil {
		return err
	}
	for i := range f.slots {
		if err := f.failed[i]; err != nil {
			return err
		}
	}
	return nil
}

// tooLarge returns whether what is pending fits into a record, nil if it does. As long as its ops do, it does.
func (f *Fields) tooLarge() *TooLarge {
	if f.weight <= f.allowed || f.layout.maxSize == 0 || f.excess != nil {
		return f.excess
	}
	const never = math.MinInt64 // values with a deadline count too
	encoded := f.encode(nil, never)
	if len(encoded) <= f.layout.maxSize && f.weight <= maxLog*f.layout.maxSize {
		f.allowed = f.weight + f.layout.maxSize
		return nil
	}
	f.excess = &TooLarge{Size: max(len(encoded), f.weight), Sizes: Sizes(encoded)}
	return f.excess
}
