// Package session declares what the programs under testdata use of fiber's sessions.
package session

import "github.com/gofiber/fiber/v3"

type Store struct{}

type Config struct{}

func (s *Store) Get(c fiber.Ctx) (*Session, error) { return nil, nil }

type Session struct{}

func (s *Session) Get(key any) any      { return nil }
func (s *Session) Set(key any, val any) {}
func (s *Session) Delete(key any)       {}
func (s *Session) Destroy() error       { return nil }
func (s *Session) Regenerate() error    { return nil }
func (s *Session) Save() error          { return nil }
func (s *Session) Keys() []any          { return nil }

func New(config ...Config) fiber.Handler { return nil }
func NewStore(config ...Config) *Store   { return nil }

type Middleware struct{ Session *Session }

func FromContext(c fiber.Ctx) *Middleware { return nil }

func (m *Middleware) Get(key any) any      { return nil }
func (m *Middleware) Set(key any, val any) {}
func (m *Middleware) Delete(key any)       {}
func (m *Middleware) Destroy() error       { return nil }
func (m *Middleware) Regenerate() error    { return nil }
