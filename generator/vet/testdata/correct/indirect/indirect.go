// Package indirect has correct handlers that save by roundabout ways.
package indirect

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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
	savers   []func(*web.Session) error
	commit   func(*web.Session) error
	jobs     chan job
}

type job struct {
	s    *web.Session
	done chan error
}

// saved via func field
func (a *app) field(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	if err := a.commit(s); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// saved via generic helper
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func do[S interface{ Save() error }](s S) { must(0, s.Save()) }

func (a *app) generic(w http.ResponseWriter, r *http.Request) {
	s := must(a.sessions.Load(w, r))
	s.SetTheme("x")
	do(s)
	w.WriteHeader(http.StatusNoContent)
}

// saved through interface conversion
type saver interface{ Save() error }

func (a *app) iface(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	var sv saver = s
	if err := sv.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
}

// worker round trip: waits for the reply
func (a *app) worker(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	done := make(chan error)
	a.jobs <- job{s, done}
	if err := <-done; err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// pointer-to-session variable
func (a *app) ptr(w http.ResponseWriter, r *http.Request) {
	var s *web.Session
	if err := a.load(&s, w, r); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

func (a *app) load(p **web.Session, w http.ResponseWriter, r *http.Request) (err error) {
	*p, err = a.sessions.Load(w, r)
	return err
}

// map of sessions
func (a *app) many(ctx context.Context, tokens []string) error {
	open := map[string]*web.Session{}
	for _, t := range tokens {
		s, err := a.sessions.Open(ctx, t)
		if err != nil {
			return err
		}
		s.SetNotice("hi")
		open[t] = s
	}
	var errs []error
	for _, s := range open {
		errs = append(errs, s.Save())
	}
	return errors.Join(errs...)
}

// slice save at the end of loop with continue on err
func (a *app) jobsLoop(ctx context.Context, tokens []string) {
	for _, t := range tokens {
		s, err := a.sessions.Open(ctx, t)
		if err != nil {
			log.Print(err)
			continue
		}
		s.AddVisits(1)
		if s.Visits() > 10 {
			s.SetNotice("frequent")
		}
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}
}

// context aware: client gone → nothing to do
func (a *app) gone(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	if r.Context().Err() != nil {
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// conditional on status code variable
func (a *app) statusVar(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	code := 200
	s.SetTheme(r.FormValue("t"))
	if s.Theme() == "" {
		code = 400
	}
	if code == 200 {
		if err := s.Save(); err != nil {
			code = 503
		}
	}
	w.WriteHeader(code)
}

// validation errors map
func (a *app) form(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	problems := map[string]string{}
	s.SetTheme(r.FormValue("t"))
	if r.FormValue("t") == "" {
		problems["t"] = "missing"
	}
	if len(problems) > 0 {
		render(w, "form", problems)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func render(w http.ResponseWriter, name string, data any) { json.NewEncoder(w).Encode(data) }

// ok-bool validation
func (a *app) boolValid(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme(r.FormValue("t"))
	if !valid(s.Theme()) {
		w.WriteHeader(http.StatusUnprocessableEntity)
		render(w, "form", nil)
		return
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

func valid(string) bool { return true }

// gin, correct
func (a *app) gin(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(503)
		return
	}
	s.SetTheme(c.Query("t"))
	if err := s.Save(); err != nil {
		c.AbortWithStatus(503)
		return
	}
	c.JSON(200, nil)
}

func (a *app) echo(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return echo.NewHTTPError(503, "x")
	}
	s.SetTheme(c.FormValue("t"))
	if err := s.Save(); err != nil {
		return err
	}
	return c.JSON(200, nil)
}

// once
var once sync.Once

func (a *app) onced(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	once.Do(func() { log.Print("first visitor ", s.UserID()) })
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// writes to a TeeReader / hash – not the response
func (a *app) notResponse(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	fmt.Fprint(io.Discard, s.UserName())
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// http.TimeoutHandler-like: defer with recover
func (a *app) recovered(w http.ResponseWriter, r *http.Request) {
	defer func() {
		if p := recover(); p != nil {
			http.Error(w, "try again", http.StatusInternalServerError)
		}
	}()
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
	w.WriteHeader(http.StatusNoContent)
}

// struct per request with handler method storing session
type ctxt struct {
	w http.ResponseWriter
	r *http.Request
	s *web.Session
}

func (a *app) with(f func(*ctxt) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := &ctxt{w: w, r: r}
		var err error
		c.s, err = a.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		if err := f(c); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
		}
	}
}

func (a *app) ctxHandler() http.HandlerFunc {
	return a.with(func(c *ctxt) error {
		c.s.SetTheme("x")
		if err := c.s.Save(); err != nil {
			return err
		}
		c.w.WriteHeader(http.StatusNoContent)
		return nil
	})
}

// saving late, but no cookie is needed... uses Open
func (a *app) lateByOpen(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	t := s.Meta().Token
	fmt.Fprint(w, "streaming")
	s2, err := a.sessions.Open(r.Context(), t)
	if err != nil {
		return
	}
	s2.SetLastSeen(time.Now())
	if err := s2.Save(); err != nil {
		log.Print(err)
	}
}

// session var reused: load, redirect after guard; shadowed save result
func (a *app) shadow(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	ok := func() bool {
		s.SetTheme("x")
		err := s.Save()
		return err == nil
	}()
	if !ok {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// nested function that both saves and writes; caller then only reads
func (a *app) finish(w http.ResponseWriter, s *web.Session) {
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (a *app) delegates(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	a.finish(w, s)
}

// HEAD requests end early before any change
func (a *app) labeled(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
outer:
	for i := 0; i < 3; i++ {
		switch r.FormValue(fmt.Sprint(i)) {
		case "stop":
			break outer
		case "skip":
			continue outer
		}
		s.AppendCart(web.Item{Qty: i})
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// ErrGone is accepted
func (a *app) okGone(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if err := s.Destroy(); err != nil {
		log.Print(err)
	}
	http.Redirect(w, r, "/", http.StatusSeeOther)
}

// type assertion on w
func (a *app) pusher(w http.ResponseWriter, r *http.Request) {
	if p, ok := w.(http.Pusher); ok {
		_ = p.Push("/style.css", nil)
	}
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}

// MaxBytes + ParseMultipart; file copy to disk, not response
func (a *app) upload(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 1<<20)
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	f, _, err := r.FormFile("f")
	if err != nil {
		http.Error(w, "try again", http.StatusBadRequest)
		return
	}
	defer f.Close()
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
	}
}
