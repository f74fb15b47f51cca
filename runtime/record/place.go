package record

import (
	"bytes"
	"slices"
)

// place finds a place for an op on the log, in the stead of what it makes pointless. That is
//
//   - all that was done to the field, for a set or a clear;
//   - for a put or a delete the op of the same key;
//   - where structs keep members that this binary does not know, for a set or a put the one before, if it has a struct
//     wherever this one has: what it would keep of another request's is then the same.
//
// An add goes on where the last one ended, and so does an append. Where the field has a deadline, all that is so of ops
// of one time alone.
func (f *Fields) place(o *op) int {
	field, s := &f.layout.fields[o.field], &f.slots[o.field]
	c := f.pendingOf(s)
	old := -1
	switch {
	case o.kind == opClear, o.kind == opSet && field.Shape == nil:
		old = int(c.newest) - 1
		f.forget(c)
		if old >= 0 {
			c.since = int32(old)
		}
	case c.newest == 0:
	case o.kind == opSet:
		if last := &f.log[c.newest-1]; last.kind == opSet && field.TTL == 0 && field.Shape.covers(last.encoded, o.encoded) {
			old = int(c.newest) - 1
			o.at = last.at
			f.weigh(c, -last.weight())
		}
	case o.kind == opAdd || o.kind == opAppend:
		if last := &f.log[c.newest-1]; last.kind == o.kind && s.timeless(last, o.at) {
			last.n += o.n
			if cap(last.encoded)-len(last.encoded) < len(o.encoded) {
				last.encoded = slices.Grow(last.encoded, len(last.encoded)+len(o.encoded))
			}
			last.encoded = append(last.encoded, o.encoded...)
			o.encoded = last.encoded[len(last.encoded)-len(o.encoded):]
			f.weigh(c, o.weight())
			return int(c.newest) - 1
		}
	case o.kind == opDelete && c.edit == nil: // of nothing, here; what is in the store may be more
		last := &f.log[c.newest-1]
		if last.kind == opDelete && string(last.key()) == string(o.key()) && s.timeless(last, o.at) {
			old = int(c.newest) - 1
			o.n = last.n
			f.weigh(c, -last.weight())
		}
	case c.edit != nil:
		n := c.edit.find(o.key())
		if n < 0 || c.edit.entries[n].at == noOp {
			break
		}
		at := int(c.edit.entries[n].at)
		before := &f.log[at]
		if !s.timeless(before, o.at) || field.Shape != nil && !field.Shape.Values.coversPut(before, o) {
			break
		}
		old = at
		if o.kind == opDelete && (before.kind == opPut || before.n > 0) {
			o.n = 1
		}
		f.weigh(c, -before.weight())
	}
	if o.kind == opAppend {
		o.encoded = bytes.Clone(o.encoded)
	}
	f.weigh(c, o.weight())
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

// timeless reports whether it makes no difference that an op which could be one with another comes later than that.
func (s *Slot) timeless(before *op, at int64) bool { return s.deadline == 0 || before.at == at }
