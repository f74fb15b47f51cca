// Package envelope leaves saving and answering to another package.
package envelope

import (
	"net/http"

	"example.com/shop/correct/envelope/lib"
	"example.com/shop/web"
)

type app struct{ *lib.Env }

func (a *app) one(w http.ResponseWriter, r *http.Request) {
	c, err := a.Begin(w, r)
	if err != nil {
		lib.Problem(w, 503)
		return
	}
	c.S.SetTheme("x")
	c.JSON(200, "ok")
}

func (a *app) two(w http.ResponseWriter, r *http.Request) {
	s, err := a.Sessions.Load(w, r)
	if err != nil {
		lib.Problem(w, 503)
		return
	}
	s.SetTheme(r.FormValue("x"))
	if s.Theme() == "" {
		lib.Problem(w, 400)
		return
	}
	lib.SaveAndRedirect(w, r, s, "/")
}

func (a *app) three(w http.ResponseWriter, r *http.Request) {
	s, err := a.Sessions.Load(w, r)
	if err != nil {
		lib.Problem(w, 503)
		return
	}
	s.SetTheme("x")
	if err := lib.MaybeSave(s, true); err != nil {
		lib.Problem(w, 503)
	}
}

// wrapper type with embedded session
type visitor struct{ *web.Session }

func (a *app) four(w http.ResponseWriter, r *http.Request) {
	s, err := a.Sessions.Load(w, r)
	if err != nil {
		lib.Problem(w, 503)
		return
	}
	v := visitor{s}
	v.SetTheme("x")
	if err := v.Save(); err != nil {
		lib.Problem(w, 503)
	}
}
