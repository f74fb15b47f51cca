package record

import (
	"bytes"
	"errors"
	"slices"
)

// Without returns what is left of a record without some fields, but for those that have in own exactly what they have
// in the record: base itself, if nothing is dropped. A nil own has nothing.
func (w Work) Without(base, own []byte, drop func(*Field) bool) ([]byte, error) {
	f := w.f
	now := f.env.Now().UnixNano()
	st, kept := f.layout.scratch(), f.layout.scratch()
	defer st.done()
	defer kept.done()
	if err := errors.Join(st.scan(base), kept.scan(own)); err != nil {
		return nil, err
	}
	dropped := false
	for i := range st.slots {
		if s := &st.slots[i]; s.stored > 0 && drop(&st.layout.fields[i]) && !s.same(&kept.slots[i]) {
			st.do(&op{kind: opClear, field: int32(i)}, 0)
			dropped = true
		}
	}
	if !dropped {
		return base, nil
	}
	return st.encode(nil, now), nil
}

// Own returns what the fields have that mine selects, as a record, if nobody but changes has ever changed them, and the
// changes that have made own before. It is own itself where they are not among the changes; nil to begin with.
func (w Work) Own(own []byte, changes Changes, mine func(*Field) bool) []byte {
	f := w.f
	selected := func(o op) bool { return mine(&f.layout.fields[o.field]) }
	if !slices.ContainsFunc(changes.ops, selected) {
		return own
	}
	st, now := f.layout.scratch(), f.env.Now().UnixNano()
	defer st.done()
	_ = st.scan(own) // our own bytes
	for i, o := range changes.ops {
		if selected(o) {
			st.do(&o, i)
		}
	}
	return st.encode(nil, now)
}

// same reports whether two slots of records that have just been scanned have the same value until the same time.
func (s *Slot) same(t *Slot) bool {
	return !s.value.absent() && bytes.Equal(s.value.bytes(), t.value.bytes()) && s.deadline == t.deadline
}
