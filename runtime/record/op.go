package record

import (
	"math"
)

type opKind uint8

const (
	opSet    opKind = iota + 1 // value replaces the field's
	opClear                    // the field becomes absent
	opAdd                      // n is added to an integer
	opAppend                   // value is n elements, added to a list
	opPut                      // key and value, put into a map
	opDelete                   // key, deleted from a map; n is 1 if a put of it came before, which made the field present
)

// An op is one thing that a handler did to one field. Its bytes never change once it is on the log. A form of thousands
// of fields is as many ops: they are kept small.
type op struct {
	pair        // of a put or a delete; else a value alone
	at    int64 // Unix nanoseconds of the handler's call, from which a ttl counts; 0 where no time matters
	n     uint64
	field int32
	kind  opKind
}

// A pair is an encoded key and its value, one behind the other: without a value where the key is deleted.
type pair struct {
	encoded []byte
	keyLen  uint32
}

func (p *pair) key() []byte { return p.encoded[:p.keyLen:p.keyLen] }

// value returns nil if there is none.
func (p *pair) value() []byte {
	if int(p.keyLen) == len(p.encoded) {
		return nil
	}
	return p.encoded[p.keyLen:]
}

// Changes are what a handler did to a session since it was loaded or saved, in order.
type Changes struct {
	ops   []op
	begin int // the number of the Begin that handed them out
}

// Empty reports whether there are none.
func (c Changes) Empty() bool { return len(c.ops) == 0 }

// Repeatable reports whether replaying the changes twice does no more than replaying them once. Add and append do more.
func (c Changes) Repeatable() bool {
	for i := range c.ops {
		if c.ops[i].kind == opAdd || c.ops[i].kind == opAppend {
			return false
		}
	}
	return true
}

// Renews reports whether the changes touch a field that renews the session's id.
func (c Changes) Renews(l *Layout) bool {
	for i := range c.ops {
		if l.fields[c.ops[i].field].Renew {
			return true
		}
	}
	return false
}

// needsOld reports whether the op's outcome depends on what is in the slot.
func (o *op) needsOld(f *Field) bool {
	return o.kind != opClear && (o.kind != opSet || f.Shape != nil)
}

// anew reports whether what the field had before does not matter any more, apart from members that are not known.
func (o *op) anew() bool { return o.kind == opSet || o.kind == opClear }

// weight is how many bytes the op keeps in memory.
func (o *op) weight() int { return len(o.encoded) }

var emptyList, emptyMap = []byte{fixarray}, []byte{fixmap}

// do does an op, which stands in the log at a place, to the slot of its field, whatever is in it: at the handler's call
// on the session's own fields, at Save on the record that turned out to be in the store. Both times the clock stands at
// the handler's call. A stored value that does not fit counts as absent; a value that this binary has made of it since
// does fit.
func (st *state) do(o *op, at int) {
	f, s := &st.layout.fields[o.field], &st.slots[o.field]
	i := int(o.field)
	live := o.needsOld(f) && !s.value.absent() && !s.expired(o.at) && (s.state&dirty != 0 || st.fits(i))
	if o.kind == opDelete && o.n == 0 && !live {
		return // nothing to delete; a value that does not fit stays
	}
	if !live {
		st.replace(i, nil)
	}
	switch o.kind {
	case opSet:
		st.replace(i, f.Shape.merge(st.whole(i), o.encoded))
		s.deadline = f.deadline(o.at)
	case opClear:
		st.replace(i, nil)
	case opAdd:
		st.replace(i, addInteger(st.book().arena.take(scalarRoom), f.Type, s.value.bytes(), o.n))
	case opAppend:
		s.begin(emptyList)
		st.editing(i).append(int(o.n), o.encoded)
	case opPut:
		s.begin(emptyMap)
		p := o.pair
		if f.Shape != nil {
			value := f.Shape.Values.merge(st.editing(i).lookup(s.value.bytes(), p.key()), p.value())
			p.encoded = append(p.key(), value...)
		}
		st.editing(i).put(s.value.bytes(), p, at)
	case opDelete:
		if o.n > 0 {
			s.begin(emptyMap)
		}
		st.editing(i).put(s.value.bytes(), o.pair, at)
		if f.Renew && st.editOf(s).count == 0 {
			st.replace(i, nil) // an empty one is none: see isNone
		}
	}
	if !live && !s.value.absent() {
		s.deadline = f.deadline(o.at)
	}
	s.state |= dirty
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
