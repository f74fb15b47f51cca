// Package echo has the shape of echo's version 5, as far as handlers with sessions touch it.
package echo

import "net/http"

type HandlerFunc func(*Context) error

type MiddlewareFunc func(next HandlerFunc) HandlerFunc

type Context struct{}

func (c *Context) Request() *http.Request              { return nil }
func (c *Context) Response() http.ResponseWriter       { return nil }
func (c *Context) JSON(code int, i any) error          { return nil }
func (c *Context) String(code int, s string) error     { return nil }
func (c *Context) Redirect(code int, url string) error { return nil }
func (c *Context) NoContent(code int) error            { return nil }
func (c *Context) FormValue(name string) string        { return "" }

type Echo struct{}

func New() *Echo                                                              { return &Echo{} }
func (e *Echo) Use(middleware ...MiddlewareFunc)                              {}
func (e *Echo) GET(path string, h HandlerFunc, middleware ...MiddlewareFunc)  {}
func (e *Echo) POST(path string, h HandlerFunc, middleware ...MiddlewareFunc) {}
func (e *Echo) ServeHTTP(http.ResponseWriter, *http.Request)                  {}
