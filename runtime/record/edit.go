package record

import (
	"slices"

	"github.com/tinylib/msgp/msgp"
)

// An edit is what has been done to a list or map since its value was last encoded. It makes an append, a put, a delete
// and a lookup cost the same however long the value is: the value is encoded anew only when somebody needs the whole.
type edit struct {
	tail    []byte // of a list: elements after those of the value
	added   int    // how many
	shared  bool   // the tail is the end of the field's newest op, and so is what lies behind it
	proved  int    // bytes of them that are known to fit the field's type
	proofOf int    // and how many elements those are

	entries  []entry   // of a map: the keys that were changed
	index    index     // of their keys
	fresh    []int32   // entries that the value does not have yet
	unproved []int32   // entries that are not known to fit the field's type
	bad      int       // entries that are known not to fit
	pairs    directory // where the pairs of the value lie, once that was needed
	counts   bool      // count is kept
	count    int       // pairs of the value with the edit
}

// An entry is what became of one key.
type entry struct {
	pair        // without a value: deleted
	hash uint32 // of the key, once there is an index
	at   int32  // where its newest op is on the log, or noOp

	fresh, unproved, bad bool
}

const noOp = -1

// find returns the entry of an encoded key, or -1.
func (e *edit) find(key []byte) int {
	if e.index.places == nil {
		for n := range e.entries {
			if string(e.entries[n].key()) == string(key) {
				return n
			}
		}
		return -1
	}
	return int(e.index.places[e.index.place(e.entries, key)]) - 1
}

// append adds elements to the end of a list.
func (e *edit) append(count int, elements []byte) {
	if e.tail == nil {
		e.tail, e.shared = elements, true
	} else {
		if e.shared { // what lies behind the tail is the log's
			e.tail, e.shared = slices.Clip(e.tail), false
		}
		e.tail = append(e.tail, elements...)
	}
	e.added += count
}

// put notes what becomes of a key of a map; a pair without a value deletes it.
func (e *edit) put(whole []byte, p pair, at int) {
	if e.counts {
		if had := e.lookup(whole, p.key()) != nil; had && p.value() == nil {
			e.count--
		} else if !had && p.value() != nil {
			e.count++
		}
	}
	n := e.find(p.key())
	if n < 0 {
		n = len(e.entries)
		e.entries = append(doubled(e.entries), entry{pair: p})
		e.index.add(e.entries)
	}
	x := &e.entries[n]
	x.pair, x.at = p, int32(at)
	if !x.fresh {
		x.fresh = true
		e.fresh = append(e.fresh, int32(n))
	}
	if !x.unproved {
		x.unproved = true
		e.unproved = append(e.unproved, int32(n))
	}
	e.mark(x, false)
}

// lookup returns what a key has in a map with the edit, nil for nothing.
func (e *edit) lookup(value, key []byte) []byte {
	if n := e.find(key); n >= 0 {
		return e.entries[n].value()
	}
	if e.pairs == nil {
		e.pairs = newDirectory(value)
	}
	return e.pairs.find(value, key)
}

// whole returns the value with the edit, which then has nothing more to add to it, and whether it had.
func (e *edit) whole(value []byte) (with []byte, changed bool) {
	switch {
	case e.added > 0:
		with = appendElements(value, e.added, e.tail)
		e.tail, e.added, e.proved, e.proofOf = nil, 0, 0, 0
		return with, true
	case len(e.fresh) > 0:
		slices.SortFunc(e.fresh, func(a, b int32) int { return compareKeys(e.entries[a].encoded, e.entries[b].encoded) })
		with = e.merge(value)
		for _, n := range e.fresh {
			e.entries[n].fresh = false
		}
		e.fresh = e.fresh[:0]
		e.pairs = nil
		e.unprove()
		return with, true
	}
	return value, false
}

func appendElements(old []byte, count int, elements []byte) []byte {
	r := Reader{b: old}
	n, _ := r.Array()
	w := Writer{b: make([]byte, 0, maxHeader+len(r.b)+len(elements))}
	w.Array(n + count)
	return append(append(w.b, r.b...), elements...)
}

// merge puts the fresh entries, in ascending order, into an encoded map.
func (e *edit) merge(old []byte) []byte {
	room := maxHeader + len(old)
	for _, n := range e.fresh {
		room += len(e.entries[n].encoded)
	}
	out := make([]byte, maxHeader, room)
	count, next := 0, 0
	add := func(x *entry) {
		if x.value() != nil {
			out = append(out, x.encoded...)
			count++
		}
	}
	var last []byte
	for p := newPairs(old); p.advance(); last = p.key {
		if last != nil && compareKeys(last, p.key) >= 0 { // a stranger wrote it
			return e.merge(inOrder(old))
		}
		same := false
		for ; next < len(e.fresh) && !same; next++ {
			x := &e.entries[e.fresh[next]]
			order := compareKeys(x.encoded, p.key)
			if order > 0 {
				break
			}
			add(x)
			same = order == 0
		}
		if !same {
			out = append(append(out, p.key...), p.value...)
			count++
		}
	}
	for ; next < len(e.fresh); next++ {
		add(&e.entries[e.fresh[next]])
	}
	if count == 0 && msgp.IsNil(old) {
		return old // a put would have begun it
	}
	var header [maxHeader]byte
	h := msgp.AppendMapHeader(header[:0], uint32(count))
	return out[maxHeader-copy(out[maxHeader-len(h):], h):]
}
