package record

import (
	"bytes"
	"math/bits"
)

// This file is what generated accessors of all other types call, with the functions that read and write the type.

const wordSize = bits.UintSize

// Get decodes a field; the zero value if it is absent or does not fit.
func Get[T any](f *Fields, i int, read func(*Reader) T) T {
	v, _ := Decode(f, i, f.value(i), read)
	return v
}

// Decode decodes a value of a field that was taken from it; ok is false for none.
func Decode[T any](f *Fields, i int, value []byte, read func(*Reader) T) (v T, ok bool) {
	if value == nil {
		return v, false
	}
	r := Reader{b: value}
	v = read(&r)
	if !r.done() {
		f.tell(i)
		var zero T
		return zero, false
	}
	return v, true
}

// value returns the bytes of a field, which nobody overwrites from now on; nil if it is absent.
func (f *Fields) value(i int) []byte {
	f.mu.Lock()
	s := &f.slots[i]
	v := f.whole(i)
	if v != nil && s.deadline != 0 && f.late(s) {
		v = nil
	}
	s.state &^= reusable
	f.mu.Unlock()
	return v
}

// Set encodes a value. If the type's own marshaller fails, the field keeps what it has and Begin reports the error.
func Set[T any](f *Fields, i int, v T, write func(*Writer, T)) {
	value, err := encode(f, v, write)
	o := op{kind: opSet, field: int32(i), pair: pair{encoded: value}}
	if field := &f.layout.fields[i]; field.TTL != 0 || field.Shape != nil {
		o.at = f.env.Now().UnixNano()
	}
	f.mu.Lock()
	defer f.unlock()
	if err != nil {
		f.fail(i, &Error{Field: &f.layout.fields[i], Err: err})
		return
	}
	delete(f.book().failed, i)
	f.push(o)
}

// Append adds elements to the end of a list, beside those that other requests append. An error of a marshaller is as in
// Put. The elements are encoded under the lock, which is given up for a marshaller: see leave.
func Append[E any](f *Fields, i int, elements []E, write func(*Writer, E)) {
	if len(elements) == 0 {
		return
	}
	f.mu.Lock()
	defer f.unlock()
	w, c := f.behind(i)
	if w == nil {
		return
	}
	for _, e := range elements {
		write(w, e)
	}
	f.append(i, len(elements), w, c)
}

// Lookup decodes the value under one key of a map. A key whose marshaller fails is under none.
func Lookup[K, V any](f *Fields, i int, k K, write func(*Writer, K), read func(*Reader) V) (v V, ok bool) {
	if !f.Has(i) {
		return v, false
	}
	w := f.layout.writer()
	write(w, k)
	var value []byte
	if w.err == nil {
		value = f.lookup(i, w.b)
	}
	f.layout.recycle(w)
	return Decode(f, i, value, read)
}

// lookup returns what an encoded key has in a map. The first lookup walks through the map; the
// second builds a directory.
func (f *Fields) lookup(i int, key []byte) []byte {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	if s.value.absent() {
		return nil
	}
	if s.state&looked == 0 && f.editOf(s) == nil {
		s.state |= looked
		return find(s.value.bytes(), key)
	}
	return f.editing(i).lookup(s.value.bytes(), key)
}

// Put sets the value under one key of a map and leaves the other keys to other requests. If a marshaller fails, the
// field keeps what it has and Begin reports the error.
func Put[K, V any](f *Fields, i int, k K, v V, writeKey func(*Writer, K), write func(*Writer, V)) {
	w := f.layout.writer()
	writeKey(w, k)
	n := len(w.b)
	write(w, v)
	f.change(op{kind: opPut, field: int32(i), pair: pair{encoded: bytes.Clone(w.b), keyLen: uint32(n)}}, w.err)
	f.layout.recycle(w)
}

// Delete removes one key of a map. An error of the key's marshaller is as in Put.
func Delete[K any](f *Fields, i int, k K, write func(*Writer, K)) {
	key, err := encode(f, k, write)
	f.change(op{kind: opDelete, field: int32(i), pair: pair{encoded: key, keyLen: uint32(len(key))}}, err)
}

// change does an op that goes on from what the field has, unless the field takes none or the op has failed already.
func (f *Fields) change(o op, err error) {
	f.mu.Lock()
	defer f.unlock() // the clock and Check are foreign code
	i := int(o.field)
	switch {
	case err != nil:
		f.fail(i, &Error{Field: &f.layout.fields[i], Err: err})
	case !f.refuses(i):
		o.at = f.when(i)
		f.push(o)
	}
}

// when returns the time of an op on a field. Where neither the schema nor the record sets the field a deadline it is
// that of the op before: asking the clock takes as long as an append. Where the schema does, it is so for a thousandth
// of the ttl, so that the ops of a loop have one time and can be made one. It never goes back.
func (f *Fields) when(i int) int64 {
	ttl := f.layout.fields[i].TTL
	if f.book().clock != 0 && ttl == 0 && f.slots[i].deadline == 0 {
		return f.clock
	}
	if now := f.env.Now().UnixNano(); f.clock == 0 || now > f.clock+int64(ttl)/1000 {
		f.clock = now
	}
	return f.clock
}

// encode returns what write makes of a value, in memory of its own.
func encode[T any](f *Fields, v T, write func(*Writer, T)) ([]byte, error) {
	w := f.layout.writer()
	write(w, v)
	value, err := bytes.Clone(w.b), w.err
	f.layout.recycle(w)
	return value, err
}

// writer returns an empty Writer from the pool. One that is not recycled, because a marshaller has panicked, is
// garbage.
func (l *Layout) writer() *Writer {
	w, ok := l.writers.Get().(*Writer)
	if !ok {
		w = new(Writer)
	}
	w.Reset(w.b[:0])
	return w
}

func (l *Layout) recycle(w *Writer) {
	w.fields = nil
	if cap(w.b) <= maxPooled {
		l.writers.Put(w)
	}
}

const maxPooled = 64 << 10 // a buffer that one large value has grown is not kept
