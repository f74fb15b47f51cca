package record

import (
	"bytes"
	"slices"
)

// Work is what package session does with the fields of a session: it opens them from a record, and turns what was done
// to them into the next one. It is another view of the Fields, apart from what generated code calls. A Save is
//
//	changes, err := w.Begin()                     // the log, which belongs to the Save now
//	next, err := w.Replay(prefix, base, changes)  // on the record that the store has; again after a conflict
//	w.Commit(next[len(prefix):])                  // the store has it now, or
//	w.Abort(changes)                              // they are pending again
//
// It is safe for concurrent use, but for Init; between Begin and Commit or Abort there is to be no other Begin.
type Work struct{ f *Fields }

// Work returns that view.
func (f *Fields) Work() Work { return Work{f} }

// Init makes the fields ready and empty. It is called once, before any other method, with as many slots as the layout
// has fields.
func (w Work) Init(l *Layout, slots []Slot, env Env) {
	f := w.f
	f.layout = l
	f.slots = slots
	f.env = env
}

// Open takes the fields from a record, whose bytes belong to the fields from now on. The record and the changes before
// are dropped. After an error the fields are empty.
func (w Work) Open(base []byte) error {
	f := w.f
	f.mu.Lock()
	err := f.scan(base)
	if err != nil {
		_ = f.scan(nil)
	}
	if b := f.logbook; b != nil {
		f.logbook = f.layout.newLogbook()
		f.begins = b.begins
	}
	f.mu.Unlock()
	return err
}

// Clear drops everything.
func (w Work) Clear() { _ = w.Open(nil) }

// Base returns the record that the fields were last opened from or committed to, without the changes since.
func (w Work) Base() []byte {
	f := w.f
	f.mu.Lock()
	base := f.base
	f.mu.Unlock()
	return base
}

// Changed reports whether there are changes that no Save has begun with.
func (w Work) Changed() bool {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logbook == nil {
		return false
	}
	return len(f.failed) > 0 || slices.ContainsFunc(f.pending, func(c pending) bool { return c.newest != 0 })
}

// Close says that whoever saves the fields by himself has done so for the last time. Env is told of the next change.
func (w Work) Close() {
	f := w.f
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
}

// Privileged reports whether a field that renews the session has a value now.
func (w Work) Privileged() bool {
	f := w.f
	for _, i := range f.layout.renew {
		if has, _ := f.has(i); has {
			return true
		}
	}
	return false
}

// PrivilegedIn reports whether a field that renews the session has a value in a record.
func (w Work) PrivilegedIn(base []byte) bool {
	f := w.f
	now := f.env.Now().UnixNano()
	st := f.layout.scratch()
	defer st.done()
	if st.scan(base) != nil {
		return false
	}
	for _, i := range f.layout.renew {
		if !st.slots[i].expired(now) && st.fits(i) {
			return true
		}
	}
	return false
}

// Begin hands the log out to a Save, which ends in Commit or Abort. Changes made meanwhile start a new log. The error
// is an *Error if a value could not be encoded or a field has more than its Max, a *TooLarge if what is pending does
// not fit into a record; the log stays then.
func (w Work) Begin() (Changes, error) {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.refusal(); err != nil {
		return Changes{}, err
	}
	if f.logbook == nil {
		return Changes{}, nil
	}
	f.begins++
	f.save = save{under: true}
	return Changes{ops: f.handOut(), begin: f.begins}, nil
}

// A save is what the fields remember between Begin and Commit. As long as nothing is done to them in between, their own
// state is the base with the changes applied: if the store still holds that base, there is nothing to scan and to apply
// again. That is most saves.
type save struct {
	under   bool   // the last Begin has handed out changes, and nothing was done since
	encoded []byte // the result of Replay on the fields' own state
	at      int64  // when, in Unix nanoseconds
}

// Replay returns what becomes of a record by changes: fresh bytes, after a prefix. An *Error if a field would exceed
// its Max, any other error if base is no record. A nil base is an empty record.
func (w Work) Replay(prefix, base []byte, changes Changes) ([]byte, error) {
	f := w.f
	now := f.env.Now().UnixNano()
	f.mu.Lock()
	if f.logbook != nil && f.save.under && changes.begin == f.begins && (base == nil) == (f.base == nil) && bytes.Equal(base, f.base) {
		defer f.mu.Unlock()
		if err := f.check(changes.ops); err != nil {
			return nil, err
		}
		b := f.encode(prefix, now)
		f.save.encoded, f.save.at = b[len(prefix):], now
		return b, nil
	}
	f.mu.Unlock()
	return f.layout.replay(prefix, base, changes, now)
}

// ReplayFor is Replay that looks at nothing of the fields themselves, as TakeFrom and CountFrom do not: for whoever
// writes the changes while the fields go their own way.
func (w Work) ReplayFor(prefix, base []byte, changes Changes) ([]byte, error) {
	return w.f.layout.replay(prefix, base, changes, w.f.env.Now().UnixNano())
}

func (l *Layout) replay(prefix, base []byte, changes Changes, now int64) ([]byte, error) {
	st := l.scratch()
	defer st.done()
	if err := st.scan(base); err != nil {
		return nil, err
	}
	st.apply(changes.ops)
	if err := st.check(changes.ops); err != nil {
		return nil, err
	}
	return st.encode(prefix, now), nil
}

// Commit opens what Replay, TakeFrom or CountFrom returned, without the prefix, and the store now holds. Changes made
// since Begin apply on top of it.
func (w Work) Commit(encoded []byte) {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logbook != nil && f.save.under && f.save.encoded != nil && bytes.Equal(encoded, f.save.encoded) {
		f.settle(encoded, f.save.at)
		f.save = save{}
	} else {
		f.rebase(encoded) // our own bytes
	}
}

// Abort puts changes that were not written back in front of the log. Who has them to replay may go on reading them.
func (w Work) Abort(changes Changes) {
	f := w.f
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.logbook != nil {
		f.log = slices.Concat(changes.ops, f.live())
		f.rebase(f.base)
	}
}

// rebase makes the state that of a record, known to be one, with the log applied.
func (f *Fields) rebase(base []byte) {
	if f.logbook == nil {
		_ = f.scan(base)
		return
	}
	f.log = f.live()
	_ = f.scan(base)
	f.apply(f.log)
	f.mark()
	f.save = save{}
}
