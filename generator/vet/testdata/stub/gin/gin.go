// Package gin has the shape of the real one, as far as handlers with sessions touch it.
package gin

import "net/http"

type H map[string]any

type HandlerFunc func(*Context)

type ResponseWriter interface {
	http.ResponseWriter
	http.Flusher
	Status() int
	Written() bool
	WriteHeaderNow()
}

type Context struct {
	Request *http.Request
	Writer  ResponseWriter
}

func (c *Context) JSON(code int, obj any)                            {}
func (c *Context) String(code int, format string, values ...any)     {}
func (c *Context) HTML(code int, name string, obj any)               {}
func (c *Context) Redirect(code int, location string)                {}
func (c *Context) Status(code int)                                   {}
func (c *Context) Next()                                             {}
func (c *Context) Abort()                                            {}
func (c *Context) AbortWithStatus(code int)                          {}
func (c *Context) AbortWithStatusJSON(code int, obj any)             {}
func (c *Context) AbortWithError(code int, err error) error          { return err }
func (c *Context) Set(key string, value any)                         {}
func (c *Context) MustGet(key string) any                            { return nil }
func (c *Context) Query(key string) string                           { return "" }
func (c *Context) Param(key string) string                           { return "" }
func (c *Context) PostForm(key string) string                        { return "" }
func (c *Context) ShouldBind(obj any) error                          { return nil }
func (c *Context) Header(key, value string)                          {}
func (c *Context) Stream(step func(w http.ResponseWriter) bool) bool { return false }

type Engine struct{}

func New() *Engine                                             { return &Engine{} }
func (e *Engine) Use(handlers ...HandlerFunc)                  {}
func (e *Engine) GET(path string, handlers ...HandlerFunc)     {}
func (e *Engine) POST(path string, handlers ...HandlerFunc)    {}
func (e *Engine) ServeHTTP(http.ResponseWriter, *http.Request) {}
