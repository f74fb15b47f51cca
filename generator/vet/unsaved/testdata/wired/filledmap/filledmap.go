// Package filledmap wires its handlers from a map that is filled key by key.
package filledmap

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) routes() http.Handler {
	handlers := map[string]http.HandlerFunc{}
	handlers["/"] = s.home
	mux := http.NewServeMux()
	for p, h := range handlers {
		mux.Handle(p, s.sessions.Middleware(h))
	}
	return mux
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
