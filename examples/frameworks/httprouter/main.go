// Command httprouter is a small site with sessions, in httprouter: go run ./httprouter
package main

import (
	"io"
	"net/http"

	"github.com/julienschmidt/httprouter"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
)

func main() { shop.Serve(site(shop.New())) }

// site is the shop's, in this framework.
func site(sessions *shop.Sessions) http.Handler {
	guard := sessions.Require((*shop.Session).HasUserName, http.HandlerFunc(form))
	home := func(w http.ResponseWriter, r *http.Request) {
		s := sessions.Must(r) // behind the guard it has been loaded
		s.AddVisits(1)
		_, _ = io.WriteString(w, shop.Home(s))
	}
	login := sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *shop.Session) error {
		s.SetUserName(r.FormValue("name")) // a renew field: the session gets a new id
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	})
	logout := sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *shop.Session) error {
		if err := s.Destroy(); err != nil {
			return err
		}
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	})

	r := httprouter.New()
	r.Handler("GET", "/", guard(http.HandlerFunc(home)))
	r.Handler("POST", "/login", login)
	r.Handler("POST", "/logout", logout)
	return sessions.Middleware(r)
}

func form(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, shop.LoginForm)
}
