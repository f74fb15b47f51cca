// Package sessions declares what the programs under testdata use of github.com/gin-contrib/sessions.
package sessions

import "github.com/gin-gonic/gin"

type Options struct {
	Path   string
	MaxAge int
}

type Store interface{ Options(Options) }

type Session interface {
	ID() string
	Get(key any) any
	Set(key any, val any)
	Delete(key any)
	Clear()
	AddFlash(value any, vars ...string)
	Flashes(vars ...string) []any
	Options(Options)
	Save() error
}

func Default(c *gin.Context) Session                           { return nil }
func DefaultMany(c *gin.Context, name string) Session          { return nil }
func Sessions(name string, store Store) gin.HandlerFunc        { return nil }
func SessionsMany(names []string, store Store) gin.HandlerFunc { return nil }
