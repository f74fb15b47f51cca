package record

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/tinylib/msgp/msgp"
)

// A Type tells how a field's value is encoded, as far as this package handles it without generated code.
type Type uint8

// The types that need nothing but their name, then those whose values generated code reads and writes.
const (
	Bool Type = iota + 1
	Int
	Int8
	Int16
	Int32
	Int64
	Uint
	Uint8
	Uint16
	Uint32
	Uint64
	Float32
	Float64
	String
	Bytes
	Time
	Duration

	List  // a slice: an array in MessagePack, or nil
	Map   // a Go map: a map in MessagePack, or nil
	Other // all else: structs, arrays, pointers, types with methods of their own
)

// A Field says how one field of a schema is stored. Generated code holds a table of them, in the order of the schema.
type Field struct {
	Name string   // in the schema
	Key  string   // in the store
	Was  []string // older keys that are still written, and read first
	Type Type

	Renew, Counter, Flash, Secret bool

	TTL   time.Duration // reads as absent so long after it was set; 0: never
	Max   int           // bytes or elements; 0: any
	Owner int           // it says whose a session is, who may have so many at a time; 0: it does not

	// Check reads a value of a List, Map or Other and drops it: whether the value fits is what the Reader says then.
	Check func(*Reader)

	// Zero writes the zero value of an Other that renews the session.
	Zero func(*Writer)

	// Shape is set where a struct lies within the value at a place that has a name: see Shape.
	Shape *Shape
}

// A Layout is a table of Fields made ready for scanning. It is safe for concurrent use.
type Layout struct {
	fields  []Field
	keys    []layoutKey // ascending
	renew   []int
	owner   int              // the field that says whose a session is; -1: none
	none    map[int][][]byte // of a field that renews the session: its values that count as none
	maxSize int              // of a record, in bytes; 0: any
	idle    sync.Pool        // *state
	writers sync.Pool        // *Writer
	lists   keyLists
}

type layoutKey struct {
	key     string
	encoded string
	field   int
	old     bool // an older key of the field
}

func newLayoutKey(key string, field int, old bool) layoutKey {
	return layoutKey{key: key, encoded: string(msgp.AppendString(nil, key)), field: field, old: old}
}

// NewLayout prepares a table that generated code wrote, for records of at most maxSize bytes, 0 for any. It reports
// keys that two fields share, which the generator never lets through.
func NewLayout(fields []Field, maxSize int) (*Layout, error) {
	l := &Layout{fields: fields, maxSize: maxSize, owner: -1, none: make(map[int][][]byte)}
	for i := range fields {
		l.keys = append(l.keys, newLayoutKey(fields[i].Key, i, false))
		if len(fields[i].Was) > maxOlder {
			return nil, fmt.Errorf("record: field %s has more than %d older keys", fields[i].Name, maxOlder)
		}
		for _, old := range fields[i].Was {
			l.keys = append(l.keys, newLayoutKey(old, i, true))
		}
		if fields[i].Owner > 0 {
			l.owner = i
		}
		if fields[i].Renew {
			l.renew = append(l.renew, i)
			l.none[i] = fields[i].none()
		}
	}
	slices.SortFunc(l.keys, func(a, b layoutKey) int { return strings.Compare(a.key, b.key) })
	for i := 1; i < len(l.keys); i++ {
		if l.keys[i-1].key == l.keys[i].key {
			return nil, fmt.Errorf("record: two fields share the key %q", l.keys[i].key)
		}
	}
	if slices.ContainsFunc(l.keys, func(k layoutKey) bool { return k.key == OwnerKey }) {
		return nil, fmt.Errorf("record: a field has the key %q, which is reserved", OwnerKey)
	}
	return l, nil
}

// Len returns the number of fields.
func (l *Layout) Len() int { return len(l.fields) }

// Field returns the i-th field of the schema. It is not to be changed.
func (l *Layout) Field(i int) *Field { return &l.fields[i] }

// fits reports whether an encoded value, not in an envelope, is one of the field's type.
func (f *Field) fits(value []byte) bool {
	r := Reader{b: value}
	switch f.Type {
	case Bool:
		r.Bool()
	case Int:
		r.Int()
	case Int8:
		r.Int8()
	case Int16:
		r.Int16()
	case Int32:
		r.Int32()
	case Int64, Duration:
		r.Int64()
	case Uint:
		r.Uint()
	case Uint8:
		r.Uint8()
	case Uint16:
		r.Uint16()
	case Uint32:
		r.Uint32()
	case Uint64:
		r.Uint64()
	case Float32:
		r.Float32()
	case Float64:
		r.Float64()
	case String:
		r.text()
	case Bytes:
		r.raw()
	case Time:
		r.Time()
	default:
		return f.check(value)
	}
	return r.done()
}

// check is apart from fits so that the Reader of the simple types stays off the heap.
func (f *Field) check(value []byte) bool {
	r := Reader{b: value}
	f.Check(&r)
	return r.done()
}

// count returns what Max bounds: bytes of a string or []byte, elements of a list or map.
func (f *Field) count(value []byte) int {
	r := Reader{b: value}
	switch f.Type {
	case String:
		return len(r.text())
	case Bytes:
		return len(r.raw())
	case List:
		n, _ := r.Array()
		return n
	case Map:
		n, _ := r.Map()
		return n
	default:
		return 0
	}
}
