package record

import (
	"bytes"
	"slices"

	"github.com/tinylib/msgp/msgp"
)

// OwnerKey is the key under which a session that has an owner says so, in the same record as its fields. No schema has
// a field of this key, so that every binary keeps what stands there, whatever its schema says. What it is, package
// session knows.
const OwnerKey = "sessiongen.owner"

// Owner returns the number of the field that says whose a session is, or -1.
func (l *Layout) Owner() int { return l.owner }

// Find returns the number of the field that is stored under a key, or -1.
func (l *Layout) Find(key string) int {
	return slices.IndexFunc(l.fields, func(f Field) bool { return f.Key == key })
}

// IsNone reports whether an encoded value of a field counts as none where it says whose a session is.
func (l *Layout) IsNone(i int, value []byte) bool {
	none := l.none[i]
	if !l.fields[i].Renew {
		none = l.fields[i].none()
	}
	return slices.ContainsFunc(none, func(none []byte) bool { return bytes.Equal(none, value) })
}

// Fits reports whether an encoded value is of a field's type.
func (l *Layout) Fits(i int, value []byte) bool { return l.fields[i].fits(value) }

// ValueOf returns the encoded value under a key of a record, or nil if there is none or, now, none any more.
func ValueOf(base []byte, key string, now int64) []byte {
	r := Reader{b: base}
	if base == nil {
		return nil
	}
	for range r.Struct() {
		k, raw := r.text(), r.Value()
		if r.err != nil {
			return nil
		}
		if string(k) != key {
			continue
		}
		c, err := openEnvelope(raw)
		if err != nil || c.deadline != 0 && now >= c.deadline {
			return nil
		}
		return c.value
	}
	return nil
}

// OwnerMark returns what stands under OwnerKey in a record, or nil.
func OwnerMark(base []byte) []byte {
	const never = 0 // it has no deadline
	value := ValueOf(base, OwnerKey, never)
	if value == nil {
		return nil
	}
	r := Reader{b: value}
	mark := r.raw()
	if !r.done() || len(mark) == 0 {
		return nil
	}
	return mark
}

// WithOwnerMark returns a record after a prefix of some bytes with another mark under OwnerKey, or with none.
func WithOwnerMark(plain []byte, prefix int, mark []byte) []byte {
	r := Reader{b: plain[prefix:]}
	n := r.Struct()
	pairs := make([]byte, 0, len(plain)+len(OwnerKey)+len(mark)+2*maxHeader)
	kept, placed := 0, mark == nil
	put := func() {
		pairs = msgp.AppendBytes(msgp.AppendString(pairs, OwnerKey), mark)
		placed = true
		kept++
	}
	for range n {
		before := r.b
		k := r.text()
		r.Skip()
		if r.err != nil {
			return plain // which is our own, and whole
		}
		if string(k) == OwnerKey {
			continue
		}
		if !placed && string(k) > OwnerKey {
			put()
		}
		pairs = append(pairs, before[:len(before)-len(r.b)]...)
		kept++
	}
	if !placed {
		put()
	}
	out := append(make([]byte, 0, prefix+maxHeader+len(pairs)), plain[:prefix]...)
	return append(msgp.AppendMapHeader(out, uint32(kept)), pairs...)
}

// Owned reports whether the record that the fields were opened from, or last committed to, says whose it is.
func (w Work) Owned() bool {
	w.f.mu.Lock()
	defer w.f.mu.Unlock()
	return w.f.owned
}

// Holds reports whether a field has a value now. It tells nobody of one that does not fit.
func (w Work) Holds(i int) bool {
	has, _ := w.f.has(i)
	return has
}

// Touch reports whether the changes are of a field, among others.
func (c Changes) Touch(i int) bool {
	return slices.ContainsFunc(c.ops, func(o op) bool { return int(o.field) == i })
}
