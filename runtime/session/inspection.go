package session

import (
	"net/http"
	"reflect"
)

// An Inspection is a Manager seen from within. It is what package inspect works on, and nothing that a site needs.
type Inspection[S any] struct{ m *Manager[S] }

// Inspect is what package inspect calls.
func Inspect[S any](m *Manager[S]) Inspection[S] { return Inspection[S]{m} }

// Schema returns what generated code has told the Manager. It is not to be changed.
func (i Inspection[S]) Schema() Schema[S] { return i.m.schema }

// Config returns the Config with its defaults, without the Secrets.
func (i Inspection[S]) Config() Config { return i.m.e.cfg }

// Store returns the Manager's store, as it was given.
func (i Inspection[S]) Store() Store { return i.m.e.given }

// Watch adds an Observer to those of the Manager, for good. The calls that have begun may not tell it any more.
func (i Inspection[S]) Watch(o Observer) {
	for {
		old := i.m.e.observer.Load()
		next := o
		if old != nil {
			next = Observers(*old, o)
		}
		if i.m.e.observer.CompareAndSwap(old, &next) {
			return
		}
	}
}

// Peek returns the session of a request as the store has it: what the request has changed is not in it. It slides no
// expiry, tells no Observer, and imports nothing. The session is for reading. The error is that of Load.
func (i Inspection[S]) Peek(r *http.Request) (*S, error) {
	s, c := i.m.new(r.Context(), response{})
	c.peeked = true
	if err := c.loadFirst(r.Header); err != nil {
		return nil, err
	}
	return s, nil
}

// Guarded reports whether a request has come through a Require of this Manager.
func (i Inspection[S]) Guarded(r *http.Request) bool {
	v := i.m.visitOf(r.Context())
	return v != nil && v.required.Load()
}

// Schema returns the type of the struct that the session was generated from.
func (*Of[Schema]) Schema() reflect.Type { return reflect.TypeFor[Schema]() }
