package record

import (
	"bytes"
	"cmp"

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

func (p *pairs) advance() {
	p.ok = false
	if p.left == 0 {
		return
	}
	p.left--
	p.key = p.r.Value()
	p.value = p.r.Value()
	p.ok = p.r.err == nil
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

// compareKeys orders encoded map keys as Go orders the keys that they encode: strings by their bytes, integers by value.
// Integers come before strings, which no map of one key type can show.
func compareKeys(a, b []byte) int {
	at, bt := msgp.NextType(a) == msgp.StrType, msgp.NextType(b) == msgp.StrType
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

// integer reads an integer of either sign: whether it is negative, and its bits, which order numbers of one sign.
func (r *Reader) integer() (negative bool, v uint64) {
	if msgp.NextType(r.b) == msgp.IntType {
		i := r.Int64()
		return i < 0, uint64(i)
	}
	return false, r.Uint64()
}
