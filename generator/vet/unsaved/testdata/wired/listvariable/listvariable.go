// Package listvariable wires its handlers with a list of middleware in a variable.
package listvariable

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

type middleware func(http.Handler) http.Handler

func (s *server) routes() http.Handler {
	ms := []middleware{logging}
	ms = append(ms, s.sessions.Middleware)
	var h http.Handler = http.HandlerFunc(s.home)
	for _, m := range ms {
		h = m(h)
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
