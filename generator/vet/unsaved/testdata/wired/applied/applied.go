// Package applied wires its handlers with Middleware in a variable, some of them and some not.
package applied

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) routes(mux *http.ServeMux) {
	wrap := s.sessions.Middleware
	mux.Handle("/", wrap(http.HandlerFunc(s.home)))
	mux.HandleFunc("/alone", s.alone)
}

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	if x, err := s.sessions.Load(w, r); err == nil {
		x.AddVisits(1)
	}
}

func (s *server) alone(w http.ResponseWriter, r *http.Request) {
	if x, err := s.sessions.Load(w, r); err == nil {
		x.AddVisits(1) // want `AddVisits`
	}
}
