// Package session declares what the programs under testdata use of fiber's sessions.
package session

import "github.com/gofiber/fiber/v2"

type Store struct{}

type Config struct{}

func (s *Store) Get(c *fiber.Ctx) (*Session, error) { return nil, nil }

type Session struct{}

func (s *Session) Get(key string) any      { return nil }
func (s *Session) Set(key string, val any) {}
func (s *Session) Delete(key string)       {}
func (s *Session) Destroy() error          { return nil }
func (s *Session) Regenerate() error       { return nil }
func (s *Session) Save() error             { return nil }
func (s *Session) Keys() []string          { return nil }

func New(config ...Config) *Store { return nil }
