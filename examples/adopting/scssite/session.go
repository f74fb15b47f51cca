package scssite

import (
	"net/http"

	"github.com/alexedwards/scs/v2"
)

//go:generate go tool sessiongen

// SessionSchema is what is remembered about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	// UserName is written at scssite/site.go:18; read at scssite/site.go:22.
	// renew: says who is logged in, and is set in a login: scssite/site.go:18.
	UserName string `session:"user_name,renew"`

	// Visits is written at scssite/site.go:19; read at scssite/site.go:22.
	Visits int `session:"visits"`
}

// importSession carries the sessions of scs over, so that nobody is logged out by the change:
//
//	sessions = sessions.Import(importSession(old))
//
// Remove it, and scs, when the last session of the old library has expired.
func importSession(old *scs.SessionManager) func(http.ResponseWriter, *http.Request, *Session) (func() error, error) {
	return func(w http.ResponseWriter, r *http.Request, s *Session) (func() error, error) {
		cookie, err := r.Cookie(old.Cookie.Name)
		if err != nil {
			return nil, nil // no old session
		}
		ctx, err := old.Load(r.Context(), cookie.Value)
		if err != nil {
			return nil, err
		}
		if v, ok := old.Get(ctx, "user_name").(string); ok {
			s.SetUserName(v)
		}
		if v, ok := old.Get(ctx, "visits").(int); ok {
			s.SetVisits(v)
		}
		return func() error {
			http.SetCookie(w, &http.Cookie{Name: old.Cookie.Name, Path: old.Cookie.Path, Domain: old.Cookie.Domain, MaxAge: -1})
			return old.Destroy(ctx)
		}, nil
	}
}
