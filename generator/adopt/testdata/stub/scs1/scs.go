// Package scs declares what the programs under testdata use of github.com/alexedwards/scs, version 1.
package scs

import "net/http"

type Manager struct{}

func NewCookieManager(key string) *Manager { return nil }

func (m *Manager) Load(r *http.Request) *Session { return nil }

type Session struct{}

func (s *Session) PutString(w http.ResponseWriter, key, val string) error     { return nil }
func (s *Session) PutObject(w http.ResponseWriter, key string, val any) error { return nil }
func (s *Session) GetString(key string) (string, error)                       { return "", nil }
func (s *Session) GetObject(key string, dst any) error                        { return nil }
func (s *Session) Remove(w http.ResponseWriter, key string) error             { return nil }
