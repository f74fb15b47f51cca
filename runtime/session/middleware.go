package session

import (
	"errors"
	"net/http"
)

// Middleware gives each request one session, which Get returns, and saves it: before the first byte of the response
// goes out (a 1xx response is none), or when the handler returns. Nothing is saved after a panic or for a status of 500
// and more, which is logged for debugging. If the save fails, the client gets what Config.OnError answers and nothing
// of the handler's response, its header included; a session that has ended meanwhile (ErrGone) is no failure: the
// response goes out, without a cookie.
//
// Changes after the first byte are saved when it returns, if that needs no cookie; else it is logged.
//
// It is Do with Config.OnError. Where the handler fails in a way that the status does not tell, and in a framework that
// has writers or an error flow of its own, use Do, or the framework's adapter.
//
// The response writer that next gets has all the optional interfaces of net/http's, and http.ResponseController reaches
// what the server's can do. Hijack saves first; since a hijacked connection sends no header of ours, it fails with
// ErrLateSave if the session needs a cookie.
func (m *Manager[S]) Middleware(next http.Handler) http.Handler {
	return m.handler(func(w http.ResponseWriter, r *http.Request) error {
		next.ServeHTTP(w, r)
		return nil
	})
}

// Handle makes a handler of a function that gets the request's session. It does what Middleware does, and needs none
// around it; within one it shares its session. If the function returns an error, nothing is saved and Config.OnError
// answers, without what the function has put into the header; or, after the first byte, the error is logged. An error
// that is ErrGone is no failure: the session has ended, and what the function wrote goes out.
func (m *Manager[S]) Handle(f func(http.ResponseWriter, *http.Request, *S) error) http.Handler {
	return m.handler(func(w http.ResponseWriter, r *http.Request) error {
		v := m.visitOf(r.Context())
		s, err := v.session()
		if err == nil {
			err = f(w, r, s)
		}
		if errors.Is(err, ErrGone) {
			v.w.abandon()
			return nil
		}
		return err
	})
}

func (m *Manager[S]) handler(next func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_ = m.do(w, r, next, m.e.cfg.OnError)
	})
}

// Require guards a handler: a request whose session passes ok goes to it, any other to otherwise, for example a
// redirect to the login page. Behind it Must returns the session. It is used inside Middleware, Handle or Do: elsewhere
// every request is an ErrNoMiddleware. A session that cannot be loaded goes to Config.OnError, never to otherwise: an
// outage is not a logout.
func (m *Manager[S]) Require(ok func(*S) bool, otherwise http.Handler) func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			v := m.visitOf(r.Context())
			if v == nil {
				m.e.cfg.OnError(w, r, ErrNoMiddleware)
				return
			}
			s, err := v.session()
			switch {
			case err != nil:
				v.fail(w, r, err, m.e.cfg.OnError)
			case ok(s):
				v.required.Store(true)
				next.ServeHTTP(w, r)
			default:
				otherwise.ServeHTTP(w, r)
			}
		})
	}
}
