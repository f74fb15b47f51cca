package record

import (
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// A Slot is where one field's value lies. A generated session holds an array of them, so that loading allocates nothing
// but the session itself. Slots are for this package alone.
type Slot struct {
	value    []byte // encoded; nil: absent
	edit     *edit  // changes that are not in value yet; nil: none
	deadline int64  // Unix nanoseconds from which it reads as absent; 0: none
	stored   uint8  // under how many keys the field stands in the record that was scanned
	state    slotState

	pending // the field's ops on the log
}

// pending is what Fields remember of a field that has changed since the last Save. Its zero value: it has not.
type pending struct {
	newest int32 // the field's newest op is the one before this place on the log
	since  int32 // ops of the field before this place are forgotten
	weight int   // of its ops
	anew   bool  // one of them is a set or a clear
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
		if !f.fits(s.value) && !(s.state&dirty != 0 && f.Type == Map && s.editing(f).suspect(f, s.value)) {
			s.state |= misfit
		}
	}
	if s.state&misfit != 0 {
		return false
	}
	if s.edit == nil {
		return true
	}
	if !s.edit.prove(f) {
		s.state |= misfit
	}
	return s.state&misfit == 0 && s.edit.bad == 0
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
	if s.edit == nil {
		s.edit = new(edit)
		if (f.Max > 0 || f.Renew) && f.Type == Map {
			s.edit.counts, s.edit.count = true, f.count(s.value)
		}
	}
	return s.edit
}

// endEdit ends the edit, if there is one. What it knows of bad pairs goes with it.
func (s *Slot) endEdit() {
	if s.edit != nil {
		s.whole()
		s.edit = nil
		s.state &^= checked | misfit
	}
}

// whole returns the value as it is with the edit.
func (s *Slot) whole() []byte {
	if s.edit != nil {
		if value, changed := s.edit.whole(s.value); changed {
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

// An Error says which field a record cannot take and why.
type Error struct {
	Field *Field
	Err   error
}

func (e *Error) Error() string { return fmt.Sprintf("record: field %s: %v", e.Field.Name, e.Err) }

func (e *Error) Unwrap() error { return e.Err }

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
