package record

import (
	"bytes"
	"slices"
)

// This file is the way of an append. A loop of them makes one op, whose end is the tail of the field's edit at the same
// time: elements are encoded where they stay, behind those before them, under the lock.
//
// A marshaller of the elements' type may do anything, so the lock is given up for it, and what has been encoded by then
// moves to memory of its own: as long as anybody else may change the fields, nobody writes behind an op. What is
// appended to the field after that is encoded aside from the start, and copied.

// behind returns a Writer for elements to be appended, nil if the field takes none. It stands behind the field's newest
// op, if they can become a part of that, and comes with what is pending of the field then.
func (f *Fields) behind(i int) (*Writer, *pending) {
	if f.refuses(i) {
		return nil, nil
	}
	c, last := f.growing(i)
	if last == nil || c.aside {
		w := f.layout.writer()
		w.fields = f
		return w, nil
	}
	w := f.writer
	if w == nil {
		w = &Writer{fields: f}
		f.writer = w
	}
	if len(w.b) != len(last.encoded) || &w.b[0] != &last.encoded[0] { // it has been elsewhere
		w.b = last.encoded
	}
	w.from = len(w.b)
	w.b = roomy(w.b, 64)
	return w, c
}

// growing returns a field's newest op, if that is where the edit's tail ends and an append of now can be one with it,
// and what is pending of the field; nil if not.
func (f *Fields) growing(i int) (*pending, *op) {
	s := &f.slots[i]
	if s.pending == 0 {
		return nil, nil
	}
	b := f.logbook
	c := &b.pending[s.pending-1]
	if c.newest == 0 || c.edit == nil || !c.edit.shared {
		return nil, nil
	}
	last := &b.log[c.newest-1]
	if s.deadline != 0 && last.at != f.when(i) {
		return nil, nil
	}
	return c, last
}

// roomy returns b with room for n bytes behind it, and if it must move, for more: copying costs more than room that
// stays empty.
func roomy(b []byte, n int) []byte {
	if cap(b)-len(b) < n {
		b = slices.Grow(b, max(2*len(b), 4*n))
	}
	return b
}

// append logs the elements that a Writer from behind has been given.
func (f *Fields) append(i, count int, w *Writer, c *pending) {
	switch {
	case w.err != nil:
		f.fail(i, &Error{Field: &f.layout.fields[i], Err: w.err})
		w.err = nil
	case w.from > 0:
		f.extend(i, count, w.b, c)
	default:
		f.appendAside(i, count, w.b)
	}
	if w.from = 0; w != f.writer {
		f.layout.recycle(w)
	}
}

// appendAside is append for elements that stand alone.
func (f *Fields) appendAside(i, count int, elements []byte) {
	c, last := f.growing(i)
	if last == nil {
		f.push(op{kind: opAppend, field: int32(i), n: uint64(count), pair: pair{encoded: elements}, at: f.when(i)})
		return
	}
	c.aside = true
	f.extend(i, count, append(roomy(last.encoded, len(elements)), elements...), c)
}

// extend makes the field's newest op, which is that of c, the one that has grown by some elements.
func (f *Fields) extend(i, count int, grown []byte, c *pending) {
	b, e := f.logbook, c.edit
	last := &b.log[c.newest-1]
	more := len(grown) - len(last.encoded)
	tail := len(e.tail) + more
	if cap(grown) == cap(last.encoded) && tail <= cap(e.tail) { // no pointer is written, which costs while the collector works
		last.encoded, e.tail = last.encoded[:len(grown)], e.tail[:tail]
	} else {
		last.encoded, e.tail = grown, grown[len(grown)-tail:]
	}
	last.n += uint64(count)
	e.added += count
	c.weight += more
	b.weight += more
	b.save.under = false
	if f.layout.fields[i].Max != 0 {
		f.limit(i)
	}
}

// leave gives up the lock for a marshaller, if it is held; enter takes it again.
func (w *Writer) leave() {
	f := w.fields
	if f == nil {
		return
	}
	if b := f.logbook; b != nil && b.writer != nil && b.writer.from > 0 { // w, or what w writes the keys of a map for
		b.writer.b, b.writer.from = bytes.Clone(b.writer.b[b.writer.from:]), 0
		b.writer = nil
	}
	f.mu.Unlock()
}

func (w *Writer) enter() {
	if w.fields != nil {
		w.fields.mu.Lock()
	}
}
