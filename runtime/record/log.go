package record

import (
	"math"
	"slices"
)

// A logbook is what Fields keep of changes until a Save has begun with them. An op that a later one makes pointless is
// forgotten, and an op that goes on where the last one of its field ended becomes one with it.
type logbook struct {
	log    []op
	dead   bool          // the log has ops that are forgotten: see pending.since
	tidyAt int           // how long the log may get before they are dropped
	clock  int64         // the newest time of an op on the log: see when
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
		f.limit(field)
	}
}

// limit makes the field refuse further ops if it has more than its Max.
func (f *Fields) limit(i int) {
	if field := &f.layout.fields[i]; field.Max != 0 {
		if err := f.slots[i].exceeds(field); err != nil {
			f.fail(i, err)
		}
	}
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
	f.log, f.tidyAt, f.clock = nil, 0, 0
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
