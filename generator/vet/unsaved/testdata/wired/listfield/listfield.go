// Package listfield wires its handlers with a list of middleware in a field.
package listfield

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

type stack struct {
	layers []func(http.Handler) http.Handler
}

func (s *server) stack() *stack {
	return &stack{layers: []func(http.Handler) http.Handler{logging, s.sessions.Middleware}}
}

func (st *stack) around(h http.Handler) http.Handler {
	for _, layer := range st.layers {
		h = layer(h)
	}
	return h
}

func (s *server) routes() http.Handler { return s.stack().around(http.HandlerFunc(s.home)) }

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
