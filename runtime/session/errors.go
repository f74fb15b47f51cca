package session

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The errors of Load, Get, Open, Save and Destroy, for errors.Is.
var (
	// ErrUnavailable: the store is down or too slow. From Save together with ErrUnknown when a write was under way.
	ErrUnavailable = errors.New("session: store unavailable")

	// ErrGone: the session was destroyed, renewed or evicted since it was loaded, or its Lifetime is over. Nothing was
	// written and nothing is recreated: the changes of this request belong to a session that has ended.
	ErrGone = errors.New("session: session has ended since it was loaded")

	// ErrConflict: other requests kept changing the session until SaveTimeout was used up. Nothing was written.
	ErrConflict = errors.New("session: too many concurrent changes")

	// ErrUnknown: the changes may or may not have been written, and repeating them could apply them twice.
	ErrUnknown = errors.New("session: outcome of the save is unknown")

	// ErrTooLarge: the record would exceed Config.MaxSize or what the store takes. Nothing was written. Save wraps it
	// in a *SizeError.
	ErrTooLarge = errors.New("session: record too large")

	// ErrLateSave: a cookie must be sent and there is no response to carry it, because its header has gone out, because
	// the session came from Open or, for a renewal, because the request's context is done: the client has left, or an
	// http.TimeoutHandler has answered. Nothing was written. That the header has gone out is known within Middleware,
	// Handle and Do, and where a framework's writer says so; the server's own cannot be asked, and the cookie is lost
	// there (sessionvet finds such a Save).
	ErrLateSave = errors.New("session: too late to set the cookie")

	// ErrInvalidToken: Open was given a token that is malformed, forged, expired or another manager's.
	ErrInvalidToken = errors.New("session: invalid token")

	// ErrNoMiddleware: Get, FromContext or Require was called for a request that did not come through Middleware, Handle
	// or Do of the same manager.
	ErrNoMiddleware = errors.New("session: request did not come through this manager's middleware;" +
		" in a framework with contexts of its own, use its adapter or Manager.Do")
)

// A SizeError says which fields made a record too large. It wraps ErrTooLarge.
type SizeError struct {
	Size   int            // bytes of the record
	Max    int            // Config.MaxSize; 0 if it was the store that refused
	Fields map[string]int // bytes by stored key
}

func (e *SizeError) Error() string {
	keys := make([]string, 0, len(e.Fields))
	for k := range e.Fields {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b string) int {
		if d := e.Fields[b] - e.Fields[a]; d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var b strings.Builder
	fmt.Fprintf(&b, "session: record of %d bytes is too large", e.Size)
	if e.Max > 0 {
		fmt.Fprintf(&b, " (at most %d)", e.Max)
	}
	for i, k := range keys {
		if i == 3 {
			break // the largest three tell where to look
		}
		fmt.Fprintf(&b, ", %s: %d", k, e.Fields[k])
	}
	return b.String()
}

func (e *SizeError) Unwrap() error { return ErrTooLarge }

// A FieldError says which field cannot be saved and why: its max is exceeded, or its type's own marshaller failed.
// Nothing was written.
type FieldError struct {
	Field string // name in the schema
	Key   string // name in the store
	Err   error
}

func (e *FieldError) Error() string {
	return fmt.Sprintf("session: field %s cannot be saved: %v", e.Field, e.Err)
}

func (e *FieldError) Unwrap() error { return e.Err }

// ownError returns what an event says of an error: which of this package's it is. What stores, marshalers and contexts
// have added may tell what is nobody's business.
func ownError(err error) error {
	if err == nil {
		return nil
	}
	if e, ok := errors.AsType[*FieldError](err); ok {
		return &FieldError{Field: e.Field, Key: e.Key, Err: errors.New(e.Err.Error())} // without what that wraps
	}
	if e, ok := errors.AsType[*SizeError](err); ok {
		return e
	}
	for i := range ownErrors {
		if e := &ownErrors[i]; errors.Is(err, e.plain) {
			if errors.Is(err, ErrUnknown) {
				return e.inDoubt
			}
			return e.plain
		}
	}
	return ErrUnknown // a panic, and what nobody has thought of
}

// ownErrors are what ownError returns, ready made: an event allocates nothing.
var ownErrors = [...]struct{ plain, inDoubt error }{
	withDoubt(ErrGone), withDoubt(ErrLateSave), withDoubt(ErrUnavailable), withDoubt(ErrConflict),
	withDoubt(ErrTooLarge), withDoubt(ErrInvalidToken),
}

func withDoubt(err error) struct{ plain, inDoubt error } {
	return struct{ plain, inDoubt error }{err, inDoubt(err, true)}
}
