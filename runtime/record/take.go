package record

// Pending reports whether the field has changed since the last Save.
func (w Work) Pending(i int) bool {
	f := w.f
	f.mu.Lock()
	pending := f.newest(&f.slots[i]) != 0
	f.mu.Unlock()
	return pending
}

// Adds reports whether what is pending of the field adds to a value that is in the record.
func (w Work) Adds(i int) bool {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	return f.newest(s) != 0 && s.stored != 0 && !f.pendingOf(s).anew
}

// TakePending removes a value that was set since the last Save and returns it. ok is false if the field has seen no
// change since then: its value, if it has one, is in the store.
func (w Work) TakePending(i int) (value []byte, ok bool) {
	f := w.f
	now := f.env.Now().UnixNano()
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	if f.newest(s) == 0 {
		return nil, false
	}
	if s.value.absent() || s.expired(now) {
		return nil, true
	}
	value = f.whole(i)
	f.save.under = false
	if s.stored == 0 {
		c := f.pendingOf(s)
		f.forget(c)
		c.edit = nil
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
	if f.newest(s) != 0 {
		c := f.pendingOf(s)
		for at := int(c.since); at < int(c.newest); at++ {
			if o := f.log[at]; o.field == int32(i) {
				taken.ops = append(taken.ops, o)
			}
		}
		f.forget(c)
	}
	if f.logbook != nil {
		f.save.under = false
	}
	s.state &^= reusable
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
	s := &st.slots[i]
	if s.expired(now) || !st.fits(i) {
		return nil, nil, nil
	}
	st.apply(pending.ops)
	value = st.whole(i)
	st.do(&op{kind: opClear, field: int32(i)}, 0)
	return value, st.encode(prefix, now), nil
}
