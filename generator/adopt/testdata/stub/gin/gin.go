// Package gin declares what the programs under testdata use of gin.
package gin

import "net/http"

type Context struct {
	Request *http.Request
	Writer  http.ResponseWriter
}

func (c *Context) Query(key string) string      { return "" }
func (c *Context) PostForm(key string) string   { return "" }
func (c *Context) String(code int, s string)    {}
func (c *Context) JSON(code int, v any)         {}
func (c *Context) Redirect(code int, to string) {}
func (c *Context) Next()                        {}

type HandlerFunc func(*Context)

type Engine struct{}

func Default() *Engine { return nil }

func (e *Engine) Use(h ...HandlerFunc)               {}
func (e *Engine) GET(path string, h ...HandlerFunc)  {}
func (e *Engine) POST(path string, h ...HandlerFunc) {}
