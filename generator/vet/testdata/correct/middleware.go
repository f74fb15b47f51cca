package correct

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// routes wires the shop: everything under the mux runs within Middleware.
func (a *app) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /inside", a.inside)
	mux.HandleFunc("POST /inside", a.insideLoads)
	mux.Handle("POST /theme", a.sessions.Handle(a.themeForm))
	mux.Handle("/account", a.sessions.Require((*web.Session).HasUserID, http.HandlerFunc(toLogin))(http.HandlerFunc(a.account)))
	mux.Handle("/literal", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r) // Middleware's
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s.AddVisits(1)
		fmt.Fprintln(w, s.Visits())
	}))
	register(mux, a)
	var handler http.Handler = mux
	handler = logged(handler)
	handler = a.sessions.Middleware(handler)
	return handler
}

func register(mux *http.ServeMux, a *app) {
	mux.HandleFunc("/registered", a.registered)
}

func toLogin(w http.ResponseWriter, r *http.Request) {
	http.Redirect(w, r, "/login", http.StatusSeeOther)
}

func logged(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		next.ServeHTTP(w, r)
		_ = time.Since(start)
	})
}

func (a *app) inside(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.AddVisits(1)
	s.SetLastSeen(time.Now())
	fmt.Fprintln(w, s.Visits())
}

func (a *app) insideLoads(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme(r.FormValue("theme"))
	http.Redirect(w, r, "/", http.StatusSeeOther)
	s.AddVisits(1)
}

func (a *app) registered(w http.ResponseWriter, r *http.Request) {
	s, err := a.loadHere(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("registered")
	fmt.Fprintln(w, "ok")
}

func (a *app) loadHere(w http.ResponseWriter, r *http.Request) (*web.Session, error) {
	return a.sessions.Load(w, r)
}

func (a *app) account(w http.ResponseWriter, r *http.Request) {
	s, err := a.Current(r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.PutPrefs("seen", "account")
	fmt.Fprintln(w, s.UserName())
}

func (a *app) themeForm(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	theme := r.FormValue("theme")
	if theme == "" {
		return errors.New("no theme")
	}
	s.SetTheme(theme)
	s.Renew()
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (a *app) handled() http.Handler {
	return a.sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		s.AddVisits(1)
		helpers.Greet(s, s.UserName())
		_, err := fmt.Fprintln(w, s.Visits())
		return err
	})
}

func (a *app) guarded(next http.Handler) http.Handler {
	guard := a.sessions.Require(func(s *web.Session) bool { return s.UserID() != 0 }, http.NotFoundHandler())
	return a.sessions.Middleware(guard(next))
}

type api struct {
	app  *app
	mux  *http.ServeMux
	next http.Handler
}

func newAPI(a *app) *api {
	s := &api{app: a, mux: http.NewServeMux()}
	s.mux.HandleFunc("/visits", s.visits)
	s.next = a.sessions.Middleware(s.mux)
	return s
}

func (s *api) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.next.ServeHTTP(w, r) }

func (s *api) visits(w http.ResponseWriter, r *http.Request) {
	v, err := s.app.sessions.Load(w, r)
	if err != nil {
		s.app.fail(w, r, err)
		return
	}
	v.AddVisits(1)
	fmt.Fprintln(w, v.Visits())
}

type router struct {
	middlewares []func(http.Handler) http.Handler
}

func (r *router) Use(m func(http.Handler) http.Handler)        { r.middlewares = append(r.middlewares, m) }
func (r *router) Get(path string, h http.HandlerFunc)          {}
func (r *router) ServeHTTP(http.ResponseWriter, *http.Request) {}

func (a *app) used() http.Handler {
	r := &router{}
	r.Use(a.sessions.Middleware)
	r.Get("/", func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s.AddVisits(1)
	})
	return r
}

type chain []func(http.Handler) http.Handler

func (c chain) Then(h http.Handler) http.Handler {
	for _, m := range c {
		h = m(h)
	}
	return h
}

func (a *app) chained() http.Handler {
	c := chain{a.sessions.Middleware, logged}
	return c.Then(http.HandlerFunc(a.inChain))
}

func (a *app) inChain(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		a.fail(w, r, err)
		return
	}
	s.SetTheme("chain")
}

// Middleware of one's own, before the handler.

type contextKey struct{}

func (a *app) withSession(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s.AddVisits(1)
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, s)))
	})
}

func (a *app) fromContext(w http.ResponseWriter, r *http.Request) {
	s, ok := r.Context().Value(contextKey{}).(*web.Session)
	if !ok {
		http.Error(w, "no session", http.StatusInternalServerError)
		return
	}
	s.SetTheme("dark")
	helpers.FromContext(r.Context()).SetTheme("dark")
	fmt.Fprintln(w, "ok")
}

func (a *app) lastSeen(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			a.fail(w, r, err)
			return
		}
		s.SetLastSeen(time.Now())
		if err := s.Save(); err != nil && !errors.Is(err, session.ErrGone) {
			a.fail(w, r, err)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func (a *app) onlyAdmins(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		admin, err := a.admins.Load(w, r)
		switch {
		case err != nil:
			a.fail(w, r, err)
		case !admin.HasLogin():
			http.Error(w, "admins only", http.StatusForbidden)
		default:
			next(w, r)
		}
	}
}

func (a *app) recovers(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if v := recover(); v != nil {
				http.Error(w, "try again", http.StatusInternalServerError)
			}
		}()
		s, err := a.sessions.Load(w, r)
		if err != nil {
			panic(err)
		}
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			panic(err)
		}
		next.ServeHTTP(w, r)
	})
}

// request is made anew for each request: what is stored in it goes with it.
type request struct {
	app *app
	w   http.ResponseWriter
	r   *http.Request
	s   *web.Session
}

func (a *app) withRequest(h func(*request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		req := &request{app: a, w: w, r: r}
		var err error
		if req.s, err = a.sessions.Load(w, r); err == nil {
			err = h(req)
		}
		if err == nil {
			err = req.s.Save()
		}
		if err != nil {
			a.fail(w, r, err)
		}
	}
}

func (req *request) load() error {
	s, err := req.app.sessions.Load(req.w, req.r)
	if err != nil {
		return err
	}
	s.AddVisits(1)
	req.s = s
	return nil
}

func (req *request) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := req.app.sessions.Load(w, r)
	if err != nil {
		return
	}
	req.s = s
}

func (a *app) perRequest(w http.ResponseWriter, r *http.Request) {
	(&request{app: a}).ServeHTTP(w, r)
}

// Wrappers of one's own.

func (a *app) wrap(h http.HandlerFunc) http.Handler {
	return logged(a.sessions.Middleware(h))
}

func (a *app) sessionsFor() func(http.Handler) http.Handler {
	return func(next http.Handler) http.Handler {
		return a.sessions.Middleware(logged(next))
	}
}

func (a *app) handlerWith(next http.Handler) http.Handler { return a.sessions.Middleware(next) }

func (a *app) wrapped() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/a", a.wrap(a.wrappedA))
	mux.Handle("/b", a.sessionsFor()(http.HandlerFunc(a.wrappedB)))
	mux.Handle("/c", a.handlerWith(http.HandlerFunc(a.wrappedC)))
	local := func(h http.HandlerFunc) http.Handler { return a.sessions.Middleware(h) }
	mux.Handle("/d", local(a.wrappedD))
	r := &router{}
	r.Use(a.sessionsFor())
	r.Get("/e", a.wrappedE)
	q := &router{}
	q.Use(a.handlerWith)
	q.Get("/f", a.wrappedF)
	return mux
}

func (a *app) wrappedA(w http.ResponseWriter, r *http.Request) { a.countVisit(w, r) }
func (a *app) wrappedB(w http.ResponseWriter, r *http.Request) {
	must(a.sessions.Load(w, r)).AddVisits(1)
}

func (a *app) countVisit(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return
	}
	s.AddVisits(1)
}

func (a *app) wrappedC(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) wrappedD(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) wrappedE(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) wrappedF(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil {
		s.AddVisits(1)
	}
}
