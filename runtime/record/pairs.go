package record

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/tinylib/msgp/msgp"
)

// pairs walks an encoded map without decoding it.
type pairs struct {
	r          Reader
	left       int
	ok         bool // key and value are the current pair
	key, value []byte
}

// newPairs starts a walk before the first pair. Anything but a map has none.
func newPairs(encoded []byte) pairs {
	p := pairs{r: Reader{b: encoded}}
	p.left, _ = p.r.Map()
	return p
}

func (p *pairs) advance() bool {
	p.ok = false
	if p.left > 0 {
		p.left--
		p.key = p.r.Value()
		p.value = p.r.Value()
		p.ok = p.r.err == nil
	}
	return p.ok
}

// find walks through a map to the value of a key, nil if there is none.
func find(encoded, key []byte) (value []byte) {
	for p := newPairs(encoded); p.advance(); {
		if compareKeys(p.key, key) == 0 {
			value = p.value
		}
	}
	return value
}

// A directory says where the pairs of an encoded map begin, in ascending order of their keys.
type directory []int

// newDirectory walks through a map once. Where a stranger has written keys in another order, or twice, the last pair of
// a key counts, as it does for whoever decodes the whole.
func newDirectory(encoded []byte) directory {
	p := newPairs(encoded)
	d := make(directory, 0, p.left)
	inOrder := true
	var last []byte
	for at := len(encoded) - len(p.r.b); p.advance(); at = len(encoded) - len(p.r.b) {
		inOrder = inOrder && (last == nil || compareKeys(last, p.key) < 0)
		last = p.key
		d = append(d, at)
	}
	if inOrder {
		return d
	}
	slices.SortStableFunc(d, func(a, b int) int { return compareKeys(encoded[a:], encoded[b:]) })
	kept := d[:0]
	for i, at := range d {
		if i+1 == len(d) || compareKeys(encoded[at:], encoded[d[i+1]:]) != 0 {
			kept = append(kept, at)
		}
	}
	return kept
}

// find returns the value of a key, nil if the map has none.
func (d directory) find(encoded, key []byte) []byte {
	i, found := slices.BinarySearchFunc(d, key, func(at int, key []byte) int { return compareKeys(encoded[at:], key) })
	if !found {
		return nil
	}
	r := Reader{b: encoded[d[i]:]}
	r.Skip()
	return r.Value()
}

// inOrder returns a map with its keys in ascending order, each once.
func inOrder(encoded []byte) []byte {
	d := newDirectory(encoded)
	out := msgp.AppendMapHeader(make([]byte, 0, len(encoded)), uint32(len(d)))
	for _, at := range d {
		r := Reader{b: encoded[at:]}
		out = append(append(out, r.Value()...), r.Value()...)
	}
	return out
}

// comparePairs orders two walks by their current key; one that has ended comes last.
func comparePairs(a, b *pairs) int {
	switch {
	case !a.ok && !b.ok:
		return 0
	case !a.ok:
		return 1
	case !b.ok:
		return -1
	}
	return compareKeys(a.key, b.key)
}

// compareKeys orders encoded map keys as Go orders the keys that they encode: strings by their bytes, integers by
// value. Integers come before strings, which no map of one key type can show.
func compareKeys(a, b []byte) int {
	if len(a) > 0 && len(b) > 0 && a[0]&fixstrMask == fixstr && b[0]&fixstrMask == fixstr { // most keys are short
		at, bt := 1+int(a[0]&maxFixstr), 1+int(b[0]&maxFixstr)
		return bytes.Compare(a[1:min(at, len(a))], b[1:min(bt, len(b))])
	}
	at, bt := isText(a), isText(b)
	if at != bt {
		if bt {
			return -1
		}
		return 1
	}
	ar, br := Reader{b: a}, Reader{b: b}
	if at {
		return bytes.Compare(ar.text(), br.text())
	}
	an, au := ar.integer()
	bn, bu := br.integer()
	if an != bn {
		if an {
			return -1
		}
		return 1
	}
	return cmp.Compare(au, bu)
}

// isText reports whether a value is a string: fixstr, str 8, 16 or 32.
func isText(b []byte) bool {
	return len(b) > 0 && (b[0]&fixstrMask == fixstr || b[0] >= 0xd9 && b[0] <= 0xdb)
}

// integer reads an integer of either sign: whether it is negative, and its bits, which order numbers of one sign.
func (r *Reader) integer() (negative bool, v uint64) {
	if msgp.NextType(r.b) == msgp.IntType {
		i := r.Int64()
		return i < 0, uint64(i)
	}
	return false, r.Uint64()
}
