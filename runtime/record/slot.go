package record

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// A Slot is where one field's value lies. A generated session holds an array of them, so that loading allocates nothing
// but the session itself. Slots are for this package alone.
type Slot struct {
	value    []byte // encoded; nil: absent
	edit     *edit  // what is to be done to it before it is the field's; nil: nothing
	deadline int64  // Unix nanoseconds from which it reads as absent; 0: none
	stored   uint8  // under how many keys the field stands in the record that was scanned
	state    slotState

	pending // what the log has of the field
}

// pending is what Fields remember of a field that has changed since the last Save. Its zero value: it has not.
type pending struct {
	newest int32 // the field's newest op is the one before this place on the log
	since  int32 // ops of the field before this place are forgotten
	weight int   // of its ops
}

type slotState uint8

const (
	dirty    slotState = 1 << iota // differs from the record that was scanned
	checked                        // whether the value fits is known
	misfit                         // it is not of the field's type
	reported                       // ... and the logger has been told
	looked                         // somebody has looked up a key
	reusable                       // value lies in room that nothing else points to
)

func (s *Slot) expired(now int64) bool { return s.deadline != 0 && now >= s.deadline }

// fits reports whether there is a value of the field's type.
func (s *Slot) fits(f *Field) bool {
	if s.value == nil {
		return false
	}
	if s.state&checked == 0 {
		s.state |= checked
		if !f.fits(s.value) {
			s.state |= misfit
		}
	}
	if s.edit != nil && s.state&misfit == 0 {
		if part := s.edit.unproven(f.Type); part != nil && !f.fits(part) {
			s.state |= misfit
		}
	}
	return s.state&misfit == 0
}

// replace gives the slot another value, or none. How long it lives stays as it is, unless there is none.
func (s *Slot) replace(value []byte) {
	s.value, s.edit = value, nil
	s.state &^= checked | misfit | reported | reusable
	if value == nil {
		s.deadline = 0
	}
}

// begin makes an absent or nil list or map an empty one.
func (s *Slot) begin(empty []byte) {
	if s.value == nil || msgp.IsNil(s.value) {
		s.value = empty
		s.state &^= checked | misfit | reusable
	}
}

// editing returns the slot's edit.
func (s *Slot) editing(f *Field) *edit {
	if s.state&misfit != 0 { // by an op, and the next may mend it
		s.whole()
		s.state &^= checked | misfit
	}
	if s.edit == nil {
		s.edit = new(edit)
		if (f.Max > 0 || f.Renew) && f.Type == Map {
			s.edit.counts, s.edit.count = true, f.count(s.value)
		}
	}
	return s.edit
}

// whole returns the value as it is with the edit.
func (s *Slot) whole() []byte {
	if s.edit != nil {
		if value := s.edit.whole(s.value); !same(value, s.value) {
			s.value = value
			s.state &^= checked | misfit
		}
	}
	return s.value
}

// count returns what Max bounds.
func (s *Slot) count(f *Field) int {
	if s.edit != nil && s.edit.counts {
		return s.edit.count
	}
	n := f.count(s.value)
	if s.edit != nil {
		n += s.edit.added
	}
	return n
}

// scratch returns an empty state to work on; done gives it back.
func (l *Layout) scratch() *state {
	if st, ok := l.idle.Get().(*state); ok {
		return st
	}
	return &state{layout: l, slots: make([]Slot, len(l.fields))}
}

func (st *state) done() {
	clear(st.slots)
	st.base = nil
	st.arena.reset()
	st.layout.idle.Put(st)
}

// A state is a record taken apart: the bytes, where each field lies in them, and how the fields have changed since.
type state struct {
	layout  *Layout
	base    []byte // the record's map as it was scanned; nil: an empty one
	slots   []Slot
	unknown int   // pairs of base whose key no field has
	arena   arena // for values that ops compute
}

// scan remembers where each field lies in a record. It decodes nothing and allocates nothing.
func (st *state) scan(base []byte) error {
	st.base = base
	st.unknown = 0
	clear(st.slots)
	if base == nil {
		return nil
	}
	var w walk
	w.start(st.layout, base)
	renamed := false
	for w.next() {
		if !w.known {
			st.unknown++
			continue
		}
		k := &w.keys[w.at]
		s := &st.slots[k.field]
		s.stored++
		if !enveloped(w.value) {
			s.value = w.value
			renamed = renamed || k.old
			continue
		}
		c, err := openEnvelope(w.value)
		if err != nil {
			return err
		}
		s.value, s.deadline = c.value, c.deadline
		renamed = renamed || k.old || c.older > 0
	}
	if err := w.end(); err != nil {
		return err
	}
	if renamed {
		st.resolve()
	}
	for _, i := range st.layout.renew {
		if s := &st.slots[i]; s.value != nil && st.layout.isNone(i, s.value) {
			s.value = nil
		}
	}
	return nil
}

// An Error says which field a record cannot take and why.
type Error struct {
	Field *Field
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("record: field %s: %v", e.Field.Name, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// apply does changes to a record that has been scanned.
func (st *state) apply(changes Changes) {
	for i := range changes {
		st.do(&changes[i], i)
	}
}

// check looks at what became of the fields that changes touched.
func (st *state) check(changes Changes) error {
	for i := range changes {
		f, s := &st.layout.fields[changes[i].field], &st.slots[changes[i].field]
		if err := s.exceeds(f); err != nil {
			return err
		}
	}
	return nil
}

// exceeds returns what is wrong with a field that has more than its Max.
func (s *Slot) exceeds(f *Field) error {
	if f.Max == 0 || s.value == nil {
		return nil
	}
	n := s.count(f)
	if n <= f.Max {
		return nil
	}
	unit := "elements"
	if f.Type == String || f.Type == Bytes {
		unit = "bytes"
	}
	return &Error{Field: f, Err: fmt.Errorf("%d %s where at most %d are allowed", n, unit, f.Max)}
}

// encode returns the record after a prefix, in fresh bytes: changed fields from their slots, everything else copied byte
// for byte. What has expired by now is left out.
func (st *state) encode(prefix []byte, now int64) []byte {
	n, room := st.unknown, len(prefix)+len(st.base)+maxHeader
	for i := range st.slots {
		st.slots[i].whole()
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

// settle makes the state that of a scan of what encode returned at some time. What the slots hold is in there too, and
// stays where it is.
func (st *state) settle(encoded []byte, at int64) {
	for i := range st.slots {
		s := &st.slots[i]
		s.stored = uint8(st.keysOf(i, at))
		s.state &^= dirty
		s.edit = nil
		if s.stored == 0 {
			*s = Slot{}
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
	case s.value == nil:
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
	if s.state&dirty == 0 || s.value == nil {
		return 0
	}
	room := maxHeader + len(f.Key) + maxEnvelope + len(s.value)
	for _, old := range f.Was {
		room += maxHeader + len(old) + maxEnvelope + len(s.value)
	}
	return room
}

// appendChanged appends one key of a field if the field has changed and has a value.
func (st *state) appendChanged(b []byte, k *layoutKey, now int64) []byte {
	s := &st.slots[k.field]
	if s.state&dirty == 0 || s.value == nil || s.expired(now) {
		return b
	}
	c := content{value: s.value, deadline: s.deadline, copy: k.old}
	if !k.old {
		c.older = len(st.layout.fields[k.field].Was)
	}
	return c.append(append(b, k.encoded...))
}

// Empty reports whether an encoded record has no fields.
func Empty(encoded []byte) bool {
	r := Reader{b: encoded}
	return r.Struct() == 0
}

// Sizes returns the bytes that each key takes in an encoded record, for whoever has to say why it is too large.
func Sizes(encoded []byte) map[string]int {
	sizes := make(map[string]int)
	r := Reader{b: encoded}
	for range r.Struct() {
		before := len(r.b)
		key := string(r.text())
		r.Skip()
		sizes[key] = before - len(r.b)
	}
	return sizes
}
