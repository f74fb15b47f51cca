package record

// resolve chooses, for each field with older keys, the value that counts. A binary that knows several keys of the field
// writes all of them: the current one with the number of the older ones, those as copies. So what stands with a value
// tells who wrote it:
//
//   - an older key, bare: a binary that knows only that key;
//   - an older key with older ones of its own: a binary between two renamings, whose current key it was;
//   - an older key, a copy: whoever wrote the newer one. It counts only if there is no newer one;
//   - a value that counts but whose older keys are not all there: a binary that knows only those has cleared the field;
//   - the current key, bare, beside copies: a binary that has dropped the option already.
func (st *state) resolve() {
	for i := range st.slots {
		f := &st.layout.fields[i]
		s := &st.slots[i]
		if len(f.Was) == 0 || s.stored == 0 {
			continue
		}
		current, ok := st.find(f.Key)
		best, rank, beside := current, -1, 0
		for _, key := range f.Was {
			old, found := st.find(key)
			if !found {
				continue
			}
			beside++
			if r := old.rank(ok); r > rank {
				best, rank = old, r
			}
		}
		if rank >= 0 {
			beside-- // best itself
		}
		if beside < best.older {
			best = content{}
		}
		s.value, s.deadline = spanOf(best.value), best.deadline
	}
}

// rank orders what stands under older keys by how late it was written, below zero if before the current key.
func (c content) rank(current bool) int {
	switch {
	case c.bare():
		return 2
	case !c.copy:
		return 1
	case !current:
		return 0
	default:
		return -1
	}
}

// find looks a key up in the record that was scanned.
func (st *state) find(key string) (content, bool) {
	r := Reader{b: st.base}
	for range r.Struct() {
		k, raw := r.text(), r.Value()
		if r.err == nil && string(k) == key {
			c, err := openEnvelope(raw)
			return c, err == nil
		}
	}
	return content{}, false
}
