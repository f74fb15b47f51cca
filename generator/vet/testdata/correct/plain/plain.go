// Package plain has correct handlers with plain control flow.
package plain

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io"
	"log"
	"net/http"
	"sort"
	"strings"
	"sync"
	"time"

	"example.com/shop/web"
)

type app struct {
	sessions *web.Sessions
	tmpl     *template.Template
}

// Save stored in a method value variable
func (a *app) savedByMethodValue(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	save := s.Save
	s.SetTheme("dark")
	if err := save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// a dirty flag
func (a *app) dirtyFlag(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	dirty := false
	if t := r.FormValue("theme"); t != "" {
		s.SetTheme(t)
		dirty = true
	}
	if dirty {
		if err := s.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprint(w, s.Theme())
}

// list of steps run in loop
func (a *app) steps(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	for _, step := range []func() error{
		func() error { s.SetTheme("x"); return nil },
		s.Save,
	} {
		if err := step(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// error status helper then return
func fail(w http.ResponseWriter, code int, msg string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(map[string]string{"detail": msg})
}

func (a *app) validation(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	s.SetTheme(r.FormValue("theme"))
	if !strings.HasPrefix(s.Theme(), "d") {
		fail(w, http.StatusBadRequest, "bad theme") // change dropped deliberately
		return
	}
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// rendered into a buffer first
func (a *app) buffered(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	var buf bytes.Buffer
	if err := a.tmpl.Execute(&buf, s.UserName()); err != nil {
		fail(w, 500, "x")
		return
	}
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
		return
	}
	io.Copy(w, &buf)
}

// sorted copy for display
func (a *app) sortedCart(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	cart := s.Cart()
	sort.Slice(cart, func(i, j int) bool { return cart[i].SKU < cart[j].SKU })
	json.NewEncoder(w).Encode(cart)
}

// changed copy, set in a closure
func (a *app) setInClosure(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	cart := s.Cart()
	for i := range cart {
		cart[i].Qty++
	}
	func() { s.SetCart(cart) }()
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
	}
}

// WaitGroup in a helper
func each(n int, f func(int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func (a *app) parallel(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	each(4, func(i int) { s.AddVisits(1) })
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
	}
}

// errgroup like
type group struct{ wg sync.WaitGroup }

func (g *group) Go(f func() error) { g.wg.Go(func() { _ = f() }) }
func (g *group) Wait() error       { g.wg.Wait(); return nil }

func (a *app) grouped(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	var g group
	g.Go(func() error { s.SetTheme("x"); return nil })
	g.Go(func() error { s.AddVisits(1); return nil })
	if err := g.Wait(); err != nil {
		fail(w, 500, "x")
		return
	}
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
	}
}

// a goroutine that is joined through a done channel captured from outside
func (a *app) joined(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	var mu sync.Mutex
	cond := sync.NewCond(&mu)
	ready := false
	go func() {
		mu.Lock()
		defer mu.Unlock()
		s.AddVisits(1)
		ready = true
		cond.Broadcast()
	}()
	mu.Lock()
	for !ready {
		cond.Wait()
	}
	mu.Unlock()
	if err := s.Save(); err != nil {
		fail(w, 503, "x")
	}
}

// retry loop
func (a *app) retry(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	s.AddVisits(1)
	for try := 0; try < 3; try++ {
		if err = s.Save(); err == nil {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err != nil {
		fail(w, 503, "x")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// Save in for-condition
func (a *app) saveInCond(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	s.AddVisits(1)
	switch err := s.Save(); {
	case err == nil:
		http.Redirect(w, r, "/", http.StatusSeeOther)
	default:
		fail(w, 503, "x")
	}
}

// errors.Join
func (a *app) joinedErrors(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	s.AddVisits(1)
	if err := errors.Join(audit(r), s.Save()); err != nil {
		fail(w, 503, "x")
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func audit(*http.Request) error { return nil }

// deferred closure with named error
func (a *app) deferNamed(w http.ResponseWriter, r *http.Request) (err error) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		return err
	}
	defer func() {
		if err == nil {
			err = s.Save()
		}
	}()
	s.SetTheme("x")
	return nil
}

// log.Fatal / os.Exit / panic
func (a *app) fatal(w http.ResponseWriter, r *http.Request) {
	s, err := a.sessions.Load(w, r)
	if err != nil {
		fail(w, 503, "x")
		return
	}
	s.SetTheme("x")
	if s.Theme() != "x" {
		log.Fatal("impossible")
	}
	if err := s.Save(); err != nil {
		panic(http.ErrAbortHandler)
	}
}
