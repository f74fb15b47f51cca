// Package tablemethod wires its handlers from a table of routes that a method returns.
package tablemethod

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

type route struct {
	path    string
	handler http.HandlerFunc
}

func (s *server) table() []route { return []route{{"/", s.home}} }

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.table() {
		mux.HandleFunc(r.path, r.handler)
	}
	return s.sessions.Middleware(mux)
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
