package sessiontest

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Inside returns a request as a handler gets it within Middleware, for a handler that is tested alone: Get, Must and
// FromContext give the session that Request would have given it, which is loaded.
//
//	r := sessiontest.Inside(t, sessions, httptest.NewRequest("POST", "/cart", nil), func(s *web.Session) { s.SetUserName("Ann") })
//	w := httptest.NewRecorder()
//	addToCart(w, r)
//	if s := sessions.Must(r); len(s.Cart()) != 1 { … }
//
// What the handler changes is in the session that Must gives, and is not saved: there is no Middleware to do it, and
// one that is part of the handler, or a Handle, takes the request for its own and leaves that to whom it came from. A
// Save that the handler calls itself writes to the manager's store, and under a new id if it is a login; the cookie
// goes nowhere, not into the handler's response. To see what a visitor keeps, serve the whole of it, with Request and
// Read.
//
// The request is good until the test ends, or until it is given to Inside or Request again: what that returns has the
// session as the store has it then, without what has not been saved.
func Inside[S any](t testing.TB, sessions *session.Manager[S], r *http.Request, fields func(*S)) *http.Request {
	t.Helper()
	r = Request(t, sessions, r, fields)
	b := &binding{ended: make(chan struct{}), over: make(chan struct{})}
	r = r.WithContext(context.WithValue(r.Context(), boundTo{sessions}, b))
	var (
		bound   = make(chan *http.Request)
		loadErr error
	)
	go func() { // it is within Do as long as Do has not returned
		defer close(b.over)
		_ = sessions.Do(httptest.NewRecorder(), r, func(_ http.ResponseWriter, r *http.Request) error {
			_, loadErr = sessions.Get(r)
			bound <- r
			<-b.ended
			return errNotSaved
		})
	}()
	r = <-bound
	t.Cleanup(b.end)
	if loadErr != nil {
		t.Fatalf("sessiontest.Inside: loading the session: %v", loadErr)
	}
	return r
}

var errNotSaved = errors.New("sessiontest: the test has ended")

// A binding keeps a request within a Do. It is in the request's context, under boundTo of the manager.
type binding struct {
	ended, over chan struct{}
	once        sync.Once
}

type boundTo struct{ sessions any }

func (b *binding) end() {
	b.once.Do(func() { close(b.ended) })
	<-b.over
}

// unbind takes a request out of the Do in which Inside has put it: within that, another would join it and have its
// session.
func unbind(r *http.Request, sessions any) {
	if b, ok := r.Context().Value(boundTo{sessions}).(*binding); ok {
		b.end()
	}
}
