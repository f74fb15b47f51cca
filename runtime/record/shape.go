package record

import "github.com/tinylib/msgp/msgp"

// A Shape says where structs lie within a value. A struct and a Go map are both maps in MessagePack; only a Shape tells
// that a key which is missing from a struct belongs to a newer or older binary and must stay, while one that is missing
// from a Go map was deleted.
//
// Structs within slices and arrays have no Shape: elements have no name by which the old one could be found again, so a
// slice that is set is replaced whole.
type Shape struct {
	Members []Member // of a struct: those that have a Shape of their own, ascending
	Values  *Shape   // of a Go map: its values; nil for a struct
}

// A Member is one member of a struct that has structs within.
type Member struct {
	Key   string
	Shape *Shape
}

// merge returns next with the members that only prev knows, at every depth that the Shape names. It returns next itself
// where there is nothing to keep.
func (s *Shape) merge(prev, next []byte) []byte {
	if s == nil || prev == nil || msgp.NextType(prev) != msgp.MapType || msgp.NextType(next) != msgp.MapType {
		return next
	}
	p, n := newPairs(prev), newPairs(next)
	p.advance()
	n.advance()
	var (
		out   []byte
		count int
		kept  bool
	)
	for p.ok || n.ok {
		order := comparePairs(&p, &n)
		switch {
		case order < 0:
			if s.Values == nil { // a member that the writer of next did not know
				out = append(append(out, p.key...), p.value...)
				count++
				kept = true
			}
			p.advance()
		case order > 0:
			out = append(append(out, n.key...), n.value...)
			count++
			n.advance()
		default:
			v := s.within(n.key).merge(p.value, n.value)
			kept = kept || len(v) != len(n.value)
			out = append(append(out, n.key...), v...)
			count++
			p.advance()
			n.advance()
		}
	}
	if !kept || p.r.err != nil || n.r.err != nil {
		return next
	}
	return append(msgp.AppendMapHeader(nil, uint32(count)), out...)
}

// covers reports whether prev has a struct wherever next has one: then what merge keeps of a third value is the same
// for prev and next after it as for next alone.
func (s *Shape) covers(prev, next []byte) bool {
	if s == nil || msgp.NextType(next) != msgp.MapType {
		return true
	}
	if msgp.NextType(prev) != msgp.MapType {
		return false
	}
	p := newPairs(prev)
	p.advance()
	for n := newPairs(next); n.advance(); {
		within := s.within(n.key)
		if within == nil || msgp.NextType(n.value) != msgp.MapType {
			continue
		}
		for p.ok && compareKeys(p.key, n.key) < 0 {
			p.advance()
		}
		if !p.ok || compareKeys(p.key, n.key) != 0 || !within.covers(p.value, n.value) {
			return false
		}
	}
	return true
}

// coversPut is covers for the values of two puts.
func (s *Shape) coversPut(prev, next *op) bool {
	return prev.kind == opPut && next.kind == opPut && s.covers(prev.value(), next.value())
}

// within returns the Shape of a member or value by its encoded key.
func (s *Shape) within(key []byte) *Shape {
	if s.Values != nil {
		return s.Values
	}
	r := Reader{b: key}
	name := r.String()
	for i := range s.Members {
		if s.Members[i].Key == name {
			return s.Members[i].Shape
		}
	}
	return nil
}
