// Package fiber has the shape of fiber's version 3, as far as handlers with sessions touch it.
package fiber

import "context"

type Handler = func(Ctx) error

type Ctx interface {
	Context() context.Context
	Next() error
	FormValue(key string, defaultValue ...string) string
	SendString(body string) error
	JSON(data any, ctype ...string) error
}

type App struct{}

func New() *App                                         { return &App{} }
func (a *App) Use(args ...any)                          {}
func (a *App) Get(path string, h any, handlers ...any)  {}
func (a *App) Post(path string, h any, handlers ...any) {}
