package record

// What an edit adds to a value is read back once, to see whether it fits the field's type: a type's unmarshaller may
// refuse what its marshaller wrote. A pair of a map that does not fit is remembered with its key, whose next put or
// delete mends it; an element of a list is there until the whole list is replaced.

// prove looks at what has been added since it was last called. It is false if there are elements that do not fit; pairs
// that do not are counted in bad.
func (e *edit) prove(f *Field) bool {
	switch {
	case e.added > e.proofOf:
		var w Writer
		w.Array(e.added - e.proofOf)
		w.b = append(w.b, e.tail[e.proved:]...)
		e.proved, e.proofOf = len(e.tail), e.added
		return f.fits(w.b)
	case len(e.unproved) > 0:
		fits := f.fits(e.unproven())
		for _, n := range e.unproved {
			x := &e.entries[n]
			x.unproved = false
			e.mark(x, !fits && x.value() != nil && !f.fits(mapOf(x.encoded)))
		}
		e.unproved = e.unproved[:0]
	}
	return true
}

// unproven returns as a map what is not known to fit.
func (e *edit) unproven() []byte {
	n := 0
	for _, i := range e.unproved {
		if e.entries[i].value() != nil {
			n++
		}
	}
	var w Writer
	w.Map(n)
	for _, i := range e.unproved {
		if x := &e.entries[i]; x.value() != nil {
			w.b = append(w.b, x.encoded...)
		}
	}
	return w.b
}

// suspect makes entries of those pairs of a map that do not fit, but for keys that were changed since. It is false if
// that is not what is wrong with the map.
func (e *edit) suspect(f *Field, value []byte) bool {
	found := false
	for p := newPairs(value); p.advance(); {
		one := mapOf(p.key, p.value)
		if f.fits(one) {
			continue
		}
		found = true
		if n := e.find(p.key); n < 0 {
			e.entries = append(doubled(e.entries), entry{pair: pair{encoded: one[1:], keyLen: uint32(len(p.key))}, at: noOp})
			e.index.add(e.entries)
			e.mark(&e.entries[len(e.entries)-1], true)
		} else if x := &e.entries[n]; !x.fresh {
			e.mark(x, true)
		}
	}
	return found
}

// mark notes whether an entry is known not to fit.
func (e *edit) mark(x *entry, bad bool) {
	if x.bad != bad {
		x.bad = bad
		if bad {
			e.bad++
		} else {
			e.bad--
		}
	}
}

// unprove forgets what is known of the pairs: the value that they have become part of is to be looked at.
func (e *edit) unprove() {
	for _, n := range e.unproved {
		e.entries[n].unproved = false
	}
	e.unproved = e.unproved[:0]
	for n := range e.entries {
		e.mark(&e.entries[n], false)
	}
}

// mapOf returns a map of one encoded pair.
func mapOf(pair ...[]byte) []byte {
	one := []byte{fixmap | 1}
	for _, part := range pair {
		one = append(one, part...)
	}
	return one
}
