package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// Get returns the one session of a request that came through Middleware, Handle or Do of this manager. The first call
// loads it, with Load's errors; every later call returns the same session or error. ErrNoMiddleware for any other
// request.
//
// It is asked within them. After they have returned nothing but a Save by hand saves the session, and the first time
// that one is asked for or changed then is logged: a framework that runs its handlers so late (fiber's
// adaptor.HTTPMiddleware does) needs Do, or its adapter.
func (m *Manager[S]) Get(r *http.Request) (*S, error) { return m.FromContext(r.Context()) }

// FromContext is Get for code that has no request: RPC handlers, services. The context is that of a request which Get
// would take, or made from it.
func (m *Manager[S]) FromContext(ctx context.Context) (*S, error) {
	v := m.visitOf(ctx)
	if v == nil {
		return nil, ErrNoMiddleware
	}
	return v.session()
}

// Must is Get for handlers behind Require or Handle, where the session has been loaded, or behind any call of Get that
// has dealt with the error. Anywhere else it panics and says what is missing.
func (m *Manager[S]) Must(r *http.Request) *S {
	v := m.visitOf(r.Context())
	if v == nil {
		panic(fmt.Errorf("%w; put Middleware, or Handle, around the handler that calls Must", ErrNoMiddleware))
	}
	v.mu.Lock()
	loaded, err := v.loaded, v.err
	v.mu.Unlock()
	if !loaded {
		panic(errNotLoaded)
	}
	if err != nil {
		panic(fmt.Errorf("session: Must: the session could not be loaded: %w", err))
	}
	s, _ := v.session()
	return s
}

var errNotLoaded = errors.New("session: Must: the session has not been loaded; put the handler behind" +
	" Require or Handle, or call Get")
