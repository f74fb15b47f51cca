// Package echo has the shape of the real one, as far as handlers with sessions touch it.
package echo

import "net/http"

type HandlerFunc func(Context) error

type MiddlewareFunc func(next HandlerFunc) HandlerFunc

type Context interface {
	Request() *http.Request
	Response() *Response
	JSON(code int, i any) error
	String(code int, s string) error
	HTML(code int, html string) error
	Render(code int, name string, data any) error
	Redirect(code int, url string) error
	NoContent(code int) error
	Bind(i any) error
	FormValue(name string) string
	Param(name string) string
	Set(key string, val any)
	Get(key string) any
	Error(err error)
}

type Response struct {
	Writer http.ResponseWriter
}

func (r *Response) Header() http.Header         { return nil }
func (r *Response) Write(b []byte) (int, error) { return len(b), nil }
func (r *Response) WriteHeader(code int)        {}
func (r *Response) Flush()                      {}

type HTTPError struct {
	Code    int
	Message any
}

func (e *HTTPError) Error() string { return "" }

func NewHTTPError(code int, message ...any) *HTTPError { return &HTTPError{Code: code} }

var ErrUnauthorized = NewHTTPError(http.StatusUnauthorized)

// Unwrapped stands for SetInternal.
func (e *HTTPError) Unwrapped(err error) *HTTPError { return e }
