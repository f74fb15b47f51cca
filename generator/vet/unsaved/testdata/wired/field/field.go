// Package field wires its handlers through a field of another struct.
package field

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/", s.home)
	srv := &http.Server{Handler: mux}
	srv.Handler = s.sessions.Middleware(srv.Handler)
	return srv.Handler
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
