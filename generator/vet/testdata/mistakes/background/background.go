// Package background makes mistakes in frameworks, helpers and background work.
package background

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"time"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

type app struct{ sessions *web.Sessions }

func (a *app) g1(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(503)
		return
	}
	s.SetTheme("x")
	c.JSON(200, nil)
	if err := s.Save(); err != nil { // want `latesave: `
		log.Print(err)
	}
}

func (a *app) g2(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(503)
		return
	}
	s.SetUserID(1) // want `unsaved: `
	c.Redirect(303, "/")
}

func (a *app) e1(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.SetUserID(1) // want `unsaved: `
	return c.Redirect(303, "/")
}

func (a *app) e2(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		if err := next(c); err != nil {
			return err
		}
		s.AddVisits(1) // want `latesave: `
		return s.Save()
	}
}

// helper that may save: silent is fine; helper that only reads is not an excuse
func show(w http.ResponseWriter, s *web.Session) { fmt.Fprint(w, s.UserName()) }

func (a *app) h1(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x") // want `unsaved: `
	show(w, s)
}

// generic helper that reads
func print[T any](w http.ResponseWriter, v T) { fmt.Fprint(w, v) }

func (a *app) h2(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x") // want `unsaved: `
	print(w, s.Theme())
}

// middle function returns the error of Save dropped
func (a *app) h3(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	s.SetTheme("x")
	go s.Save() // want `escape: ` `lostresult: `
}

// defer Save in function that writes through helper
func (a *app) h4(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	defer func() { _ = s.Save() }() // want `latesave: `
	s.SetTheme("x")
	show(w, s)
}

// a background goroutine as everybody writes it
func (a *app) bg(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	go func() { // want `escape: `
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		mail(ctx, s.UserName())
	}()
	go func() { // want `escape: `
		time.Sleep(time.Second)
		s.SetNotice("done")
		if err := s.Save(); err != nil {
			log.Print(err)
		}
	}()
	go func() { // want `escape: `
		t := time.NewTimer(time.Second)
		defer t.Stop()
		<-t.C
		s.SetNotice("done")
	}()
	w.WriteHeader(202)
}

func mail(context.Context, string) {}

// pool of workers
type job struct{ s *web.Session }

var queue = make(chan job, 100)

func (a *app) enqueue(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	queue <- job{s} // want `escape: `
	w.WriteHeader(202)
}

var sessionsByUser = map[string]*web.Session{}

type entry struct {
	s    *web.Session
	seen time.Time
}

var entries = map[string]entry{}

func (a *app) cache(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Get(r)
	if err != nil {
		return
	}
	entries[s.UserName()] = entry{s, time.Now()} // want `escape: `
	sessionsByUser[s.UserName()] = s             // want `escape: `
}

// Snapshot in error
func snap(s *web.Session) error { return fmt.Errorf("bad session %+v", s.Snapshot()) } // want `secretleak: `

func tok(s *web.Session) { log.Println("ws token", s.Meta().Token) } // want `secretleak: `

func lk(s *web.Session) { log.Println(s.LookupTokens("x")) } // want `secretleak: `

func tk(s *web.Session) {
	if st, ok := s.TakeState(); ok {
		log.Printf("state %s", st) // want `secretleak: `
	}
}

func sw(s *web.Session) {
	switch otp := s.OTP(); otp {
	case "":
	default:
		log.Print(otp) // want `secretleak: `
	}
}

type ev struct{ Code string }

func st(s *web.Session) {
	e := ev{Code: s.OTP()}
	log.Printf("%+v", e) // want `secretleak: `
}
func st2(s *web.Session) {
	var e ev
	e.Code = s.OTP()
	log.Printf("%+v", e) // want `secretleak: `
}

func (a *app) setThenGet(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	cart := s.Cart()
	for i := range cart {
		if cart[i].SKU == r.FormValue("sku") {
			cart[i].Qty++ // want `aliased: `
		}
	}
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func rangeCopy(s *web.Session) {
	for _, it := range s.Cart() {
		it.Qty++
	}
}
