// Command chi is a small site with sessions, in chi: go run ./chi
package main

import (
	"io"
	"net/http"

	"github.com/go-chi/chi/v5"

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

	r := chi.NewRouter()
	r.Use(sessions.Middleware)
	r.With(guard).Get("/", home)
	r.Method("POST", "/login", login)
	r.Method("POST", "/logout", logout)
	return r
}

func form(w http.ResponseWriter, _ *http.Request) {
	_, _ = io.WriteString(w, shop.LoginForm)
}
