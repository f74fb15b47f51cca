package record

import (
	"sync"
	"time"
)

// An Env is what Fields need from the session that they belong to.
type Env interface {
	// Now is the time by which a field's ttl is counted.
	Now() time.Time
	// Misfit is told, once for each field and record, of a stored value that is not of its field's type.
	Misfit(*Field)
	// ChangedLate is told of the first change after Work.Close.
	ChangedLate()
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
}

// unlock gives the lock back after a change, and tells of one that is late.
func (f *Fields) unlock() {
	late := f.closed
	f.closed = false
	f.mu.Unlock()
	if late {
		f.env.ChangedLate()
	}
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
