// Package table wires its handlers from a table of routes.
package table

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) routes() http.Handler {
	routes := []struct {
		path    string
		handler http.HandlerFunc
	}{{"/", s.home}}
	mux := http.NewServeMux()
	for _, r := range routes {
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
