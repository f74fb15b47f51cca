// Package do has a handler within Do, one that another function calls there, and one without.
package do

import (
	"context"
	"net/http"
	"testing"

	"example.com/shop/web"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
)

type app struct{ sessions *web.Sessions }

func (a *app) literal(w http.ResponseWriter, r *http.Request) {
	err := a.sessions.Do(w, r, func(w http.ResponseWriter, r *http.Request) error {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			return err
		}
		s.AddVisits(1)
		w.WriteHeader(http.StatusNoContent)
		s.SetTheme("dark")
		return nil
	})
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) named(w http.ResponseWriter, r *http.Request) {
	if err := a.sessions.Do(w, r, a.next); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) next(w http.ResponseWriter, r *http.Request) error {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return err
	}
	s.AddVisits(1)
	return nil
}

func (a *app) without(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1) // want `AddVisits`
	}
}

// A service has no request.
func (a *app) service(ctx context.Context) error {
	s, err := a.sessions.FromContext(ctx)
	if err != nil {
		return err
	}
	s.AddVisits(1)
	return nil
}

func (a *app) guarded(w http.ResponseWriter, r *http.Request) {
	s := a.sessions.Must(r)
	w.WriteHeader(http.StatusNoContent)
	s.AddVisits(1)
}

func (a *app) tested(t *testing.T, w http.ResponseWriter, r *http.Request) {
	r = sessiontest.Inside(t, a.sessions, r, func(s *web.Session) { s.SetUserID(7) })
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
	bound := sessiontest.Inside(t, a.sessions, r, nil)
	if s, err := a.sessions.Load(w, bound); err == nil {
		s.AddVisits(1)
	}
}
