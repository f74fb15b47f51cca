// Package muxmap wires its handlers from a map that is ranged over, into a mux.
package muxmap

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) routes() http.Handler {
	mux := http.NewServeMux()
	for p, h := range map[string]http.HandlerFunc{"/": s.home} {
		mux.Handle(p, h)
	}
	return chain(mux, logging, s.sessions.Middleware)
}

type middleware func(http.Handler) http.Handler

func chain(h http.Handler, ms ...middleware) http.Handler {
	for i := len(ms) - 1; i >= 0; i-- {
		h = ms[i](h)
	}
	return h
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
