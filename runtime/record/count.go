package record

import "math"

// CountFrom adds to a counter in a record, on top of what BeginTake has handed out. It returns the sum, a negative one
// in two's complement, and after a prefix the record with it. Unlike Add it does not wrap: at the end of the field's
// type the sum stays there.
func (w Work) CountFrom(
	prefix, base []byte, i int, pending Changes, delta uint64,
) (sum uint64, counted []byte, err error) {
	f := w.f
	now := f.env.Now().UnixNano()
	st := f.layout.scratch()
	defer st.done()
	if err := st.scan(base); err != nil {
		return 0, nil, err
	}
	st.apply(pending.ops)
	field, s := &st.layout.fields[i], &st.slots[i]
	old := uint64(0)
	if !s.expired(now) && st.fits(i) {
		old = integerOf(s.value.bytes())
	}
	st.do(&op{kind: opAdd, field: int32(i), n: withinType(field.Type, old, delta), at: now}, 0)
	return integerOf(s.value.bytes()), st.encode(prefix, now), nil
}

func integerOf(value []byte) uint64 {
	r := Reader{b: value}
	_, v := r.integer()
	return v
}

// withinType returns as much of delta as can be added to an integer of a type without wrapping.
func withinType(t Type, old, delta uint64) uint64 {
	bits := 64
	switch t {
	case Int, Uint:
		bits = wordSize
	case Int8, Uint8:
		bits = 8
	case Int16, Uint16:
		bits = 16
	case Int32, Uint32:
		bits = 32
	}
	switch t {
	case Uint, Uint8, Uint16, Uint32, Uint64:
		return min(delta, math.MaxUint64>>(64-bits)-old)
	}
	high := int64(math.MaxInt64 >> (64 - bits))
	low := -high - 1
	switch a, b := int64(old), int64(delta); {
	case b > 0 && a > high-b:
		return uint64(high - a)
	case b < 0 && a < low-b:
		return uint64(low - a)
	}
	return delta
}
