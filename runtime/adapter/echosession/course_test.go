package echosession_test

import (
	"io"
	"net/http"
	"testing"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
)

func TestCourse(t *testing.T) {
	const page = `{"message":`
	course.Run(t, course.Framework{New: newSite, Page: page, Recovered: page, Sockets: map[string]course.Socket{
		"gorilla": course.Hijacker(new(gorilla.Upgrader).Upgrade), "coder": course.Accepter(coder.Accept),
	}})
}

func newSite(s *course.Site) course.Server {
	e := echo.New()
	for _, l := range s.Outside {
		e.Use(layer(l))
	}
	e.Use(echosession.Middleware(s.Sessions))
	for _, l := range s.Inside {
		e.Use(layer(l))
	}
	guard := echosession.Require(s.Sessions, (*fixture.Session).HasUserName, func(c *echo.Context) error {
		return c.Redirect(http.StatusSeeOther, "/login")
	})
	guards := map[bool][]echo.MiddlewareFunc{true: {guard}}
	for _, r := range s.Routes {
		e.Add(r.Method, r.Path, func(c *echo.Context) error { return r.Serve(call{c, s.Sessions}) },
			guards[r.Guarded]...)
	}
	for _, h := range s.Handlers {
		e.GET(h.Path, echo.WrapHandler(h), guards[h.Guarded]...)
	}
	return course.HTTP(e)
}

func layer(l course.Layer) echo.MiddlewareFunc {
	if l == course.Compressor {
		return middleware.Gzip()
	}
	return middleware.Recover()
}

// A call is a request as echo's handlers have it.
type call struct {
	*echo.Context
	sessions *fixture.Sessions
}

func (c call) Session() (*fixture.Session, error) { return echosession.Get(c.Context, c.sessions) }
func (c call) Query(name string) string           { return c.QueryParam(name) }
func (c call) Header(name string) string          { return c.Request().Header.Get(name) }
func (c call) SetHeader(name, value string)       { c.Response().Header().Set(name, value) }
func (c call) Text(status int, text string) error { return c.String(status, text) }
func (c call) Empty(status int) error             { return c.NoContent(status) }
func (c call) Redirect(to string) error           { return c.Context.Redirect(http.StatusSeeOther, to) }
func (c call) Fail() error                        { return echo.NewHTTPError(http.StatusTeapot, "short and stout") }

func (c call) File(name string) (string, error) {
	header, err := c.FormFile(name)
	if err != nil {
		return "", err
	}
	f, err := header.Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return string(content), err
}

func (c call) Stream(contentType string, next func() (string, bool)) error {
	c.SetHeader("Content-Type", contentType)
	for line, ok := next(); ok; line, ok = next() {
		if _, err := io.WriteString(c.Response(), line); err != nil {
			return err
		}
		if err := http.NewResponseController(c.Response()).Flush(); err != nil {
			return err
		}
	}
	return nil
}
