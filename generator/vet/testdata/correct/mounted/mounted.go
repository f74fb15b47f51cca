// Package mounted has handlers that are within Middleware by way of a mux in a struct.
package mounted

import (
	"fmt"
	"net/http"

	"example.com/shop/web"
)

type api struct {
	sessions *web.Sessions
	mux      *http.ServeMux
}

func New(sessions *web.Sessions) http.Handler {
	a := &api{sessions: sessions, mux: http.NewServeMux()}
	a.routes()
	return sessions.Middleware(a.mux)
}

func (a *api) routes() {
	a.mux.HandleFunc("GET /", a.home)
	a.mux.Handle("GET /x", a.wrap(a.x))
}

type fn func(http.ResponseWriter, *http.Request, *web.Session) error

func (a *api) wrap(f fn) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r) // inside Middleware: that request's session
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		s.AddVisits(1)
		if err := f(w, r, s); err != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
		}
	})
}

func (a *api) x(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	s.SetTheme("x")
	return nil
}

func (a *api) home(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	fmt.Fprint(w, "home")
}

func handle(sessions *web.Sessions) http.Handler {
	return sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		s.SetTheme("dark")
		fmt.Fprint(w, "ok")
		s.AddVisits(1)
		return nil
	})
}
