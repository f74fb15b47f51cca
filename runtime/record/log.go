package record

import (
	"math"
	"slices"
)

// A logbook is what Fields keep of changes until a Save has begun with them. An op that a later one makes pointless is
// forgotten, and an op that goes on where the last one of its field ended becomes one with it.
//
// It is made when the first field changes. Nobody hands it back: slots, saves and other goroutines may point into it.
type logbook struct {
	log    []op
	dead   bool          // the log has ops that are forgotten: see pending.since
	tidyAt int           // how long the log may get before they are dropped
	clock  int64         // the newest time of an op on the log: see when
	failed map[int]error // fields that refuse further ops, until they are set or cleared

	weight  int       // of the ops that are not forgotten
	allowed int       // up to where nobody has to look whether they fit into a record
	excess  *TooLarge // they do not

	pending []pending // by the number that a slot has
	arena   arena     // for values that ops compute
	writer  *Writer   // of elements behind an op
	save    save
	begins  int // how often a Save has begun

	// Room for a request that changes one thing, with a short value.
	first        [1]op
	firstPending [1]pending
	short        [scalarRoom]byte
	begun        bool // first is in use, or was
}

func (l *Layout) newLogbook() *logbook {
	b := &logbook{allowed: l.maxSize}
	b.pending = b.firstPending[:0]
	b.arena.b = b.short[:0]
	return b
}

// book returns the logbook, which there is from now on.
func (st *state) book() *logbook {
	if st.logbook == nil {
		st.logbook = st.layout.newLogbook()
	}
	return st.logbook
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
	f.book().save.under = false
	field := int(o.field)
	if o.kind == opSet && f.layout.isNone(field, o.encoded) {
		o = op{kind: opClear, field: o.field}
	}
	at := f.place(&o)
	c := f.pendingOf(&f.slots[field])
	c.newest = max(c.newest, int32(at+1))
	c.anew = c.anew || o.anew()
	f.do(&o, at)
	if o.kind == opAppend || o.kind == opPut {
		f.limit(field)
	}
}

// limit makes the field refuse further ops if it has more than its Max.
func (f *Fields) limit(i int) {
	if field := &f.layout.fields[i]; field.Max != 0 {
		if err := f.exceeds(i); err != nil {
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

func (f *Fields) weigh(c *pending, more int) {
	c.weight += more
	f.weight += more
}

// forget makes all ops of a field pointless.
func (f *Fields) forget(c *pending) {
	if c.newest == 0 {
		return
	}
	f.allowed = max(f.allowed-c.weight, f.layout.maxSize) // as much may come until somebody looks again as before
	f.weigh(c, -c.weight)
	c.newest, c.since, c.anew = 0, int32(len(f.log)), false
	f.dead, f.excess = true, nil
}

// live returns the log without what is forgotten, and makes what is pending know their ops' new places.
func (f *Fields) live() []op {
	if !f.dead {
		return f.log
	}
	kept := f.log[:0]
	for at := range f.log {
		if at >= int(f.pendingOf(&f.slots[f.log[at].field]).since) {
			kept = append(kept, f.log[at])
		}
	}
	clear(f.log[len(kept):])
	f.dead = false
	for i := range f.pending {
		f.pending[i].since = 0
	}
	for at := range kept {
		o := &kept[at]
		c := f.pendingOf(&f.slots[o.field])
		c.newest = int32(at + 1)
		if c.edit != nil && o.keyLen > 0 {
			if n := c.edit.find(o.key()); n >= 0 {
				c.edit.entries[n].at = int32(at)
			}
		}
	}
	return kept
}

// mark makes what is pending know the ops of a log that has just been applied.
func (f *Fields) mark() {
	f.weight, f.allowed, f.excess = 0, f.layout.maxSize, nil
	for at := range f.log {
		c := f.pendingOf(&f.slots[f.log[at].field])
		c.newest = int32(at + 1)
		c.anew = c.anew || f.log[at].anew()
		f.weigh(c, f.log[at].weight())
	}
}

// handOut ends the log and returns it. The slots have whole values then.
func (f *Fields) handOut() []op {
	ops := f.live()
	f.log, f.tidyAt, f.clock = nil, 0, 0
	for i := range ops {
		s := &f.slots[ops[i].field]
		f.endEdit(int(ops[i].field))
		s.state &^= reusable
		*f.pendingOf(s) = pending{}
	}
	f.weight, f.allowed, f.excess = 0, f.layout.maxSize, nil
	return ops
}

// refuses reports whether the field takes no ops that go on from what it has.
func (f *Fields) refuses(i int) bool {
	b := f.logbook
	return b != nil && (len(b.failed) > 0 || b.weight > b.allowed) && f.failing(i)
}

func (f *Fields) failing(i int) bool {
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
	if f.book().failed == nil {
		f.failed = make(map[int]error)
	}
	f.failed[i] = err
}

// refusal is why no Save can begin.
func (f *Fields) refusal() error {
	if f.logbook == nil {
		return nil
	}
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
