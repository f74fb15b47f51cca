package record

import (
	"encoding"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"
)

// A Reader reads MessagePack values one after the other. The first value that is not what was asked for stops it: from
// then on every method returns a zero value, and containers are empty. Generated code therefore asks no method for an
// error; whoever made the Reader asks once.
//
// Strings that it returns share memory with the record, whose bytes are never written again.
type Reader struct {
	b   []byte
	err error
}

// NewReader returns a Reader of b, which must not change as long as a string that was read from it lives.
func NewReader(b []byte) *Reader { return &Reader{b: b} }

// Err returns what stopped the Reader.
func (r *Reader) Err() error { return r.err }

// Fail stops the Reader: a value was well-formed but is none of its type.
func (r *Reader) Fail(err error) {
	if r.err == nil {
		r.err = err
		r.b = nil
	}
}

func (r *Reader) done() bool { return r.err == nil && len(r.b) == 0 }

// next keeps what one of msgp's functions left over.
func (r *Reader) next(rest []byte, err error) bool {
	if err != nil {
		r.Fail(err)
		return false
	}
	r.b = rest
	return true
}

// Bool reads a bool.
func (r *Reader) Bool() bool {
	v, rest, err := msgp.ReadBoolBytes(r.b)
	return r.next(rest, err) && v
}

// Int64 reads a signed integer, and any unsigned one that it can hold.
func (r *Reader) Int64() int64 {
	v, rest, err := msgp.ReadInt64Bytes(r.b)
	if !r.next(rest, err) {
		return 0
	}
	return v
}

// Uint64 reads an unsigned integer, and any signed one that is not negative.
func (r *Reader) Uint64() uint64 {
	v, rest, err := msgp.ReadUint64Bytes(r.b)
	if !r.next(rest, err) {
		return 0
	}
	return v
}

var errRange = errors.New("record: integer out of range")

func (r *Reader) signed(size int) int64 {
	v := r.Int64()
	if v != v<<(64-size)>>(64-size) {
		r.Fail(errRange)
		return 0
	}
	return v
}

func (r *Reader) unsigned(size int) uint64 {
	v := r.Uint64()
	if v != v<<(64-size)>>(64-size) {
		r.Fail(errRange)
		return 0
	}
	return v
}

// The integers of each size. A value that the type cannot hold does not fit.

func (r *Reader) Int() int       { return int(r.signed(bits.UintSize)) }
func (r *Reader) Int8() int8     { return int8(r.signed(8)) }
func (r *Reader) Int16() int16   { return int16(r.signed(16)) }
func (r *Reader) Int32() int32   { return int32(r.signed(32)) }
func (r *Reader) Uint() uint     { return uint(r.unsigned(bits.UintSize)) }
func (r *Reader) Uint8() uint8   { return uint8(r.unsigned(8)) }
func (r *Reader) Uint16() uint16 { return uint16(r.unsigned(16)) }
func (r *Reader) Uint32() uint32 { return uint32(r.unsigned(32)) }

// Float32 reads a float of 32 bits. One of 64 bits does not fit: it would lose digits.
func (r *Reader) Float32() float32 {
	v, rest, err := msgp.ReadFloat32Bytes(r.b)
	if !r.next(rest, err) {
		return 0
	}
	return v
}

// Float64 reads a float of 64 or 32 bits.
func (r *Reader) Float64() float64 {
	v, rest, err := msgp.ReadFloat64Bytes(r.b)
	if !r.next(rest, err) {
		return 0
	}
	return v
}

// The leads of MessagePack's shortest headers: positive fixint, fixmap, fixarray, fixstr and bin 8.
const (
	maxFixint   = 0x7f
	fixmap      = 0x80
	maxFixmap   = 15
	fixarray    = 0x90
	maxFixarray = 15
	fixstr      = 0xa0
	fixstrMask  = 0xe0
	maxFixstr   = 31
	bin8        = 0xc4
	maxBin8     = 255
)

// readText reads a string without copying it.
func readText(b []byte) (v, rest []byte, err error) {
	if len(b) > 0 && b[0]&fixstrMask == fixstr { // most strings are short
		if n := 1 + int(b[0]&maxFixstr); n <= len(b) {
			return b[1:n:n], b[n:], nil
		}
	}
	return msgp.ReadStringZC(b)
}

func (r *Reader) text() []byte {
	v, rest, err := readText(r.b)
	if !r.next(rest, err) {
		return nil
	}
	return v
}

// String reads a string. It shares the record's memory and copies nothing.
func (r *Reader) String() string {
	v := r.text()
	return unsafe.String(unsafe.SliceData(v), len(v))
}

// Key reads a key of a stored struct, good for a switch.
func (r *Reader) Key() string { return r.String() }

// raw reads a []byte without copying it; nil stays nil.
func (r *Reader) raw() []byte {
	if r.Nil() {
		return nil
	}
	v, rest, err := msgp.ReadBytesZC(r.b)
	if !r.next(rest, err) {
		return nil
	}
	return v
}

// Bytes reads a []byte into fresh memory; nil stays nil.
func (r *Reader) Bytes() []byte {
	v := r.raw()
	if v == nil {
		return nil
	}
	return append(make([]byte, 0, len(v)), v...)
}

// readTime reads a time, in UTC.
func readTime(b []byte) (t time.Time, rest []byte, err error) {
	const timestamp64 = 0xd7ff // fixext 8 of type -1, as most times are written
	if len(b) >= 10 && binary.BigEndian.Uint16(b) == timestamp64 {
		v := binary.BigEndian.Uint64(b[2:])
		if nsec := int64(v >> 34); nsec < int64(time.Second) {
			return time.Unix(int64(v&(1<<34-1)), nsec).UTC(), b[10:], nil
		}
	}
	return msgp.ReadTimeUTCBytes(b)
}

// Time reads a time, in UTC.
func (r *Reader) Time() time.Time {
	v, rest, err := readTime(r.b)
	if !r.next(rest, err) {
		return time.Time{}
	}
	return v
}

// Duration reads a duration.
func (r *Reader) Duration() time.Duration { return time.Duration(r.Int64()) }

// Nil reports whether the next value is nil, and if so steps over it.
func (r *Reader) Nil() bool {
	if len(r.b) == 0 || !msgp.IsNil(r.b) {
		return false
	}
	r.b = r.b[1:]
	return true
}

// Skip steps over one value of any type.
func (r *Reader) Skip() { r.Value() }

// Value steps over one value of any type and returns its bytes.
func (r *Reader) Value() []byte {
	n, err := skip(r.b)
	if err != nil {
		r.Fail(err)
		return nil
	}
	v := r.b[:n:n]
	r.b = r.b[n:]
	return v
}

var errCount = errors.New("record: more elements announced than there are bytes")

// Array reads the header of a list and returns the number of its elements; ok is false for nil. The number is never
// larger than the bytes that are left.
func (r *Reader) Array() (n int, ok bool) {
	if r.Nil() {
		return 0, false
	}
	sz, rest, err := msgp.ReadArrayHeaderBytes(r.b)
	if !r.next(rest, err) {
		return 0, false
	}
	if uint64(sz) > uint64(len(rest)) {
		r.Fail(errCount)
		return 0, false
	}
	return int(sz), true
}

// Map reads the header of a map and returns the number of its pairs; ok is false for nil.
func (r *Reader) Map() (n int, ok bool) {
	if r.Nil() {
		return 0, false
	}
	return r.pairs()
}

// Struct reads the header of a stored struct and returns the number of its members.
func (r *Reader) Struct() int {
	n, _ := r.pairs()
	return n
}

func (r *Reader) pairs() (n int, ok bool) {
	sz, rest, err := msgp.ReadMapHeaderBytes(r.b)
	if !r.next(rest, err) {
		return 0, false
	}
	if 2*uint64(sz) > uint64(len(rest)) {
		r.Fail(errCount)
		return 0, false
	}
	return int(sz), true
}

// Fixed reads the header of an array of n elements; any other number does not fit.
func (r *Reader) Fixed(n int) {
	if m, ok := r.Array(); r.err == nil && (!ok || m != n) {
		r.Fail(fmt.Errorf("record: array of %d elements where %d are expected", m, n))
	}
}

// maxAhead is for how many elements room is made before the first has been read. They may be large in memory where one
// byte is enough to announce them.
const maxAhead = 1024

// ReadSlice reads a slice; nil stays nil.
func ReadSlice[S ~[]E, E any](r *Reader, elem func(*Reader) E) S {
	n, ok := r.Array()
	if !ok {
		return nil
	}
	s := make(S, 0, min(n, maxAhead))
	for range n {
		v := elem(r)
		if r.err != nil {
			return nil
		}
		s = append(s, v)
	}
	return s
}

// ReadMap reads a map; nil stays nil.
func ReadMap[M ~map[K]V, K comparable, V any](r *Reader, key func(*Reader) K, value func(*Reader) V) M {
	n, ok := r.Map()
	if !ok {
		return nil
	}
	m := make(M, min(n, maxAhead))
	for range n {
		k := key(r)
		v := value(r)
		if r.err != nil {
			return nil
		}
		m[k] = v
	}
	return m
}

// ReadPointer reads a pointer to a value, or nil.
func ReadPointer[E any](r *Reader, elem func(*Reader) E) *E {
	if r.Nil() {
		return nil
	}
	v := elem(r)
	return &v
}

// ReadBinary reads a value that its own UnmarshalBinary understands. A panic of that is as good as an error.
func ReadBinary(r *Reader, v encoding.BinaryUnmarshaler) {
	defer r.recovered()
	b := r.Bytes() // a copy: not every UnmarshalBinary makes one
	if r.err == nil {
		r.unmarshal(v.UnmarshalBinary(b))
	}
}

// ReadText reads a value that its own UnmarshalText understands. A panic of that is as good as an error.
func ReadText(r *Reader, v encoding.TextUnmarshaler) {
	defer r.recovered()
	b := append([]byte(nil), r.text()...)
	if r.err == nil {
		r.unmarshal(v.UnmarshalText(b))
	}
}

var errPanic = errors.New("record: marshaller or unmarshaller panicked")

// recovered is deferred around foreign code, which Fields run under their lock too.
func (r *Reader) recovered() {
	if recover() != nil {
		r.Fail(errPanic)
	}
}

func (r *Reader) unmarshal(err error) {
	if err != nil {
		r.Fail(err)
	}
}
