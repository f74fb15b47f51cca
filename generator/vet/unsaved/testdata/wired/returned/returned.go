// Package returned wires its handlers with Middleware itself, which a method returns.
package returned

import (
	"net/http"

	"example.com/shop/web"
)

type server struct{ sessions *web.Sessions }

func (s *server) middleware() func(http.Handler) http.Handler { return s.sessions.Middleware }

func (s *server) routes(mux *http.ServeMux) {
	wrap := s.middleware()
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
