// Package failure is what a call of a store returns that has failed: an error from which the caller knows what it may
// conclude, and whose text tells neither key nor value.
package failure

import "fmt"

// A Verb is a call of a store, as the texts of errors name it.
type Verb string

// The calls that all stores have.
const (
	Get    Verb = "get"
	Add    Verb = "add"
	Swap   Verb = "swap"
	Touch  Verb = "touch"
	Delete Verb = "delete"
	Ping   Verb = "ping"
)

// Writes says whether the call writes a record, so that it matters whether one that has failed was carried out. Any
// other can be made once more.
func (v Verb) Writes() bool { return v == Add || v == Swap }

// An Error is a call that has failed.
type Error struct {
	Store  string // the store's package
	Verb   Verb
	Server string // the server's address or the file's name, or empty
	Kind   error  // session.ErrUnavailable, session.ErrTooLarge, or nil where nobody knows whether it was written
	Reason string // what the text says of Err, which can have been made of a reply, and quote it
	Err    error
}

func (e *Error) Error() string {
	text := e.Store + ": " + string(e.Verb)
	if e.Server != "" {
		text += " " + e.Server
	}
	if e.Kind != nil {
		text += ": " + e.Kind.Error()
	}
	return text + ": " + e.Reason
}

// Unwrap returns the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Kind == nil {
		return []error{e.Err}
	}
	return []error{e.Kind, e.Err}
}

// A SizeError is a value that is larger than a store allows, to be written or announced by a reply.
type SizeError struct{ Size, Max int }

func (e *SizeError) Error() string {
	return fmt.Sprintf("value of %d bytes, at most %d allowed", e.Size, e.Max)
}
