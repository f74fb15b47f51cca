// Package gorillasession is a Store of gorilla/sessions that keeps its values in one field of a session of sessiongen,
// for libraries that ask for such a Store, like markbates/goth:
//
//	// in the schema; secret, so that the login clears it
//	OAuth map[string]string `session:"oauth,secret,ttl=10m"`
//
//	gothic.Store = gorillasession.New(sessions,
//		(*web.Session).OAuth, (*web.Session).PutOAuth, (*web.Session).DeleteOAuth)
//
// There is one cookie and one record, those of sessiongen, and two requests of a visitor merge their changes, value by
// value. Saving a gorilla session saves the whole session at once, as its users expect. Options are not looked at, but
// for a MaxAge below zero, which deletes the values; how long they live is the field's ttl.
//
// It is for the values of a library; a site's own code has its fields. For that reason values are strings, or those of
// a struct of the schema (see NewStruct): anything else is an error of Save.
package gorillasession

import (
	"fmt"
	"maps"
	"net/http"
	"strings"

	"github.com/gorilla/sessions"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// A Store is a sessions.Store over one field of a session. It works within Manager.Middleware and without.
type Store[S any] struct {
	m    *session.Manager[S]
	load func(s *S, name string) map[any]any
	save func(s *S, name string, values map[any]any) error
}

var _ sessions.Store = (*Store[struct{}])(nil)

// New returns a Store over a field of type map[string]string, of which it gets three generated methods: F, PutF and
// DeleteF. Keys are those of the values, after the gorilla session's name and a slash.
func New[S any](
	m *session.Manager[S], get func(*S) map[string]string, put func(*S, string, string), del func(*S, string),
) *Store[S] {
	return &Store[S]{
		m: m,
		load: func(s *S, name string) map[any]any {
			values := map[any]any{}
			for key, value := range get(s) {
				if key, ok := strings.CutPrefix(key, name+"/"); ok {
					values[key] = value
				}
			}
			return values
		},
		save: func(s *S, name string, values map[any]any) error {
			want := map[string]string{}
			for key, value := range values {
				k, ok := key.(string)
				v, valid := value.(string)
				if !ok || !valid {
					return fmt.Errorf("gorillasession: %v (%T) is a %T: the field holds strings under strings",
						key, key, value)
				}
				want[name+"/"+k] = v
			}
			have := get(s)
			for key := range have {
				if _, ok := want[key]; !ok && strings.HasPrefix(key, name+"/") {
					del(s, key)
				}
			}
			maps.DeleteFunc(want, func(key, value string) bool { v, ok := have[key]; return ok && v == value })
			for key, value := range want {
				put(s, key, value)
			}
			return nil
		},
	}
}

// Get returns the gorilla session of a name, the same one for all calls of a request.
func (s *Store[S]) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(s, name)
}

// New returns a gorilla session with the values that the field holds. It is never nil: with an error (the store cannot
// be reached) it is empty, and Save will not succeed either.
func (s *Store[S]) New(r *http.Request, name string) (*sessions.Session, error) {
	g := sessions.NewSession(s, name)
	g.IsNew = true
	x, err := s.m.Load(nowhere{}, r) // within Middleware, that request's session
	if err != nil {
		return g, veil(err)
	}
	g.Values = s.load(x, name)
	g.IsNew = len(g.Values) == 0
	return g, nil
}

// Save puts the values into the field and saves the whole session.
func (s *Store[S]) Save(r *http.Request, w http.ResponseWriter, g *sessions.Session) error {
	x, err := s.m.Load(w, r)
	if err != nil {
		return veil(err)
	}
	values := g.Values
	if g.Options != nil && g.Options.MaxAge < 0 {
		values = nil
	}
	if err := s.save(x, g.Name(), values); err != nil {
		return err
	}
	return veil(saver(x).Save())
}

// veil gives an error of a session a text that anybody may see: goth shows the texts of errors to visitors.
func veil(err error) error {
	if err == nil {
		return nil
	}
	return &veiled{err}
}

type veiled struct{ cause error }

func (e *veiled) Error() string { return "gorillasession: the session cannot be loaded or saved" }
func (e *veiled) Unwrap() error { return e.cause }

// saver returns a session by its method Save, which every generated one has.
func saver(x any) interface{ Save() error } { return x.(interface{ Save() error }) }

// nowhere is the response of a session that is only read.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) WriteHeader(int)             {}
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }
