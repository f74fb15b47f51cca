// Package scssite is a small site on scs, and its way to this library.
package scssite

import (
	"fmt"
	"net/http"

	"github.com/alexedwards/scs/v2"
)

// Old is the site as it was.
func Old(sessions *scs.SessionManager) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/login", func(_ http.ResponseWriter, r *http.Request) {
		if err := sessions.RenewToken(r.Context()); err != nil {
			panic(err)
		}
		sessions.Put(r.Context(), "user_name", r.FormValue("name"))
		sessions.Put(r.Context(), "visits", 3)
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %d", sessions.GetString(r.Context(), "user_name"), sessions.GetInt(r.Context(), "visits"))
	})
	return sessions.LoadAndSave(mux)
}

// New is the site as it is, with the old sessions carried over.
func New(sessions *Sessions, old *scs.SessionManager) http.Handler {
	sessions = sessions.Import(importSession(old))
	mux := http.NewServeMux()
	mux.Handle("/login", sessions.Handle(func(_ http.ResponseWriter, r *http.Request, s *Session) error {
		s.SetUserName(r.FormValue("name"))
		return nil
	}))
	mux.Handle("/logout", sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, s *Session) error {
		return s.Destroy()
	}))
	mux.Handle("/", sessions.Handle(func(w http.ResponseWriter, _ *http.Request, s *Session) error {
		_, err := fmt.Fprintf(w, "%s %d", s.UserName(), s.Visits())
		return err
	}))
	return mux
}
