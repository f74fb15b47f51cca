package record

import (
	"slices"
	"sync"
	"time"
	"unsafe"
)

// An Env is what Fields need from the session that they belong to.
type Env interface {
	// Now is the time by which a field's ttl is counted.
	Now() time.Time
	// Misfit is told, once for each field and record, of a stored value that is not of its field's type.
	Misfit(*Field)
}

// Fields are the fields of one session: the record that was loaded, and the log of what has been done to it since. They
// are safe for concurrent use.
//
// The methods that take a number are for generated code, which knows that the field of that number has the type of the
// method.
type Fields struct {
	mu  sync.Mutex
	env Env
	state
	logbook
	save  save
	short [scalarRoom]byte // where the arena begins: most requests set one short value
}

// A save is what the fields remember between Begin and Commit. As long as nothing is done to them in between, their own
// state is the base with the changes applied: if the store still holds that base, there is nothing to scan and to apply
// again. That is most saves.
type save struct {
	under   bool    // Begin has handed out changes, and nothing was done since
	changes Changes // those
	encoded []byte  // what Replay made of the fields' own state
	at      int64   // when, in Unix nanoseconds
}

// Init makes the fields ready and empty. It is called once, before any other method, with as many slots as the layout
// has fields.
func (f *Fields) Init(l *Layout, slots []Slot, env Env) {
	f.layout = l
	f.slots = slots
	f.env = env
	f.arena.b = f.short[:0]
	f.allowed = l.maxSize
}

// Open takes the fields from a record, whose bytes belong to the fields from now on. What was there before, changes too,
// is dropped. After an error the fields are empty.
func (f *Fields) Open(base []byte) error {
	f.mu.Lock()
	err := f.scan(base)
	if err != nil {
		_ = f.scan(nil)
	}
	f.handOut()
	f.failed = nil
	f.save = save{}
	f.mu.Unlock()
	return err
}

// Clear drops everything.
func (f *Fields) Clear() { _ = f.Open(nil) }

// Changed reports whether there are changes that no Save has begun with.
func (f *Fields) Changed() bool {
	f.mu.Lock()
	changed := len(f.log) > 0 || len(f.failed) > 0
	f.mu.Unlock()
	return changed
}

// Privileged reports whether a field that renews the session has a value now.
func (f *Fields) Privileged() bool {
	for _, i := range f.layout.renew {
		if has, _ := f.has(i); has {
			return true
		}
	}
	return false
}

// Begin hands the log out to a Save, which ends in Commit or Abort. Changes made meanwhile start a new log. It is an
// *Error if a value could not be encoded or a field has more than its Max, a *TooLarge if what is pending does not fit
// into a record; the log stays then.
func (f *Fields) Begin() (Changes, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refusal(); err != nil {
		return nil, err
	}
	changes := f.handOut()
	f.save = save{under: true, changes: changes}
	return changes, nil
}

// Base returns the record that the fields were last opened from or committed to, without the changes since.
func (f *Fields) Base() []byte {
	f.mu.Lock()
	base := f.base
	f.mu.Unlock()
	return base
}

// Replay returns what becomes of a record by changes: fresh bytes, after a prefix. An *Error if a field would exceed its
// Max, any other error if base is no record. A nil base is an empty record.
func (f *Fields) Replay(prefix, base []byte, changes Changes) ([]byte, error) {
	now := f.env.Now().UnixNano()
	f.mu.Lock()
	if f.save.under && same(base, f.base) && same(changes, f.save.changes) {
		defer f.mu.Unlock()
		if err := f.check(changes); err != nil {
			return nil, err
		}
		b := f.encode(prefix, now)
		f.save.encoded, f.save.at = b[len(prefix):], now
		return b, nil
	}
	f.mu.Unlock()
	st := f.layout.scratch()
	defer st.done()
	if err := st.scan(base); err != nil {
		return nil, err
	}
	st.apply(changes)
	if err := st.check(changes); err != nil {
		return nil, err
	}
	return st.encode(prefix, now), nil
}

// same reports whether two slices are one.
func same[E any](a, b []E) bool {
	return len(a) == len(b) && unsafe.SliceData(a) == unsafe.SliceData(b)
}

// TakeFrom removes one field from a record and returns its value, with what BeginTake has handed out added to it, and after
// a prefix the record without it. The value is nil if the record has none or one that does not fit.
func (f *Fields) TakeFrom(prefix, base []byte, i int, pending Changes) (value, rest []byte, err error) {
	st, now := f.layout.scratch(), f.env.Now().UnixNano()
	defer st.done()
	if err := st.scan(base); err != nil {
		return nil, nil, err
	}
	field, s := &st.layout.fields[i], &st.slots[i]
	if s.expired(now) || !s.fits(field) {
		return nil, nil, nil
	}
	st.apply(pending)
	value = s.whole()
	st.do(&op{kind: opClear, field: int32(i)}, 0)
	return value, st.encode(prefix, now), nil
}

// Without returns what is left of a record without some fields: base itself, if it has none of them.
func (f *Fields) Without(base []byte, drop func(*Field) bool) ([]byte, error) {
	now := f.env.Now().UnixNano()
	st := f.layout.scratch()
	defer st.done()
	if err := st.scan(base); err != nil {
		return nil, err
	}
	dropped := false
	for i := range st.slots {
		if st.slots[i].stored > 0 && drop(&st.layout.fields[i]) {
			st.do(&op{kind: opClear, field: int32(i)}, 0)
			dropped = true
		}
	}
	if !dropped {
		return base, nil
	}
	return st.encode(nil, now), nil
}

// Commit opens what Replay or TakeFrom returned, without the prefix, and the store now holds. Changes made since Begin apply on top of it.
func (f *Fields) Commit(encoded []byte) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.save.under && same(encoded, f.save.encoded) {
		f.settle(encoded, f.save.at)
	} else {
		f.rebase(encoded) // our own bytes
	}
	f.save = save{}
}

// Abort puts changes that were not written back in front of the log.
func (f *Fields) Abort(changes Changes) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.log = append(changes[:len(changes):len(changes)], f.live()...)
	f.rebase(f.base)
	f.save = save{}
}

// rebase makes the state that of a record, known to be one, with the log applied.
func (f *Fields) rebase(base []byte) {
	f.log = f.live()
	_ = f.scan(base)
	f.apply(f.log)
	f.mark()
}

// Pending reports whether the field has changed since the last Save.
func (f *Fields) Pending(i int) bool {
	f.mu.Lock()
	pending := f.slots[i].newest != 0
	f.mu.Unlock()
	return pending
}

// BeginTake hands the field's ops out to a Take from the record, which ends in Commit or Abort.
func (f *Fields) BeginTake(i int) (taken Changes) {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	if s.newest != 0 {
		for _, o := range f.live() {
			if o.field == int32(i) {
				taken = append(taken, o)
			}
		}
		f.forget(s)
		f.log = f.live()
	}
	s.state &^= reusable
	f.save.under = false
	return taken
}

// Adds reports whether what is pending of the field adds to a value that is in the record.
func (f *Fields) Adds(i int) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := &f.slots[i]
	return s.newest != 0 && s.stored != 0 && !slices.ContainsFunc(f.live(), func(o op) bool {
		return o.field == int32(i) && (o.kind == opSet || o.kind == opClear)
	})
}

// TakePending removes a value that was set since the last Save and returns it. ok is false if the field has seen no
// change since then: what it holds, if anything, is in the store.
func (f *Fields) TakePending(i int) (value []byte, ok bool) {
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
		f.log = f.live()
		*s = Slot{}
	} else {
		f.push(op{kind: opClear, field: int32(i)})
	}
	return value, true
}

// tell reports a misfit, once.
func (f *Fields) tell(i int) {
	f.mu.Lock()
	s := &f.slots[i]
	first := s.state&reported == 0
	s.state |= reported
	f.mu.Unlock()
	if first {
		f.env.Misfit(&f.layout.fields[i])
	}
}
