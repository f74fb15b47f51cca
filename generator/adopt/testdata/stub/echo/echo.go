// Package echo declares what the programs under testdata use of echo.
package echo

import "net/http"

type Response struct{ http.ResponseWriter }

type Context interface {
	Request() *http.Request
	Response() *Response
	FormValue(name string) string
	String(code int, s string) error
}

type HandlerFunc func(c Context) error

type MiddlewareFunc func(next HandlerFunc) HandlerFunc

type Echo struct{}

func New() *Echo { return nil }

func (e *Echo) Use(m ...MiddlewareFunc)         {}
func (e *Echo) GET(path string, h HandlerFunc)  {}
func (e *Echo) POST(path string, h HandlerFunc) {}
