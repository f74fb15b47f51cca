// Package scs declares what the programs under testdata use of github.com/alexedwards/scs/v2.
package scs

import (
	"context"
	"net/http"
	"time"
)

type Store interface{ Delete(token string) error }

type SessionCookie struct {
	Name, Path, Domain string
	Persist            bool
}

type SessionManager struct {
	Lifetime time.Duration
	Store    Store
	Cookie   SessionCookie
}

func New() *SessionManager { return nil }

func (m *SessionManager) LoadAndSave(next http.Handler) http.Handler { return next }
func (m *SessionManager) Load(ctx context.Context, token string) (context.Context, error) {
	return ctx, nil
}
func (m *SessionManager) Put(ctx context.Context, key string, val any)          {}
func (m *SessionManager) Get(ctx context.Context, key string) any               { return nil }
func (m *SessionManager) Pop(ctx context.Context, key string) any               { return nil }
func (m *SessionManager) Remove(ctx context.Context, key string)                {}
func (m *SessionManager) Exists(ctx context.Context, key string) bool           { return false }
func (m *SessionManager) Keys(ctx context.Context) []string                     { return nil }
func (m *SessionManager) RenewToken(ctx context.Context) error                  { return nil }
func (m *SessionManager) RememberMe(ctx context.Context, val bool)              {}
func (m *SessionManager) Clear(ctx context.Context) error                       { return nil }
func (m *SessionManager) Destroy(ctx context.Context) error                     { return nil }
func (m *SessionManager) Token(ctx context.Context) string                      { return "" }
func (m *SessionManager) GetString(ctx context.Context, key string) (v string)  { return }
func (m *SessionManager) GetBool(ctx context.Context, key string) (v bool)      { return }
func (m *SessionManager) GetInt(ctx context.Context, key string) (v int)        { return }
func (m *SessionManager) GetInt32(ctx context.Context, key string) (v int32)    { return }
func (m *SessionManager) GetInt64(ctx context.Context, key string) (v int64)    { return }
func (m *SessionManager) GetFloat(ctx context.Context, key string) (v float64)  { return }
func (m *SessionManager) GetBytes(ctx context.Context, key string) (v []byte)   { return }
func (m *SessionManager) GetTime(ctx context.Context, key string) (v time.Time) { return }
func (m *SessionManager) PopString(ctx context.Context, key string) (v string)  { return }
func (m *SessionManager) PopBool(ctx context.Context, key string) (v bool)      { return }
func (m *SessionManager) PopInt(ctx context.Context, key string) (v int)        { return }
func (m *SessionManager) PopFloat(ctx context.Context, key string) (v float64)  { return }
func (m *SessionManager) PopBytes(ctx context.Context, key string) (v []byte)   { return }
func (m *SessionManager) PopTime(ctx context.Context, key string) (v time.Time) { return }
