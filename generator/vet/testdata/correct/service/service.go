// Package service has correct handlers of a service: OAuth, a wizard, a unit of work, adapters of handlers that return errors.
package service

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"example.com/shop/web"
)

type store interface {
	Load(w http.ResponseWriter, r *http.Request) (*web.Session, error)
}

type server struct {
	sessions *web.Sessions
	byIface  store
}

var errBad = errors.New("bad")

// handler func that returns an error and is adapted
type handler func(w http.ResponseWriter, r *http.Request) error

func (h handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if err := h(w, r); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

func (s *server) callback(w http.ResponseWriter, r *http.Request) error {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		return err
	}
	state, ok := sess.TakeState()
	if !ok || subtle.ConstantTimeCompare([]byte(state), []byte(r.FormValue("state"))) != 1 {
		sess.SetNotice("login failed")
		if err := sess.Save(); err != nil {
			return err
		}
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return nil
	}
	id, err := exchange(r.Context(), r.FormValue("code"))
	if errors.Is(err, errBad) {
		return fmt.Errorf("exchange: %w", err)
	} else if err != nil {
		return err
	}
	sess.SetUserID(id)
	return commit(w, r, sess, "/")
}

func exchange(context.Context, string) (int64, error) { return 0, nil }

func commit(w http.ResponseWriter, r *http.Request, s *web.Session, to string) error {
	if err := s.Save(); err != nil {
		return err
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

// wizard with step table
type step func(*web.Session, *http.Request) error

var steps = map[int]step{
	1: func(s *web.Session, r *http.Request) error {
		wz := s.Wizard()
		wz.Email = r.FormValue("email")
		wz.Step = 2
		s.SetWizard(wz)
		return nil
	},
	2: func(s *web.Session, r *http.Request) error {
		wz := s.Wizard()
		wz.Tags = append(wz.Tags, r.Form["tag"]...)
		wz.Step++
		s.SetWizard(wz)
		return nil
	},
}

func (s *server) wizard(w http.ResponseWriter, r *http.Request) {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	n, err := strconv.Atoi(r.PathValue("step"))
	f, ok := steps[n]
	if err != nil || !ok {
		http.NotFound(w, r)
		return
	}
	if err := f(sess, r); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := sess.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	http.Redirect(w, r, fmt.Sprintf("/wizard/%d", n+1), 303)
}

// service object per request that holds the session and a commit
type unit struct {
	sess *web.Session
	w    http.ResponseWriter
	r    *http.Request
}

func (u *unit) done(to string) {
	if err := u.sess.Save(); err != nil {
		http.Error(u.w, "x", 503)
		return
	}
	http.Redirect(u.w, u.r, to, 303)
}

func (s *server) begin(w http.ResponseWriter, r *http.Request) (*unit, bool) {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return nil, false
	}
	sess.AddVisits(1)
	return &unit{sess, w, r}, true
}

func (s *server) viaUnit(w http.ResponseWriter, r *http.Request) {
	u, ok := s.begin(w, r)
	if !ok {
		return
	}
	u.sess.SetTheme("x")
	u.done("/")
}

// session in context, saved by outer
type key struct{}

func (s *server) mw(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sess, err := s.sessions.Load(w, r)
		if err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		sess.AddVisits(1)
		if err := sess.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), key{}, sess)))
	})
}

func from(r *http.Request) *web.Session { return r.Context().Value(key{}).(*web.Session) }

func inner(w http.ResponseWriter, r *http.Request) {
	s := from(r)
	s.SetTheme("x")
	if err := s.Save(); err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	json.NewEncoder(w).Encode(s.Theme())
}

// content negotiation with late JSON
func (s *server) api(w http.ResponseWriter, r *http.Request) {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	var in struct{ SKU string }
	if json.NewDecoder(r.Body).Decode(&in) != nil {
		http.Error(w, "bad json", http.StatusBadRequest)
		return
	}
	sess.AppendCart(web.Item{SKU: in.SKU})
	if sess.Save() != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(sess.Cart())
}

// two ways: only one needs a save, via bool result of a helper
func touch(s *web.Session, r *http.Request) bool {
	if r.FormValue("lang") == "" {
		return false
	}
	s.PutPrefs("lang", r.FormValue("lang"))
	return true
}

func (s *server) lang(w http.ResponseWriter, r *http.Request) {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		http.Error(w, "try again", http.StatusServiceUnavailable)
		return
	}
	if touch(sess, r) {
		if err := sess.Save(); err != nil {
			http.Error(w, "try again", http.StatusServiceUnavailable)
			return
		}
	}
	fmt.Fprintln(w, "ok")
}

// assign error to outer var with goto
func (s *server) gotos(w http.ResponseWriter, r *http.Request) {
	sess, err := s.sessions.Load(w, r)
	if err != nil {
		goto bad
	}
	sess.SetTheme("x")
	if err = sess.Save(); err != nil {
		goto bad
	}
	w.WriteHeader(http.StatusNoContent)
	return
bad:
	http.Error(w, err.Error(), http.StatusServiceUnavailable)
}
