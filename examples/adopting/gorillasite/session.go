package gorillasite

import (
	"errors"
	"io/fs"
	"net/http"

	"github.com/gorilla/sessions"
)

//go:generate go tool sessiongen

// SessionSchema is what is remembered about a visitor between requests.
//
//sessiongen:schema
type SessionSchema struct {
	// Flash is written at gorillasite/site.go:18; read at gorillasite/site.go:31.
	// flash: is added as a flash: gorillasite/site.go:18.
	Flash []string `session:"_flash,flash"`

	// UserName is written at gorillasite/site.go:16; read at gorillasite/site.go:25.
	// renew: says who is logged in, and is set in a login: gorillasite/site.go:16.
	UserName string `session:"user_name,renew"`

	// Visits is written at gorillasite/site.go:17; read at gorillasite/site.go:26.
	Visits int `session:"visits"`
}

// importSession carries the sessions of gorilla/sessions over, so that nobody is logged out by the change:
//
//	sessions = sessions.Import(importSession(old))
//
// Remove it, and the old store, when the last session of the old library has expired. A session that lives in its cookie
// alone can be carried over again by whoever has kept the cookie.
func importSession(old sessions.Store) func(http.ResponseWriter, *http.Request, *Session) (func() error, error) {
	return func(w http.ResponseWriter, r *http.Request, s *Session) (func() error, error) {
		if _, err := r.Cookie("site"); err != nil {
			return nil, nil // no old session
		}
		was, err := old.Get(r, "site")
		var cookie interface{ IsDecode() bool }
		if errors.As(err, &cookie) && cookie.IsDecode() || errors.Is(err, fs.ErrNotExist) {
			return nil, nil // forged, expired, of another secret, or ended
		}
		if err != nil || was.IsNew {
			return nil, err
		}
		for _, v := range was.Flashes() {
			if v, ok := v.(string); ok {
				s.AppendFlash(v)
			}
		}
		if v, ok := was.Values["user_name"].(string); ok {
			s.SetUserName(v)
		}
		if v, ok := was.Values["visits"].(int); ok {
			s.SetVisits(v)
		}
		return func() error {
			was.Options.MaxAge = -1
			return was.Save(r, w)
		}, nil
	}
}
