package record

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/tinylib/msgp/msgp"
)

// A Slot is where one field's value lies. A generated session holds an array of them, so that loading allocates nothing
// but the session itself. Slots are for this package alone.
type Slot struct {
	value    []byte // encoded; nil: absent
	deadline int64  // Unix nanoseconds from which it reads as absent; 0: none
	stored   uint8  // under how many keys the field stands in the record that was scanned
	state    slotState
}

type slotState uint8

const (
	dirty    slotState = 1 << iota // differs from the record that was scanned
	logged                         // the log has an op of this field
	checked                        // fit is known
	misfit                         // the value is not of the field's type
	reported                       // ... and the logger has been told
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
	return s.state&misfit == 0
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

var (
	errOrder    = errors.New("record: keys are not in ascending order")
	errTrailing = errors.New("record: bytes after the end")
)

// scan remembers where each field lies in a record. It decodes nothing and allocates nothing.
func (st *state) scan(base []byte) error {
	st.base = base
	st.unknown = 0
	clear(st.slots)
	if base == nil {
		return nil
	}
	r := Reader{b: base}
	n := r.Struct()
	keys := st.layout.keys
	var last []byte
	renamed := false
	for i := range n {
		key := r.text()
		raw := r.Value()
		if r.err != nil {
			return r.err
		}
		if i > 0 && bytes.Compare(last, key) >= 0 {
			return errOrder
		}
		last = key
		for len(keys) > 0 && keys[0].key < string(key) {
			keys = keys[1:]
		}
		if len(keys) == 0 || keys[0].key != string(key) {
			st.unknown++
			continue
		}
		c, err := openEnvelope(raw)
		if err != nil {
			return err
		}
		s := &st.slots[keys[0].field]
		s.stored++
		if keys[0].old {
			renamed = true
		} else {
			s.value, s.deadline = c.value, c.deadline
			renamed = renamed || c.older > 0
		}
	}
	if !r.done() {
		if r.err != nil {
			return r.err
		}
		return errTrailing
	}
	if renamed {
		st.resolve()
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

// replay applies changes to a record that has been scanned, and checks what became of the fields that they touched.
func (st *state) replay(changes Changes, now int64) error {
	for i := range changes {
		o := &changes[i]
		o.apply(&st.layout.fields[o.field], &st.slots[o.field], &st.arena)
	}
	for i := range changes {
		f, s := &st.layout.fields[changes[i].field], &st.slots[changes[i].field]
		if f.Max == 0 || s.value == nil {
			continue
		}
		if n := f.count(s.value); n > f.Max {
			unit := "elements"
			if f.Type == String || f.Type == Bytes {
				unit = "bytes"
			}
			return &Error{Field: f, Err: fmt.Errorf("%d %s where at most %d are allowed", n, unit, f.Max)}
		}
	}
	return nil
}

// encode returns the record after a prefix, in fresh bytes: changed fields from their slots, everything else copied byte
// for byte. What has expired by now is left out.
func (st *state) encode(prefix []byte, now int64) []byte {
	n, room := st.unknown, len(prefix)+len(st.base)+maxHeader
	for i := range st.slots {
		n += st.keysOf(i, now)
		room += st.roomOf(i)
	}
	b := append(make([]byte, 0, room), prefix...)
	b = msgp.AppendMapHeader(b, uint32(n))
	r := Reader{b: st.base}
	keys := st.layout.keys
	left := 0
	if st.base != nil {
		left = r.Struct()
	}
	for ; left > 0; left-- {
		start := r.b
		key := r.text()
		r.Skip()
		pair := start[:len(start)-len(r.b)]
		for len(keys) > 0 && keys[0].key < string(key) {
			b = st.appendChanged(b, keys[0], now)
			keys = keys[1:]
		}
		if len(keys) == 0 || keys[0].key != string(key) {
			b = append(b, pair...)
			continue
		}
		if s := &st.slots[keys[0].field]; s.state&dirty == 0 && !s.expired(now) {
			b = append(b, pair...)
		} else {
			b = st.appendChanged(b, keys[0], now)
		}
		keys = keys[1:]
	}
	for _, k := range keys {
		b = st.appendChanged(b, k, now)
	}
	return b
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
func (st *state) appendChanged(b []byte, k layoutKey, now int64) []byte {
	s := &st.slots[k.field]
	if s.state&dirty == 0 || s.value == nil || s.expired(now) {
		return b
	}
	c := content{value: s.value, deadline: s.deadline, copy: k.old}
	if !k.old {
		c.older = len(st.layout.fields[k.field].Was)
	}
	return c.append(msgp.AppendString(b, k.key))
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
