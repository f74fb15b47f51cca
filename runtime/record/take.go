package record

// Pending reports whether the field has changed since the last Save.
func (w Work) Pending(i int) bool {
	f := w.f
	f.mu.Lock()
	pending := f.slots[i].newest != 0
	f.mu.Unlock()
	return pending
}

// Adds reports whether what is pending of the field adds to a value that is in the record.
func (w Work) Adds(i int) bool {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	return s.newest != 0 && s.stored != 0 && !s.anew
}

// TakePending removes a value that was set since the last Save and returns it. ok is false if the field has seen no
// change since then: its value, if it has one, is in the store.
func (w Work) TakePending(i int) (value []byte, ok bool) {
	f := w.f
	now := f.env.Now().UnixNano()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	if s.newest == 0 {
		return nil, false
	}
	if s.value == nil || s.expired(now) {
		return nil, true
	}
	value = s.whole()
	f.save.under = false
	if s.stored == 0 {
		f.forget(s)
		*s = Slot{pending: s.pending}
	} else {
		f.push(op{kind: opClear, field: int32(i)})
	}
	return value, true
}

// BeginTake hands the field's ops out to a Take from the record, which ends in Commit or Abort.
func (w Work) BeginTake(i int) (taken Changes) {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	if s.newest != 0 {
		for at := int(s.since); at < int(s.newest); at++ {
			if o := f.log[at]; o.field == int32(i) {
				taken.ops = append(taken.ops, o)
			}
		}
		f.forget(s)
	}
	s.state &^= reusable
	f.save.under = false
	return taken
}

// TakeFrom removes one field from a record and returns its value, with what BeginTake has handed out added to it, and
// after a prefix the record without it. The value is nil if the record has none or one that does not fit.
func (w Work) TakeFrom(prefix, base []byte, i int, pending Changes) (value, rest []byte, err error) {
	f := w.f
	st, now := f.layout.scratch(), f.env.Now().UnixNano()
	defer st.done()
	if err := st.scan(base); err != nil {
		return nil, nil, err
	}
	field, s := &st.layout.fields[i], &st.slots[i]
	if s.expired(now) || !s.fits(field) {
		return nil, nil, nil
	}
	st.apply(pending.ops)
	value = s.whole()
	st.do(&op{kind: opClear, field: int32(i)}, 0)
	return value, st.encode(prefix, now), nil
}
