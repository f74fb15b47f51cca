package sessiontest

import (
	"errors"
	"net/http"
	"net/http/httptest"
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
// The request is good until the test ends.
func Inside[S any](t testing.TB, sessions *session.Manager[S], r *http.Request, fields func(*S)) *http.Request {
	t.Helper()
	r = Request(t, sessions, r, fields)
	var (
		bound   = make(chan *http.Request)
		ended   = make(chan struct{})
		over    = make(chan struct{})
		loadErr error
	)
	go func() { // it is within Do as long as Do has not returned
		defer close(over)
		_ = sessions.Do(httptest.NewRecorder(), r, func(_ http.ResponseWriter, r *http.Request) error {
			_, loadErr = sessions.Get(r)
			bound <- r
			<-ended
			return errNotSaved
		})
	}()
	r = <-bound
	t.Cleanup(func() {
		close(ended)
		<-over
	})
	if loadErr != nil {
		t.Fatalf("sessiontest.Inside: loading the session: %v", loadErr)
	}
	return r
}

var errNotSaved = errors.New("sessiontest: the test has ended")
