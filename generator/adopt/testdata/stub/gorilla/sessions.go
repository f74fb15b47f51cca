// Package sessions declares what the programs under testdata use of github.com/gorilla/sessions.
package sessions

import "net/http"

type Options struct {
	Path, Domain     string
	MaxAge           int
	Secure, HttpOnly bool
}

type Session struct {
	ID      string
	Values  map[any]any
	Options *Options
	IsNew   bool
}

func (s *Session) Flashes(vars ...string) []any                      { return nil }
func (s *Session) AddFlash(value any, vars ...string)                {}
func (s *Session) Save(r *http.Request, w http.ResponseWriter) error { return nil }

type Store interface {
	Get(r *http.Request, name string) (*Session, error)
	New(r *http.Request, name string) (*Session, error)
	Save(r *http.Request, w http.ResponseWriter, s *Session) error
}

type CookieStore struct{ Options *Options }

func NewCookieStore(keys ...[]byte) *CookieStore { return nil }

func (s *CookieStore) Get(r *http.Request, name string) (*Session, error)            { return nil, nil }
func (s *CookieStore) New(r *http.Request, name string) (*Session, error)            { return nil, nil }
func (s *CookieStore) Save(r *http.Request, w http.ResponseWriter, x *Session) error { return nil }

type FilesystemStore struct{ Options *Options }

func NewFilesystemStore(path string, keys ...[]byte) *FilesystemStore { return nil }

func (s *FilesystemStore) Get(r *http.Request, name string) (*Session, error)            { return nil, nil }
func (s *FilesystemStore) New(r *http.Request, name string) (*Session, error)            { return nil, nil }
func (s *FilesystemStore) Save(r *http.Request, w http.ResponseWriter, x *Session) error { return nil }

func Save(r *http.Request, w http.ResponseWriter) error { return nil }
