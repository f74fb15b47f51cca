package record

import (
	"bytes"
	"errors"
	"strings"
	"unsafe"
)

var (
	errOrder    = errors.New("record: keys are not in ascending order")
	errTrailing = errors.New("record: bytes after the end")
)

// A walk goes through the pairs of a record side by side with the keys of a layout, both of which ascend.
type walk struct {
	keys []layoutKey
	at   int // the first of keys that is not before the current pair's

	known bool   // the current pair's key is keys[at]
	pair  []byte // the current pair: its key and its value
	value []byte

	r    Reader
	left int
	last []byte // the current pair's key
}

// start begins before the first pair. A nil base has none.
func (w *walk) start(l *Layout, base []byte) {
	w.keys = l.keys
	if base != nil {
		w.r.b = base
		w.left = w.r.Struct()
	}
}

// next steps to the next pair, if there is one and nothing is wrong with it.
func (w *walk) next() bool {
	if w.left == 0 {
		return false
	}
	w.left--
	if w.known {
		w.at++
	}
	b := w.r.b
	if w.at < len(w.keys) && strings.HasPrefix(unsafe.String(unsafe.SliceData(b), len(b)), w.keys[w.at].encoded) {
		// The pairs before it were of keys before keys[at], and so in order.
		k := &w.keys[w.at]
		w.known = true
		w.last = b[len(k.encoded)-len(k.key) : len(k.encoded)]
		w.r.b = b[len(k.encoded):]
	} else {
		w.seek(w.r.text())
	}
	w.value = w.r.Value()
	w.pair = b[:len(b)-len(w.r.b)]
	return w.r.err == nil
}

// seek looks for a key that is not the one that was expected.
func (w *walk) seek(key []byte) {
	if w.last != nil && bytes.Compare(w.last, key) >= 0 {
		w.r.Fail(errOrder)
	}
	for w.at < len(w.keys) && w.keys[w.at].key < string(key) {
		w.at++
	}
	w.known = w.at < len(w.keys) && w.keys[w.at].key == string(key)
	w.last = key
}

// end returns what was wrong with the record that was walked through.
func (w *walk) end() error {
	if w.r.err == nil && len(w.r.b) > 0 {
		return errTrailing
	}
	return w.r.err
}
