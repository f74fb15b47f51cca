package record

import (
	"cmp"
	"encoding"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// A Writer appends MessagePack values to a buffer. A value whose own marshaller fails leaves a nil and the first such
// error behind.
type Writer struct {
	b   []byte
	err error

	fields *Fields // whose lock is held; nil: none is
	from   int     // b is an op's up to here
}

// NewWriter returns a Writer that appends to b.
func NewWriter(b []byte) *Writer { return &Writer{b: b} }

// Reset makes the Writer append to b and forget its error.
func (w *Writer) Reset(b []byte) { w.b, w.err = b, nil }

// Encoded returns the buffer, and what a marshaller failed with.
func (w *Writer) Encoded() ([]byte, error) { return w.b, w.err }

func (w *Writer) Bool(v bool)       { w.b = msgp.AppendBool(w.b, v) }
func (w *Writer) Int8(v int8)       { w.b = msgp.AppendInt64(w.b, int64(v)) }
func (w *Writer) Int16(v int16)     { w.b = msgp.AppendInt64(w.b, int64(v)) }
func (w *Writer) Int32(v int32)     { w.b = msgp.AppendInt64(w.b, int64(v)) }
func (w *Writer) Uint(v uint)       { w.b = msgp.AppendUint64(w.b, uint64(v)) }
func (w *Writer) Uint8(v uint8)     { w.b = msgp.AppendUint64(w.b, uint64(v)) }
func (w *Writer) Uint16(v uint16)   { w.b = msgp.AppendUint64(w.b, uint64(v)) }
func (w *Writer) Uint32(v uint32)   { w.b = msgp.AppendUint64(w.b, uint64(v)) }
func (w *Writer) Uint64(v uint64)   { w.b = msgp.AppendUint64(w.b, v) }
func (w *Writer) Float32(v float32) { w.b = msgp.AppendFloat32(w.b, v) }
func (w *Writer) Float64(v float64) { w.b = msgp.AppendFloat64(w.b, v) }

// Int writes an integer in as few bytes as it needs.
func (w *Writer) Int(v int) {
	if uint(v) <= maxFixint {
		w.b = append(w.b, byte(v))
		return
	}
	w.b = msgp.AppendInt64(w.b, int64(v))
}

// Int64 writes an integer in as few bytes as it needs.
func (w *Writer) Int64(v int64) {
	if uint64(v) <= maxFixint {
		w.b = append(w.b, byte(v))
		return
	}
	w.b = msgp.AppendInt64(w.b, v)
}

// String writes a string. It is short enough to be compiled into its callers.
func (w *Writer) String(v string) {
	if len(v) <= maxFixstr {
		w.b = append(append(w.b, fixstr|byte(len(v))), v...)
	} else {
		w.longString(v)
	}
}

//go:noinline // or String would be too long
func (w *Writer) longString(v string) { w.b = msgp.AppendString(w.b, v) }

// Bytes writes a []byte; nil stays nil.
func (w *Writer) Bytes(v []byte) {
	switch {
	case v == nil:
		w.Nil()
	case len(v) <= maxBin8:
		w.b = append(append(w.b, bin8, byte(len(v))), v...)
	default:
		w.b = msgp.AppendBytes(w.b, v)
	}
}

// Time writes the instant, to the nanosecond. The location and the monotonic reading are not kept.
func (w *Writer) Time(v time.Time) { w.b = appendTime(w.b, v) }

// appendTime appends MessagePack's timestamp extension, in the shortest of its three forms.
func appendTime(b []byte, t time.Time) []byte {
	const timestamp = 0xff // type -1
	sec, nsec := t.Unix(), uint32(t.Nanosecond())
	switch {
	case uint64(sec)>>34 != 0: // before 1970 or after 2514: timestamp 96
		b = binary.BigEndian.AppendUint32(append(b, 0xc7, 12, timestamp), nsec)
		return binary.BigEndian.AppendUint64(b, uint64(sec))
	case nsec == 0 && uint64(sec)>>32 == 0:
		return binary.BigEndian.AppendUint32(append(b, 0xd6, timestamp), uint32(sec))
	default:
		return binary.BigEndian.AppendUint64(append(b, 0xd7, timestamp), uint64(nsec)<<34|uint64(sec))
	}
}

// Duration writes a duration.
func (w *Writer) Duration(v time.Duration) { w.b = msgp.AppendInt64(w.b, int64(v)) }

// Nil writes nil.
func (w *Writer) Nil() { w.b = msgp.AppendNil(w.b) }

// Array writes the header of a list of n elements.
func (w *Writer) Array(n int) {
	if n <= maxFixarray {
		w.b = append(w.b, fixarray|byte(n))
	} else {
		w.longArray(n)
	}
}

//go:noinline // or Array would be too long
func (w *Writer) longArray(n int) { w.b = msgp.AppendArrayHeader(w.b, uint32(n)) }

// Map writes the header of a map of n pairs, or of a struct of n members.
func (w *Writer) Map(n int) {
	if n <= maxFixmap {
		w.b = append(w.b, fixmap|byte(n))
	} else {
		w.longMap(n)
	}
}

//go:noinline // or Map would be too long
func (w *Writer) longMap(n int) { w.b = msgp.AppendMapHeader(w.b, uint32(n)) }

// Key writes the key of a struct's member, of at most 31 bytes: short enough to be compiled into generated code, where
// all but the copying falls away. A longer key is written as the String that it is.
//
// Members stand in ascending order of their keys, and none is left out: that a key is missing means that the struct
// which was written did not know it (see Shape).
func (w *Writer) Key(key string) {
	w.b = append(w.b, fixstr|byte(len(key)))
	w.b = append(w.b, key...)
}

// StartSlice writes what stands before the elements of a slice, and returns them, to be written next; nil stays nil.
func StartSlice[S ~[]E, E any](w *Writer, s S) S {
	if s == nil {
		w.Nil()
	} else {
		w.Array(len(s))
	}
	return s
}

// WriteMap writes a map in ascending order of its keys, so that equal maps are equal bytes; nil stays nil.
func WriteMap[M ~map[K]V, K cmp.Ordered, V any](w *Writer, m M, key func(*Writer, K), value func(*Writer, V)) {
	if m == nil {
		w.Nil()
		return
	}
	w.Map(len(m))
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range keys {
		key(w, k)
		value(w, m[k])
	}
}

var errSameText = errors.New("record: two keys of a map have one text")

// WriteTextMap writes a map whose keys are written as strings, in ascending order of these; nil stays nil. Keys that
// differ only in what their text leaves out (the location of a time) are an error: one of their values would be lost.
func WriteTextMap[M ~map[K]V, K comparable, V any](w *Writer, m M, key func(*Writer, K), value func(*Writer, V)) {
	if m == nil {
		w.Nil()
		return
	}
	type pair struct {
		key   []byte
		value V
	}
	pairs := make([]pair, 0, len(m))
	keys := Writer{fields: w.fields}
	for k, v := range m {
		from := len(keys.b)
		key(&keys, k)
		pairs = append(pairs, pair{keys.b[from:len(keys.b):len(keys.b)], v})
	}
	slices.SortFunc(pairs, func(a, b pair) int { return compareKeys(a.key, b.key) })
	for i := 1; i < len(pairs) && keys.err == nil; i++ {
		if compareKeys(pairs[i-1].key, pairs[i].key) == 0 {
			keys.err = errSameText
		}
	}
	if w.err == nil {
		w.err = keys.err
	}
	w.Map(len(m))
	for _, p := range pairs {
		w.b = append(w.b, p.key...)
		value(w, p.value)
	}
}

// WritePointer writes what p points to, or nil.
func WritePointer[E any](w *Writer, p *E, elem func(*Writer, E)) {
	if p == nil {
		w.Nil()
		return
	}
	elem(w, *p)
}

// WriteBinary writes what the value's own MarshalBinary returns.
func WriteBinary(w *Writer, v encoding.BinaryMarshaler) {
	w.leave()
	defer w.enter()
	if b, err := v.MarshalBinary(); w.marshalled(err) {
		w.b = msgp.AppendBytes(w.b, b)
	}
}

// WriteText writes what the value's own MarshalText returns.
func WriteText(w *Writer, v encoding.TextMarshaler) {
	w.leave()
	defer w.enter()
	if b, err := v.MarshalText(); w.marshalled(err) {
		w.b = msgp.AppendStringFromBytes(w.b, b)
	}
}

// WriteJSON writes v as encoding/json encodes it.
func WriteJSON(w *Writer, v any) {
	w.leave()
	defer w.enter()
	if b, err := json.Marshal(v); w.marshalled(err) {
		w.b = msgp.AppendBytes(w.b, b)
	}
}

func (w *Writer) marshalled(err error) bool {
	if err == nil {
		return true
	}
	if w.err == nil {
		w.err = marshalError{err}
	}
	w.Nil()
	return false
}

// A marshalError is what a value's own marshaller failed with. Its text leaves the cause to Unwrap, since that may
// quote the value.
type marshalError struct{ cause error }

func (e marshalError) Error() string { return fmt.Sprintf("its marshaller failed with %T", e.cause) }
func (e marshalError) Unwrap() error { return e.cause }
