package record

import (
	"fmt"
	"unsafe"

	"github.com/tinylib/msgp/msgp"
)

// A Slot is where one field's value lies. A generated session holds an array of them, so that loading allocates nothing
// but the session itself: what only a field that is changed needs stands in the logbook. Slots are for this package
// alone.
type Slot struct {
	value    span
	deadline int64 // Unix nanoseconds from which it reads as absent; 0: none
	pending  int32 // which of what the logbook has as pending is the field's, and one; 0: none
	stored   uint8 // under how many keys the field stands in the record that was scanned
	state    slotState
}

// A span is a slice without its capacity, so that nothing appends to it. Its zero value is an absent value: an encoded
// one has a byte at least.
type span struct {
	start *byte
	size  int
}

func spanOf(value []byte) span { return span{unsafe.SliceData(value), len(value)} }

// bytes returns nil for an absent value.
func (v span) bytes() []byte { return unsafe.Slice(v.start, v.size) }

func (v span) absent() bool { return v.start == nil }

// pending is what Fields remember of a field that has changed since the last Save.
type pending struct {
	newest int32  // the field's newest op is the one before this place on the log
	since  int32  // ops of the field before this place are forgotten
	weight int    // of its ops
	anew   bool   // one of them is a set or a clear
	aside  bool   // elements to be appended are not encoded behind an op: their type has a marshaller
	edit   *edit  // changes that are not in the slot's value yet; nil: none
	room   []byte // where the slot's value lies, if that is reusable
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

// pendingOf returns what is pending of a slot, to be gone on with.
func (st *state) pendingOf(s *Slot) *pending {
	b := st.book()
	if s.pending == 0 {
		b.pending = append(doubled(b.pending), pending{})
		s.pending = int32(len(b.pending))
	}
	return &b.pending[s.pending-1]
}

// newest returns the place behind a slot's newest op on the log, 0 if there is none.
func (st *state) newest(s *Slot) int32 {
	if s.pending == 0 {
		return 0
	}
	return st.pending[s.pending-1].newest
}

// editOf returns a slot's edit, nil if there is none.
func (st *state) editOf(s *Slot) *edit {
	if s.pending == 0 {
		return nil
	}
	return st.pending[s.pending-1].edit
}

// fits reports whether there is a value of the field's type.
func (st *state) fits(i int) bool {
	f, s := &st.layout.fields[i], &st.slots[i]
	if s.value.absent() {
		return false
	}
	if s.state&checked == 0 {
		s.state |= checked
		value := s.value.bytes()
		if !f.fits(value) && !(s.state&dirty != 0 && f.Type == Map && st.editing(i).suspect(f, value)) {
			s.state |= misfit
		}
	}
	if s.state&misfit != 0 {
		return false
	}
	e := st.editOf(s)
	if e == nil {
		return true
	}
	if !e.prove(f) {
		s.state |= misfit
	}
	return s.state&misfit == 0 && e.bad == 0
}

// replace gives a field another value, or none. How long it lives stays as it is, unless there is none.
func (st *state) replace(i int, value []byte) {
	s := &st.slots[i]
	s.value = spanOf(value)
	if s.pending != 0 {
		st.pending[s.pending-1].edit = nil
	}
	s.state &^= checked | misfit | reported | reusable
	if value == nil {
		s.deadline = 0
	}
}

// begin makes an absent or nil list or map an empty one.
func (s *Slot) begin(empty []byte) {
	if s.value.absent() || msgp.IsNil(s.value.bytes()) {
		s.value = spanOf(empty)
		s.state &^= checked | misfit | reusable
	}
}

// editing returns a field's edit.
func (st *state) editing(i int) *edit {
	f, s := &st.layout.fields[i], &st.slots[i]
	c := st.pendingOf(s)
	if c.edit == nil {
		c.edit = new(edit)
		if (f.Max > 0 || f.Renew) && f.Type == Map {
			c.edit.counts, c.edit.count = true, f.count(s.value.bytes())
		}
	}
	return c.edit
}

// endEdit ends a field's edit, if there is one. What it knows of bad pairs goes with it.
func (st *state) endEdit(i int) {
	s := &st.slots[i]
	if st.editOf(s) != nil {
		st.whole(i)
		st.pending[s.pending-1].edit = nil
		s.state &^= checked | misfit
	}
}

// whole returns a field's value as it is with the edit.
func (st *state) whole(i int) []byte {
	s := &st.slots[i]
	value := s.value.bytes()
	if e := st.editOf(s); e != nil {
		if with, changed := e.whole(value); changed {
			value = with
			s.value = spanOf(value)
			s.state &^= checked | misfit
		}
	}
	return value
}

// count returns what Max bounds.
func (st *state) count(i int) int {
	s := &st.slots[i]
	e := st.editOf(s)
	if e != nil && e.counts {
		return e.count
	}
	n := st.layout.fields[i].count(s.value.bytes())
	if e != nil {
		n += e.added
	}
	return n
}

// An Error says which field a record cannot take and why.
type Error struct {
	Field *Field
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("record: field %s: %v", e.Field.Name, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

// exceeds returns what is wrong with a field that has more than its Max.
func (st *state) exceeds(i int) error {
	f := &st.layout.fields[i]
	if f.Max == 0 || st.slots[i].value.absent() {
		return nil
	}
	n := st.count(i)
	if n <= f.Max {
		return nil
	}
	unit := "elements"
	if f.Type == String || f.Type == Bytes {
		unit = "bytes"
	}
	return &Error{Field: f, Err: fmt.Errorf("%d %s where at most %d are allowed", n, unit, f.Max)}
}
