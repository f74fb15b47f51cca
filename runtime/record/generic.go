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
	v := s.value
	if v != nil && s.deadline != 0 && s.expired(f.env.Now().UnixNano()) {
		v = nil
	}
	s.state &^= reusable
	f.mu.Unlock()
	return v
}

// Set encodes a value. If the type's own marshaller fails, the field keeps what it has and Begin reports the error.
func Set[T any](f *Fields, i int, v T, write func(*Writer, T)) {
	value, err := encode(f, v, write)
	if f.lockUnless(i, err) {
		f.set(i, value, 0)
	}
}

// Append adds elements to the end of a list, beside those that other requests append.
func Append[E any](f *Fields, i int, elements []E, write func(*Writer, E)) {
	if len(elements) == 0 {
		return
	}
	value, err := encode(f, elements, func(w *Writer, elements []E) {
		for _, e := range elements {
			write(w, e)
		}
	})
	if f.lockUnless(i, err) {
		f.append(op{kind: opAppend, field: i, count: len(elements), value: value})
		f.mu.Unlock()
	}
}

// Lookup decodes the value under one key of a map. A key whose marshaller fails is under none.
func Lookup[K, V any](f *Fields, i int, k K, write func(*Writer, K), read func(*Reader) V) (v V, ok bool) {
	if !f.Has(i) {
		return v, false
	}
	key, err := encode(f, k, write)
	if err != nil {
		return v, false
	}
	p := newPairs(f.value(i))
	for p.advance(); p.ok; p.advance() {
		if compareKeys(p.key, key) == 0 {
			return Decode(f, i, p.value, read)
		}
	}
	return v, false
}

// Put sets the value under one key of a map and leaves the other keys to other requests. If a marshaller fails, the field
// keeps what it has and Begin reports the error.
func Put[K, V any](f *Fields, i int, k K, v V, writeKey func(*Writer, K), write func(*Writer, V)) {
	key, err := encode(f, k, writeKey)
	var value []byte
	if err == nil {
		value, err = encode(f, v, write)
	}
	if f.lockUnless(i, err) {
		o := op{kind: opPut, field: i, key: key, value: value}
		f.supersede(o)
		f.append(o)
		f.mu.Unlock()
	}
}

// Delete removes one key of a map. An error of the key's marshaller is as in Put.
func Delete[K any](f *Fields, i int, k K, write func(*Writer, K)) {
	key, err := encode(f, k, write)
	if f.lockUnless(i, err) {
		o := op{kind: opDelete, field: i, key: key}
		f.supersede(o)
		f.append(o)
		f.mu.Unlock()
	}
}

// encode returns what write makes of a value, in memory of its own.
func encode[T any](f *Fields, v T, write func(*Writer, T)) ([]byte, error) {
	w, ok := f.layout.writers.Get().(*Writer)
	if !ok {
		w = new(Writer)
	}
	w.Reset(w.b[:0])
	write(w, v)
	value, err := bytes.Clone(w.b), w.err
	if cap(w.b) <= maxPooled {
		f.layout.writers.Put(w)
	}
	return value, err
}

const maxPooled = 64 << 10 // a rare giant is not to stay

// lockUnless takes the lock if there is no error, and remembers the error if there is one.
func (f *Fields) lockUnless(i int, err error) bool {
	f.mu.Lock()
	if err == nil {
		return true
	}
	if f.failed == nil {
		f.failed = make(map[int]error)
	}
	f.failed[i] = err
	f.mu.Unlock()
	return false
}
