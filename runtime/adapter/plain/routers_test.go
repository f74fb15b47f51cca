package plain

import (
	"io"
	"log"
	"net/http"
	"slices"
	"testing"

	"github.com/go-chi/chi/v5"
	chimiddleware "github.com/go-chi/chi/v5/middleware"
	"github.com/gorilla/mux"
	"github.com/julienschmidt/httprouter"

	"github.com/sessiongen/sessiongen/internal/course"
)

func TestNetHTTP(t *testing.T) {
	course.Run(t, framework(func(s *course.Site) http.Handler {
		m := http.NewServeMux()
		for _, r := range s.Routes {
			h := handle(s, r)
			if r.Guarded {
				h = guard(s)(h)
			}
			path := r.Path
			if path == "/" {
				path = "/{$}"
			}
			m.Handle(r.Method+" "+path, h)
		}
		for _, h := range s.Handlers {
			if h.Guarded {
				h.Handler = guard(s)(h)
			}
			m.Handle(h.Path, h)
		}
		return wrap(wrap(m, s.Inside, s.Sessions.Middleware), s.Outside)
	}))
}

// wrap puts layers around a handler, and middlewares around these.
func wrap(h http.Handler, layers []course.Layer, outside ...func(http.Handler) http.Handler) http.Handler {
	for _, l := range slices.Backward(layers) {
		h = middleware(l)(h)
	}
	for _, m := range outside {
		h = m(h)
	}
	return h
}

func TestChi(t *testing.T) {
	layer := func(l course.Layer) func(http.Handler) http.Handler {
		if l == course.Compressor {
			return chimiddleware.Compress(5)
		}
		return func(next http.Handler) http.Handler {
			quiet := chimiddleware.RequestLogger(&chimiddleware.DefaultLogFormatter{Logger: log.New(io.Discard, "", 0)})
			return quiet(chimiddleware.Recoverer(next)) // the Recoverer writes to the logger
		}
	}
	course.Run(t, framework(func(s *course.Site) http.Handler {
		m := chi.NewRouter()
		for _, l := range s.Outside {
			m.Use(layer(l))
		}
		m.Use(s.Sessions.Middleware)
		for _, l := range s.Inside {
			m.Use(layer(l))
		}
		for _, r := range s.Routes {
			m := chi.Router(m)
			if r.Guarded {
				m = m.With(guard(s))
			}
			m.Method(r.Method, r.Path, handle(s, r))
		}
		for _, h := range s.Handlers {
			m := chi.Router(m)
			if h.Guarded {
				m = m.With(guard(s))
			}
			m.Handle(h.Path, h)
		}
		return m
	}))
}

func TestGorillaMux(t *testing.T) {
	course.Run(t, framework(func(s *course.Site) http.Handler {
		m := mux.NewRouter()
		for _, l := range s.Outside {
			m.Use(middleware(l))
		}
		m.Use(s.Sessions.Middleware)
		for _, l := range s.Inside {
			m.Use(middleware(l))
		}
		for _, r := range s.Routes {
			h := handle(s, r)
			if r.Guarded {
				h = guard(s)(h)
			}
			m.Handle(r.Path, h).Methods(r.Method)
		}
		for _, h := range s.Handlers {
			if h.Guarded {
				h.Handler = guard(s)(h)
			}
			m.Handle(h.Path, h)
		}
		return m
	}))
}

func TestHTTPRouter(t *testing.T) {
	course.Run(t, framework(func(s *course.Site) http.Handler {
		m := httprouter.New()
		for _, r := range s.Routes {
			h := handle(s, r)
			if r.Guarded {
				h = guard(s)(h)
			}
			m.Handler(r.Method, r.Path, h)
		}
		for _, h := range s.Handlers {
			if h.Guarded {
				h.Handler = guard(s)(h)
			}
			m.Handler("GET", h.Path, h)
		}
		return wrap(wrap(m, s.Inside, s.Sessions.Middleware), s.Outside)
	}))
}
