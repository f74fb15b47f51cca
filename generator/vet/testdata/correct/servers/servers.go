// Package servers has correct handlers of frameworks, pools, hubs and helpers that run closures.
package servers

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

type app struct {
	sessions *web.Sessions
	mu       sync.Mutex
	tmp      *web.Session
}

// echo middleware that loads, saves before next, hands the session on
func (a *app) echoMW(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		c.Set("session", s)
		return next(c)
	}
}

func (a *app) echoGuard(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		if !s.HasUserID() {
			s.SetNotice("please log in")
			if err := s.Save(); err != nil {
				return err
			}
			return c.Redirect(303, "/login")
		}
		return next(c)
	}
}

// gin: read-only then JSON, then log only
func (a *app) ginRead(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(503)
		return
	}
	c.JSON(200, s.Cart())
	log.Print(s.UserID())
}

// pool of per-request state, reset
var pool = sync.Pool{New: func() any { return new(state) }}

type state struct{ s *web.Session }

func (a *app) pooled(w http.ResponseWriter, r *http.Request) {
	st := pool.Get().(*state)
	defer pool.Put(st)
	var err error
	st.s, err = a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	st.s.AddVisits(1)
	if err := st.s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
	st.s = nil
}

// timeout helper that waits
func within(d time.Duration, f func() error) error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	select {
	case err := <-done:
		return err
	case <-time.After(d):
		return context.DeadlineExceeded
	}
}

func (a *app) withTimeout(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	if err := within(time.Second, s.Save); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) withTimeout2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := within(time.Second, func() error { s.SetTheme("x"); return s.Save() }); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// transaction helper: callback changes, helper saves
func (a *app) tx(w http.ResponseWriter, r *http.Request, f func(*web.Session) error) error {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return err
	}
	if err := f(s); err != nil {
		return err
	}
	return s.Save()
}

func (a *app) useTx(w http.ResponseWriter, r *http.Request) {
	err := a.tx(w, r, func(s *web.Session) error {
		s.SetTheme("x")
		return nil
	})
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(w, "ok")
}

// method on a named handler type, session param
type greet struct{ a *app }

func (g greet) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s, err := g.a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer func(start time.Time) { log.Print(time.Since(start), s.UserID()) }(time.Now())
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	json.NewEncoder(w).Encode(s.Visits())
}

// error in errs variable set from other branch
func (a *app) combos(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	switch r.FormValue("op") {
	case "add":
		s.AppendCart(web.Item{SKU: r.FormValue("sku")})
	case "clear":
		s.ClearCart()
	default:
		http.Error(w, "unknown op", http.StatusBadRequest)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// same writer in an if-init, write on failing branch that returns in a nested func
func (a *app) nested(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if !func() bool {
		if r.FormValue("csrf") == "" {
			http.Error(w, "csrf", 403)
			return false
		}
		return true
	}() {
		return
	}
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// guard helper writes only on false
func (a *app) check(w http.ResponseWriter, r *http.Request) (ok bool) {
	if r.Method != "POST" {
		http.Error(w, "method", 405)
		return
	}
	ok = true
	return
}

func (a *app) usesCheck(w http.ResponseWriter, r *http.Request) {
	if !a.check(w, r) {
		return
	}
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// helper that answers on error and returns error
func decode[T any](w http.ResponseWriter, r *http.Request) (v T, err error) {
	if err = json.NewDecoder(r.Body).Decode(&v); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
	}
	return v, err
}

func (a *app) usesDecode(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	it, err := decode[web.Item](w, r)
	if err != nil {
		return
	}
	s.AppendCart(it)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// proxy that answers elsewhere
func (a *app) notModified(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if r.Header.Get("If-None-Match") == "x" {
		w.WriteHeader(304)
		return
	}
	http.ServeContent(w, r, "x", time.Time{}, nil)
}

// websocket with hub
type hub struct {
	mu      sync.Mutex
	members map[*web.Session]bool
}

var h = hub{members: map[*web.Session]bool{}}

func (a *app) chat(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	h.join(s)
	defer h.leave(s)
	<-r.Context().Done()
}
func (h *hub) join(s *web.Session)  { h.mu.Lock(); h.members[s] = true; h.mu.Unlock() }
func (h *hub) leave(s *web.Session) { h.mu.Lock(); delete(h.members, s); h.mu.Unlock() }
