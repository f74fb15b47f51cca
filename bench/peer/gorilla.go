package peer

import (
	"bytes"
	"crypto/rand"
	"encoding/base32"
	"encoding/gob"
	"errors"
	"net/http"

	"github.com/gorilla/securecookie"
	"github.com/gorilla/sessions"
)

// Gorilla returns github.com/gorilla/sessions on a memcached. sealed stores the values as securecookie encodes them,
// signed and in base64, which is what its stores commonly do; otherwise they are plain gob.
func Gorilla(addr string, shape Shape, sealed bool) Contender {
	g := &gorillaStore{
		store:   newStore(addr),
		codec:   securecookie.New(secret, nil),
		sealed:  sealed,
		options: sessions.Options{Path: "/", MaxAge: int(lifetime.Seconds()), HttpOnly: true, Secure: true, SameSite: http.SameSiteLaxMode},
	}
	g.codec.MaxLength(1 << 20)
	name := "gorilla, securecookie"
	if !sealed {
		name = "gorilla, gob"
	}
	c := gorillaIn(name, g, shape, func(s *sessions.Session) error { return g.store.delete(s.ID) })
	c.Size = g.store.lastSize
	return c
}

// gorillaIn returns gorilla/sessions on a store, which erase deletes a session from.
func gorillaIn(name string, g sessions.Store, shape Shape, erase func(*sessions.Session) error) Contender {
	const cookie = "session"
	handle := func(f func(w http.ResponseWriter, r *http.Request, s *sessions.Session) error) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, lost := g.Get(r, cookie) // with an error comes a new session, which is what a forged cookie deserves
			if err := f(w, r, s); err != nil {
				fail(w, errors.Join(err, lost))
				return
			}
			answer(w)
		})
	}
	put := func(s *sessions.Session, values map[string]any) {
		for key, value := range values {
			s.Values[key] = value
		}
	}
	create := func(values func() map[string]any) http.Handler {
		return handle(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
			put(s, values())
			return s.Save(r, w)
		})
	}
	return Contender{
		Name: name,
		Read: func(want string) http.Handler {
			return handle(func(_ http.ResponseWriter, _ *http.Request, s *sessions.Session) error {
				if got, _ := s.Values["name"].(string); got != want {
					return errWrongValue
				}
				return nil
			})
		},
		Write: handle(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
			if got, _ := s.Values["name"].(string); got == "" {
				return errWrongValue
			}
			visits, _ := s.Values["visits"].(int64)
			s.Values["visits"] = visits + 1
			return s.Save(r, w)
		}),
		Create:    create(shape.values),
		Anonymous: create(shape.anonymous),
		// gorilla has no renewal; this is how its users write one.
		Login: handle(func(w http.ResponseWriter, r *http.Request, s *sessions.Session) error {
			if err := erase(s); err != nil {
				return err
			}
			s.ID = ""
			put(s, shape.login())
			return s.Save(r, w)
		}),
		Forge: forgeEnd,
		Size:  func() int { return 0 },
	}
}

// gorillaStore is a sessions.Store, after the model of the FilesystemStore that comes with the library: the cookie
// holds the signed id, the store the values.
type gorillaStore struct {
	store   *store
	codec   *securecookie.SecureCookie
	sealed  bool
	options sessions.Options
}

func (g *gorillaStore) Get(r *http.Request, name string) (*sessions.Session, error) {
	return sessions.GetRegistry(r).Get(g, name)
}

func (g *gorillaStore) New(r *http.Request, name string) (*sessions.Session, error) {
	s := sessions.NewSession(g, name)
	opts := g.options
	s.Options = &opts
	s.IsNew = true
	cookie, err := r.Cookie(name)
	if err != nil {
		return s, nil
	}
	if err := g.codec.Decode(name, cookie.Value, &s.ID); err != nil {
		return s, err
	}
	value, err := g.store.get(s.ID)
	if err != nil || value == nil {
		return s, err
	}
	if g.sealed {
		err = g.codec.Decode(name, string(value), &s.Values)
	} else {
		err = gob.NewDecoder(bytes.NewReader(value)).Decode(&s.Values)
	}
	s.IsNew = err != nil
	return s, err
}

func (g *gorillaStore) Save(_ *http.Request, w http.ResponseWriter, s *sessions.Session) error {
	if s.ID == "" {
		var id [32]byte
		_, _ = rand.Read(id[:]) // never fails: see crypto/rand
		s.ID = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id[:])
	}
	value, err := g.encode(s)
	if err != nil {
		return err
	}
	if err := g.store.set(s.ID, value, idleTimeout); err != nil {
		return err
	}
	cookie, err := g.codec.Encode(s.Name(), s.ID)
	if err != nil {
		return err
	}
	http.SetCookie(w, sessions.NewCookie(s.Name(), cookie, s.Options))
	return nil
}

func (g *gorillaStore) encode(s *sessions.Session) ([]byte, error) {
	if g.sealed {
		text, err := g.codec.Encode(s.Name(), s.Values)
		return []byte(text), err
	}
	var b bytes.Buffer
	err := gob.NewEncoder(&b).Encode(s.Values)
	return b.Bytes(), err
}
