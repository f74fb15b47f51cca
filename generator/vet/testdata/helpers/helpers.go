// Package helpers is what a shop's handlers share. What its functions do to sessions and responses reaches other packages
// as facts.
package helpers

import (
	"context"
	"encoding/json"
	"errors"
	"log"
	"net/http"

	"example.com/shop/web"
)

type App struct {
	Sessions *web.Sessions
	saver    interface{ Keep(*web.Session) }
}

// Session loads, as almost every handler does first.
func (a *App) Session(w http.ResponseWriter, r *http.Request) (*web.Session, error) {
	return a.Sessions.Load(w, r)
}

// Must loads, or answers the request itself and returns nil.
func (a *App) Must(w http.ResponseWriter, r *http.Request) *web.Session {
	s, err := a.Sessions.Load(w, r)
	if err != nil {
		log.Print(err)
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return nil
	}
	return s
}

// Current returns the middleware's session.
func (a *App) Current(r *http.Request) (*web.Session, error) { return a.Sessions.Get(r) }

// Visitor loads and counts the visit.
func (a *App) Visitor(w http.ResponseWriter, r *http.Request) (*web.Session, error) {
	s, err := a.Sessions.Load(w, r)
	if err != nil {
		return nil, err
	}
	s.AddVisits(1)
	return s, nil
}

type key struct{}

func FromContext(ctx context.Context) *web.Session {
	s, _ := ctx.Value(key{}).(*web.Session)
	return s
}

// Login changes and does not save.
func Login(s *web.Session, id int64, name string) {
	s.SetUserID(id)
	s.SetUserName(name)
}

// AddItem changes on success.
func AddItem(s *web.Session, sku string, qty int) error {
	if qty < 1 {
		return errors.New("bad quantity")
	}
	s.AppendCart(web.Item{SKU: sku, Qty: qty})
	return nil
}

// Greet only sometimes changes.
func Greet(s *web.Session, name string) {
	if name != "" {
		s.SetNotice("Hello " + name)
	}
}

// Commit saves.
func Commit(s *web.Session) error { return s.Save() } // want Commit:`returns the error of Save`

// CommitOr saves or answers.
func CommitOr(w http.ResponseWriter, s *web.Session) bool {
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return false
	}
	return true
}

// Name only reads.
func Name(s *web.Session) string {
	if s.HasUserName() {
		return s.UserName()
	}
	return "guest"
}

// Keep gives the session to somebody unknown.
func (a *App) Keep(s *web.Session) { a.saver.Keep(s) }

// With returns the session that it was given.
func With(s *web.Session, theme string) *web.Session {
	s.SetTheme(theme)
	return s
}

// WriteJSON always answers.
func WriteJSON(w http.ResponseWriter, status int, v any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(v)
}

// Fail answers with an error.
func Fail(w http.ResponseWriter, err error) { // want Fail:`logs \[1\]`
	log.Print(err)
	http.Error(w, "something went wrong", http.StatusInternalServerError)
}

// Page writes unless the browser has it.
func Page(w http.ResponseWriter, r *http.Request, html string) {
	if r.Header.Get("If-None-Match") == "x" {
		return
	}
	_, _ = w.Write([]byte(html))
}

// NotFound returns an error that is never nil.
func NotFound(what string) error { return errors.New(what + " not found") }

// Logf logs for the shop.
func Logf(format string, args ...any) { // want Logf:`logs \[0 1\]`
	log.Printf("shop: "+format, args...)
}

// Nothing returns results that it never sets.
func Nothing(w http.ResponseWriter) (s *web.Session, err error) {
	err = errors.New("not yet")
	return
}

// Again is recursive: what it does to the session is known of it all the same, or nothing is.
func Again(s *web.Session, n int) error { // want Again:`returns the error of Save`
	if n > 0 {
		return Again(s, n-1)
	}
	return s.Save()
}
