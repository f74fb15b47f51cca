package record

import (
	"bytes"
	"math"
	"slices"
	"time"
)

// A field that renews the session says who somebody is or what he may do, and a guard asks whether it has a value.
// There the zero value of its type is none: setting it clears the field, and a stored one, which another binary has
// written, reads as absent. A slice, map or []byte that is empty is none either, nil or not.

// isNone reports whether a value of a field counts as none.
func (l *Layout) isNone(i int, value []byte) bool {
	return l.fields[i].Renew && slices.ContainsFunc(l.none[i], func(none []byte) bool { return bytes.Equal(none, value) })
}

// none returns the encoded values that count as none.
func (f *Field) none() (encoded [][]byte) {
	add := func(write func(*Writer)) {
		var w Writer
		write(&w)
		if w.err == nil {
			encoded = append(encoded, w.b)
		}
	}
	switch f.Type {
	case Bool:
		add(func(w *Writer) { w.Bool(false) })
	case Float32:
		add(func(w *Writer) { w.Float32(0) })
		add(func(w *Writer) { w.Float32(float32(math.Copysign(0, -1))) })
	case Float64:
		add(func(w *Writer) { w.Float64(0) })
		add(func(w *Writer) { w.Float64(math.Copysign(0, -1)) })
	case String:
		add(func(w *Writer) { w.String("") })
	case Bytes:
		add((*Writer).Nil)
		add(func(w *Writer) { w.Bytes([]byte{}) })
	case Time:
		add(func(w *Writer) { w.Time(time.Time{}) })
	case List:
		add((*Writer).Nil)
		add(func(w *Writer) { w.Array(0) })
	case Map:
		add((*Writer).Nil)
		add(func(w *Writer) { w.Map(0) })
	case Other:
		add(f.zero)
	default:
		add(func(w *Writer) { w.Int(0) })
	}
	return encoded
}

// zero writes the zero value of an Other, if its type can: a marshaller need not expect one.
func (f *Field) zero(w *Writer) {
	defer func() {
		if recover() != nil {
			w.err = errPanic
		}
	}()
	f.Zero(w) // which every generated table has; a panic too, if one has not
}
