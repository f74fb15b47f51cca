// Package gorillasite is a small site on gorilla/sessions, and its way to this library.
package gorillasite

import (
	"fmt"
	"net/http"

	"github.com/gorilla/sessions"
)

// Old is the site as it was.
func Old(store sessions.Store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "site")
		session.Values["user_name"] = r.FormValue("name")
		session.Values["visits"] = 3
		session.AddFlash("welcome")
		if err := session.Save(r, w); err != nil {
			panic(err)
		}
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "site")
		name, _ := session.Values["user_name"].(string)
		visits, _ := session.Values["visits"].(int)
		fmt.Fprintf(w, "%s %d", name, visits)
	})
	mux.HandleFunc("/notices", func(w http.ResponseWriter, r *http.Request) {
		session, _ := store.Get(r, "site")
		fmt.Fprintln(w, session.Flashes()...)
		_ = session.Save(r, w)
	})
	return mux
}

// New is the site as it is, with the old sessions carried over.
func New(manager *Sessions, old sessions.Store) http.Handler {
	carrying := manager.Import(importSession(old))
	mux := http.NewServeMux()
	mux.Handle("/logout", carrying.Handle(func(_ http.ResponseWriter, _ *http.Request, s *Session) error {
		return s.Destroy()
	}))
	mux.Handle("/", carrying.Handle(func(w http.ResponseWriter, _ *http.Request, s *Session) error {
		_, err := fmt.Fprintf(w, "%s %d", s.UserName(), s.Visits())
		return err
	}))
	return mux
}
