// Package chain wires its handlers with a chain that has methods.
package chain

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

type chain []func(http.Handler) http.Handler

// Then applies the chain.
func (c chain) Then(h http.Handler) http.Handler {
	for i := len(c) - 1; i >= 0; i-- {
		h = c[i](h)
	}
	return h
}

func (s *server) routes() http.Handler {
	return chain{logging, s.sessions.Middleware}.Then(http.HandlerFunc(s.home))
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
