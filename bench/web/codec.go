package web

import (
	"fmt"
	"time"

	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A Codec does to a Session's fields what a manager does between the store and the handler, without either.
type Codec struct {
	Session *Session
	layout  *record.Layout
	changes record.Changes
}

// NewCodec returns a Codec whose session is empty.
func NewCodec() (*Codec, error) {
	l, err := record.NewLayout(sessionFields[:], 0)
	if err != nil {
		return nil, err
	}
	core := new(session.Core)
	core.Work().Init(l, make([]record.Slot, len(sessionFields)), env{})
	return &Codec{Session: &Session{core: core.Ref()}, layout: l}, nil
}

// env is a clock that stands still.
type env struct{}

func (env) Now() time.Time { return time.Unix(1_800_000_000, 0) }

func (env) ChangedLate() {}

func (env) Misfit(f *record.Field) { panic(fmt.Sprintf("field %s does not fit", f.Name)) }

// Open takes the session from an encoded record.
func (c *Codec) Open(encoded []byte) error { return c.Session.core.Work().Open(encoded) }

// Begin holds the session's changes for Encode.
func (c *Codec) Begin() (err error) {
	c.changes, err = c.Session.core.Work().Begin()
	return err
}

// Encode appends to dst what a Save would seal: the record that was opened last, with the changes that Begin holds.
func (c *Codec) Encode(dst []byte) ([]byte, error) {
	return c.Session.core.Work().Replay(dst, c.Session.core.Work().Base(), c.changes)
}

// EncodeVisitor is what a setter of a Visitor does to it.
func EncodeVisitor(w *record.Writer, v Visitor) { writeVisitor(w, v) }

// DecodeVisitor is what a getter of a Visitor does.
func DecodeVisitor(encoded []byte) Visitor {
	return readVisitor(record.NewReader(encoded))
}

// Clear empties the session.
func (c *Codec) Clear() { c.Session.core.Work().Clear() }
