// Package timeouthandler drops the responses that carry cookies.
package timeouthandler

import (
	"net/http"
	"time"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v5"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
)

type app struct{ sessions *web.Sessions }

func (a *app) site(mux *http.ServeMux) http.Handler {
	return http.TimeoutHandler(a.sessions.Middleware(mux), 5*time.Second, "too slow") // want `TimeoutHandler around Middleware drops the cookie of a session that is saved when the time is up: put it inside`
}

func (a *app) routes(mux *http.ServeMux) {
	mux.Handle("/logged", http.TimeoutHandler(logging("site", (a.sessions.Middleware(mux))), time.Second, "")) // want `TimeoutHandler around Middleware`
}

func (a *app) variable(mux *http.ServeMux) http.Handler {
	h := a.sessions.Middleware(mux)
	return logging("site", http.TimeoutHandler(h, time.Second, "")) // want `TimeoutHandler around Middleware`
}

func logging(name string, next http.Handler) http.Handler { return next }

type both struct {
	sessions *web.Sessions
	admins   *web.Admins
}

func (a *both) otherSessions(mux *http.ServeMux) http.Handler {
	return a.admins.Middleware(logging("site", http.TimeoutHandler(logging("shop", a.sessions.Middleware(mux)), time.Second, ""))) // want `TimeoutHandler around Middleware`
}

// The other way round.

func (a *app) inside(mux *http.ServeMux) http.Handler {
	return a.sessions.Middleware(http.TimeoutHandler(mux, 5*time.Second, "too slow"))
}

func (a *app) guarded(mux *http.ServeMux) http.Handler {
	guard := a.sessions.Require((*web.Session).HasUserID, http.NotFoundHandler())
	return a.sessions.Middleware(http.TimeoutHandler(guard(mux), 5*time.Second, "too slow"))
}

func (a *app) handled() http.Handler {
	page := a.sessions.Handle(login)
	return a.sessions.Middleware(http.TimeoutHandler(page, time.Second, ""))
}

func (a *app) handledOnOneRoute(mux *http.ServeMux) http.Handler {
	mux.Handle("POST /login", http.TimeoutHandler(a.sessions.Handle(login), time.Second, ""))
	return a.sessions.Middleware(mux)
}

func login(w http.ResponseWriter, r *http.Request, s *web.Session) error {
	s.SetUserName(r.FormValue("name"))
	return nil
}

func (a *app) shared(mux *http.ServeMux) http.Handler {
	return a.sessions.Middleware(http.TimeoutHandler(logging("shop", a.sessions.Middleware(mux)), time.Second, ""))
}

func (a *app) sometimesGiven(h http.Handler, slow bool) http.Handler {
	if slow {
		h = a.sessions.Middleware(h)
	}
	return http.TimeoutHandler(h, time.Second, "")
}

func (a *app) either(mux *http.ServeMux, slow bool) http.Handler {
	h := http.Handler(mux)
	if slow {
		h = a.sessions.Middleware(h)
	}
	return http.TimeoutHandler(h, time.Second, "")
}

func (a *app) byDo() http.Handler {
	return http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		next := func(w http.ResponseWriter, r *http.Request) error { return nil }
		if err := a.sessions.Do(w, r, next); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
		}
	}), time.Second, "")
}

func (a *app) byHand() http.Handler {
	return http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := a.sessions.Load(w, r)
		if err != nil {
			return
		}
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			return
		}
	}), time.Second, "")
}

// Routers that are given it.

func (a *app) router() http.Handler {
	r := gin.New()
	r.Use(logged, ginsession.Middleware(a.sessions))
	return http.TimeoutHandler(r, time.Second, "") // want `TimeoutHandler around Middleware`
}

func (a *app) routerGivenLater() http.Handler {
	e := echo.New()
	server := &http.Server{Handler: logging("site", http.TimeoutHandler(e, time.Second, ""))} // want `TimeoutHandler around Middleware`
	e.Use(echosession.Middleware(a.sessions))
	return server.Handler
}

type router struct{ http.Handler }

func (r *router) Use(...func(http.Handler) http.Handler) {}

func (a *app) methodOfTheManager() http.Handler {
	r := &router{}
	r.Use(a.sessions.Middleware)
	return http.TimeoutHandler(r, time.Second, "") // want `TimeoutHandler around Middleware`
}

// Routers of which it is not certain, or not so.

func (a *app) sometimes(slow bool) http.Handler {
	r := gin.New()
	if slow {
		r.Use(ginsession.Middleware(a.sessions))
	}
	return http.TimeoutHandler(r, time.Second, "")
}

func (a *app) another() http.Handler {
	r, other := gin.New(), gin.New()
	other.Use(ginsession.Middleware(a.sessions))
	other.GET("/slow", func(c *gin.Context) { http.TimeoutHandler(r, time.Second, "").ServeHTTP(c.Writer, c.Request) })
	return other
}

func (a *app) guardsAlone() http.Handler {
	r := gin.New()
	r.Use(ginsession.Require(a.sessions, (*web.Session).HasUserID, logged))
	return http.TimeoutHandler(r, time.Second, "")
}

func logged(c *gin.Context) { c.Next() }
