package record

import (
	"math"
	"time"
	"unsafe"

	"github.com/tinylib/msgp/msgp"
)

// This file is what generated accessors of the simple types call. Values are decoded and encoded under the lock, so
// that a setter may write where the last one wrote.

// read locks the fields and returns a value for decoding, nil if it is absent; end unlocks, and reports a value that
// could not be decoded. They are short enough to be compiled into each getter.
func (f *Fields) read(i int) []byte {
	f.mu.Lock()
	s := &f.slots[i]
	if s.deadline != 0 && f.late(s) {
		return nil
	}
	return s.value.bytes()
}

func (f *Fields) end(i int, value []byte, err error) {
	f.mu.Unlock()
	if err != nil && value != nil {
		f.tell(i)
	}
}

func (f *Fields) late(s *Slot) bool { return s.expired(f.now()) }

// now asks the clock, which is foreign code. It expects the lock, and gives it back if the clock does not return.
func (f *Fields) now() (at int64) {
	returned := false
	defer func() {
		if !returned {
			f.mu.Unlock()
		}
	}()
	at = f.env.Now().UnixNano()
	returned = true
	return at
}

// room returns an empty slice with capacity for n bytes: where the field's last value lies if nothing else points
// there, else from the arena. It expects the lock.
func (f *Fields) room(i, n int) []byte {
	if s := &f.slots[i]; s.state&reusable != 0 {
		if room := f.pendingOf(s).room; cap(room) >= n {
			return room[:0]
		}
	}
	return f.book().arena.take(n)
}

// set logs a new value of a field that has no Shape. It expects the lock and gives it back.
func (f *Fields) set(i int, value []byte, reuse slotState) {
	o := op{kind: opSet, field: int32(i), pair: pair{encoded: value}}
	if f.layout.fields[i].TTL != 0 {
		o.at = f.now()
	}
	if f.failed != nil {
		delete(f.failed, i)
	}
	f.push(o)
	s := &f.slots[i]
	f.pendingOf(s).room = value
	s.state |= reuse
	f.unlock()
}

// Has reports whether the field has a value: one of its type that has not reached its deadline.
func (f *Fields) Has(i int) bool {
	has, fits := f.has(i)
	if !fits {
		f.tell(i)
	}
	return has
}

// has is Has; fits is false if there is a value and it is not of the field's type.
func (f *Fields) has(i int) (has, fits bool) {
	f.mu.Lock()
	s, field := &f.slots[i], &f.layout.fields[i]
	switch {
	case s.value.absent(), s.deadline != 0 && f.late(s):
		f.mu.Unlock()
		return false, true
	case field.Check != nil:
		defer f.mu.Unlock()
		fits = f.fits(i)
		return fits, fits
	}
	fits = f.fits(i)
	f.mu.Unlock()
	return fits, fits
}

// Remove makes the field absent.
func (f *Fields) Remove(i int) {
	f.mu.Lock()
	delete(f.book().failed, i)
	f.push(op{kind: opClear, field: int32(i)})
	f.unlock()
}

// Add adds to a counter. A negative delta comes in two's complement.
func (f *Fields) Add(i int, delta uint64) {
	f.change(op{kind: opAdd, field: int32(i), n: delta}, nil)
}

func (f *Fields) Bool(i int) bool {
	b := f.read(i)
	v, _, err := msgp.ReadBoolBytes(b)
	f.end(i, b, err)
	return v
}

func (f *Fields) SetBool(i int, v bool) {
	f.mu.Lock()
	f.set(i, msgp.AppendBool(f.room(i, scalarRoom), v), reusable)
}

func (f *Fields) signed(i, size int) int64 {
	b := f.read(i)
	v, _, err := msgp.ReadInt64Bytes(b)
	if v != v<<(64-size)>>(64-size) {
		v, err = 0, errRange
	}
	f.end(i, b, err)
	return v
}

func (f *Fields) setSigned(i int, v int64) {
	f.mu.Lock()
	f.set(i, msgp.AppendInt64(f.room(i, scalarRoom), v), reusable)
}

func (f *Fields) unsigned(i, size int) uint64 {
	b := f.read(i)
	v, _, err := msgp.ReadUint64Bytes(b)
	if v != v<<(64-size)>>(64-size) {
		v, err = 0, errRange
	}
	f.end(i, b, err)
	return v
}

func (f *Fields) setUnsigned(i int, v uint64) {
	f.mu.Lock()
	f.set(i, msgp.AppendUint64(f.room(i, scalarRoom), v), reusable)
}

func (f *Fields) Int(i int) int                      { return int(f.signed(i, wordSize)) }
func (f *Fields) Int8(i int) int8                    { return int8(f.signed(i, 8)) }
func (f *Fields) Int16(i int) int16                  { return int16(f.signed(i, 16)) }
func (f *Fields) Int32(i int) int32                  { return int32(f.signed(i, 32)) }
func (f *Fields) Int64(i int) int64                  { return f.signed(i, 64) }
func (f *Fields) Duration(i int) time.Duration       { return time.Duration(f.signed(i, 64)) }
func (f *Fields) Uint(i int) uint                    { return uint(f.unsigned(i, wordSize)) }
func (f *Fields) Uint8(i int) uint8                  { return uint8(f.unsigned(i, 8)) }
func (f *Fields) Uint16(i int) uint16                { return uint16(f.unsigned(i, 16)) }
func (f *Fields) Uint32(i int) uint32                { return uint32(f.unsigned(i, 32)) }
func (f *Fields) Uint64(i int) uint64                { return f.unsigned(i, 64) }
func (f *Fields) SetInt(i int, v int)                { f.setSigned(i, int64(v)) }
func (f *Fields) SetInt8(i int, v int8)              { f.setSigned(i, int64(v)) }
func (f *Fields) SetInt16(i int, v int16)            { f.setSigned(i, int64(v)) }
func (f *Fields) SetInt32(i int, v int32)            { f.setSigned(i, int64(v)) }
func (f *Fields) SetInt64(i int, v int64)            { f.setSigned(i, v) }
func (f *Fields) SetDuration(i int, v time.Duration) { f.setSigned(i, int64(v)) }
func (f *Fields) SetUint(i int, v uint)              { f.setUnsigned(i, uint64(v)) }
func (f *Fields) SetUint8(i int, v uint8)            { f.setUnsigned(i, uint64(v)) }
func (f *Fields) SetUint16(i int, v uint16)          { f.setUnsigned(i, uint64(v)) }
func (f *Fields) SetUint32(i int, v uint32)          { f.setUnsigned(i, uint64(v)) }
func (f *Fields) SetUint64(i int, v uint64)          { f.setUnsigned(i, v) }

func (f *Fields) Float32(i int) float32 {
	b := f.read(i)
	v, _, err := msgp.ReadFloat32Bytes(b)
	f.end(i, b, err)
	return v
}

func (f *Fields) SetFloat32(i int, v float32) {
	f.mu.Lock()
	f.set(i, msgp.AppendFloat32(f.room(i, scalarRoom), v), reusable)
}

func (f *Fields) Float64(i int) float64 {
	b := f.read(i)
	v, _, err := msgp.ReadFloat64Bytes(b)
	f.end(i, b, err)
	return v
}

func (f *Fields) SetFloat64(i int, v float64) {
	f.mu.Lock()
	f.set(i, msgp.AppendFloat64(f.room(i, scalarRoom), v), reusable)
}

func (f *Fields) Time(i int) time.Time {
	b := f.read(i)
	v, _, err := readTime(b)
	f.end(i, b, err)
	return v
}

func (f *Fields) SetTime(i int, v time.Time) {
	f.mu.Lock()
	f.set(i, appendTime(f.room(i, scalarRoom), v), reusable)
}

// String returns a string that shares the record's memory, which therefore is not written again.
func (f *Fields) String(i int) string {
	b := f.read(i)
	v, _, err := readText(b)
	f.slots[i].state &^= reusable
	f.end(i, b, err)
	return unsafe.String(unsafe.SliceData(v), len(v))
}

func (f *Fields) SetString(i int, v string) {
	f.mu.Lock()
	if len(v) > math.MaxInt32 {
		v = v[:math.MaxInt32] // far above any MaxSize: Save refuses it
	}
	f.set(i, msgp.AppendString(f.room(i, len(v)+5), v), reusable)
}

// Bytes returns a copy.
func (f *Fields) Bytes(i int) []byte {
	b := f.read(i)
	r := Reader{b: b}
	v := r.Bytes()
	f.end(i, b, r.err)
	return v
}

func (f *Fields) SetBytes(i int, v []byte) {
	f.mu.Lock()
	w := Writer{b: f.room(i, len(v)+5)}
	w.Bytes(v)
	f.set(i, w.b, reusable)
}

// Value returns the value of a field of a simple type, as its getter does; nil for a field of any other.
func (f *Fields) Value(i int) any {
	switch f.layout.fields[i].Type {
	case Bool:
		return f.Bool(i)
	case Int:
		return f.Int(i)
	case Int8:
		return f.Int8(i)
	case Int16:
		return f.Int16(i)
	case Int32:
		return f.Int32(i)
	case Int64:
		return f.Int64(i)
	case Uint:
		return f.Uint(i)
	case Uint8:
		return f.Uint8(i)
	case Uint16:
		return f.Uint16(i)
	case Uint32:
		return f.Uint32(i)
	case Uint64:
		return f.Uint64(i)
	case Float32:
		return f.Float32(i)
	case Float64:
		return f.Float64(i)
	case String:
		return f.String(i)
	case Bytes:
		return f.Bytes(i)
	case Time:
		return f.Time(i)
	case Duration:
		return f.Duration(i)
	default:
		return nil
	}
}
