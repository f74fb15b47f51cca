// Package lib saves and answers for other packages.
package lib

import (
	"encoding/json"
	"net/http"

	"example.com/shop/web"
)

type Env struct {
	Sessions *web.Sessions
}

// Ctx is one request's.
type Ctx struct {
	W http.ResponseWriter
	R *http.Request
	S *web.Session
}

func (e *Env) Begin(w http.ResponseWriter, r *http.Request) (*Ctx, error) {
	s, err := e.Sessions.Load(w, r)
	if err != nil {
		return nil, err
	}
	return &Ctx{w, r, s}, nil
}

func (c *Ctx) JSON(code int, v any) {
	if err := c.S.Save(); err != nil {
		http.Error(c.W, "x", 503)
		return
	}
	c.W.WriteHeader(code)
	_ = json.NewEncoder(c.W).Encode(v)
}

// WriteJSON writes only
func WriteJSON(w http.ResponseWriter, code int, v any) {
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v)
}

// Problem answers
func Problem(w http.ResponseWriter, code int) { WriteJSON(w, code, nil) }

// SaveAndRedirect saves
func SaveAndRedirect(w http.ResponseWriter, r *http.Request, s *web.Session, to string) {
	if err := s.Save(); err != nil {
		Problem(w, 503)
		return
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
}

func MaybeSave(s *web.Session, yes bool) error { // want MaybeSave:`returns the error of Save`
	if yes {
		return s.Save()
	}
	return nil
}
