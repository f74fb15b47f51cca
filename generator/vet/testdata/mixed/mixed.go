// Package mixed has handlers within Middleware and handlers without, side by side.
package mixed

import (
	"net/http"

	"example.com/shop/web"
)

type app struct{ sessions *web.Sessions }

func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/within", a.sessions.Middleware(http.HandlerFunc(a.within)))
	mux.HandleFunc("/without", a.without)
	mux.Handle("/handled", a.sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		s.AddVisits(1)
		return nil
	}))

	inner := http.NewServeMux()
	inner.HandleFunc("/inner", a.inner)
	mux.Handle("/inner/", a.sessions.Middleware(inner))
	return mux
}

func (a *app) within(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) inner(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) without(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1) // want `unsaved: .*AddVisits`
	}
}

// A router has groups that middleware is given to on their own.
type router struct{}

func (*router) Use(...func(http.Handler) http.Handler) {}
func (*router) Group(func(*router))                    {}
func (*router) Get(string, http.HandlerFunc)           {}

func (a *app) groups(r *router) {
	r.Group(func(r *router) {
		r.Use(a.sessions.Middleware)
		r.Get("/grouped", a.grouped)
	})
	r.Get("/apart", a.apart)
}

func (a *app) grouped(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) apart(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1) // want `unsaved: .*AddVisits`
	}
}

func (a *app) grouping(r *router) {
	r.Use(a.sessions.Middleware)
	r.Group(func(r *router) { r.Get("/below", a.below) })
}

func (a *app) below(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}
