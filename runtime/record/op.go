package record

import (
	"math"

	"github.com/tinylib/msgp/msgp"
)

type opKind uint8

const (
	opSet    opKind = iota + 1 // value replaces the field's
	opClear                    // the field becomes absent
	opAdd                      // delta is added to an integer
	opAppend                   // value is count elements, added to a list
	opPut                      // key and value, put into a map
	opDelete                   // key, deleted from a map
)

// An op is one thing that a handler did to one field. Its bytes never change once it is on the log.
type op struct {
	kind  opKind
	field int
	count int
	delta uint64
	key   []byte
	value []byte
	at    int64 // Unix nanoseconds of the handler's call, from which a ttl counts; 0 where no time matters
}

// Changes are what a handler did to a session since it was loaded or saved, in order.
type Changes []op

// Repeatable reports whether replaying the changes twice does no more than replaying them once. Add and append do more.
func (c Changes) Repeatable() bool {
	for i := range c {
		if c[i].kind == opAdd || c[i].kind == opAppend {
			return false
		}
	}
	return true
}

// Renews reports whether the changes touch a field that renews the session's id.
func (c Changes) Renews(l *Layout) bool {
	for i := range c {
		if l.fields[c[i].field].Renew {
			return true
		}
	}
	return false
}

// needsOld reports whether the op's outcome depends on what is in the slot.
func (o *op) needsOld(f *Field) bool {
	return o.kind != opClear && (o.kind != opSet || f.Shape != nil)
}

// apply does the op to the slot of its field, whatever is in it: at the handler's call on the session's own fields, at
// Save on the record that turned out to be in the store. Both times the clock stands at the handler's call. An old value
// that does not fit counts as absent.
func (o *op) apply(f *Field, s *Slot, room *arena) {
	var old []byte
	if o.needsOld(f) && !s.expired(o.at) && s.fits(f) {
		old = s.value
	}
	next := Slot{stored: s.stored, state: s.state&logged | dirty}
	switch {
	case o.kind == opClear:
	case o.kind == opDelete && old == nil:
		return // nothing to delete; a value that does not fit stays
	case o.kind == opSet || old == nil:
		next.deadline = f.deadline(o.at)
	default:
		next.deadline = s.deadline
	}
	switch o.kind {
	case opSet:
		next.value = f.Shape.merge(old, o.value)
	case opAdd:
		next.value = addInteger(room.take(scalarRoom), f.Type, old, o.delta)
	case opAppend:
		next.value = appendElements(old, o.count, o.value)
	case opPut:
		next.value = putPair(f, old, o.key, o.value)
	case opDelete:
		next.value = deletePair(old, o.key)
	}
	*s = next
}

// addInteger adds as += does in the field's type: it wraps. The sum goes to b.
func addInteger(b []byte, t Type, old []byte, delta uint64) []byte {
	r := Reader{b: old}
	var v uint64
	if old != nil {
		_, v = r.integer()
	}
	v += delta
	w := Writer{b: b}
	switch t {
	case Int:
		w.Int(int(v))
	case Int8:
		w.Int8(int8(v))
	case Int16:
		w.Int16(int16(v))
	case Int32:
		w.Int32(int32(v))
	case Int64, Duration:
		w.Int64(int64(v))
	case Uint:
		w.Uint(uint(v))
	case Uint8:
		w.Uint8(uint8(v))
	case Uint16:
		w.Uint16(uint16(v))
	case Uint32:
		w.Uint32(uint32(v))
	default:
		w.Uint64(v)
	}
	return w.b
}

func appendElements(old []byte, count int, elements []byte) []byte {
	r := Reader{b: old}
	n, _ := r.Array()
	w := Writer{b: make([]byte, 0, 5+len(r.b)+len(elements))}
	w.Array(n + count)
	return append(append(w.b, r.b...), elements...)
}

func putPair(f *Field, old, key, value []byte) []byte {
	p := newPairs(old)
	n := p.left
	out := make([]byte, 0, len(old)+len(key)+len(value))
	put := false
	for p.advance(); p.ok; p.advance() {
		order := compareKeys(p.key, key)
		if order >= 0 && !put {
			put = true
			if order > 0 {
				n++
				out = append(append(out, key...), value...)
			} else {
				merged := value
				if f.Shape != nil {
					merged = f.Shape.Values.merge(p.value, value)
				}
				out = append(append(out, key...), merged...)
				continue
			}
		}
		out = append(append(out, p.key...), p.value...)
	}
	if !put {
		n++
		out = append(append(out, key...), value...)
	}
	return append(msgp.AppendMapHeader(make([]byte, 0, 5+len(out)), uint32(n)), out...)
}

func deletePair(old, key []byte) []byte {
	p := newPairs(old)
	n := p.left
	if n == 0 {
		return old
	}
	out := make([]byte, 0, len(old))
	for p.advance(); p.ok; p.advance() {
		if compareKeys(p.key, key) == 0 {
			n--
			continue
		}
		out = append(append(out, p.key...), p.value...)
	}
	return append(msgp.AppendMapHeader(make([]byte, 0, 5+len(out)), uint32(n)), out...)
}

// deadline returns when a field that is set at some time reads as absent.
func (f *Field) deadline(at int64) int64 {
	switch {
	case f.TTL == 0:
		return 0
	case at > math.MaxInt64-int64(f.TTL):
		return math.MaxInt64
	default:
		return at + int64(f.TTL)
	}
}
