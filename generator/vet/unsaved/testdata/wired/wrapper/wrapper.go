// Package wrapper wires its handlers with a literal that a method returns.
package wrapper

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) wrapper() func(http.Handler) http.Handler {
	return func(h http.Handler) http.Handler { return logging(s.sessions.Middleware(h)) }
}

func (s *server) routes(mux *http.ServeMux) {
	wrap := s.wrapper()
	mux.Handle("/", wrap(http.HandlerFunc(s.home)))
}

func logging(next http.Handler) http.Handler { return next }

func (s *server) home(w http.ResponseWriter, r *http.Request) {
	if x, err := s.sessions.Load(w, r); err == nil {
		x.AddVisits(1)
	}
}

func (s *server) apart() { http.HandleFunc("/apart", s.alone) }

func (s *server) alone(w http.ResponseWriter, r *http.Request) {
	if x, err := s.sessions.Load(w, r); err == nil {
		x.AddVisits(1) // want `AddVisits`
	}
}
