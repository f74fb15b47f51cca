package ginsession_test

import (
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/gin-contrib/gzip"
	"github.com/gin-gonic/gin"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestCourse(t *testing.T) {
	gin.SetMode(gin.TestMode)
	course.Run(t, course.Framework{New: newSite, Page: `{"error":`, Sockets: map[string]course.Socket{
		"gorilla": course.Hijacker(new(gorilla.Upgrader).Upgrade), "coder": course.Accepter(coder.Accept),
	}})
}

func newSite(s *course.Site) course.Server {
	e := gin.New()
	for _, l := range s.Outside {
		e.Use(layer(l))
	}
	e.Use(errorPage, ginsession.Middleware(s.Sessions))
	for _, l := range s.Inside {
		e.Use(layer(l))
	}
	guard := ginsession.Require(s.Sessions, (*fixture.Session).HasUserName,
		func(c *gin.Context) { c.Redirect(http.StatusSeeOther, "/login") })
	for _, r := range s.Routes {
		handlers := gin.HandlersChain{func(c *gin.Context) {
			if err := r.Serve(call{c, s.Sessions}); err != nil && len(c.Errors) == 0 {
				_ = c.Error(err)
				c.Status(session.StatusOf(err))
			}
		}}
		if r.Guarded {
			handlers = gin.HandlersChain{guard, handlers[0]}
		}
		e.Handle(r.Method, r.Path, handlers...)
	}
	for _, h := range s.Handlers {
		handlers := gin.HandlersChain{gin.WrapH(h)}
		if h.Guarded {
			handlers = gin.HandlersChain{guard, handlers[0]}
		}
		e.GET(h.Path, handlers...)
	}
	return course.HTTP(e)
}

func layer(l course.Layer) gin.HandlerFunc {
	if l == course.Compressor {
		return gzip.Gzip(gzip.DefaultCompression)
	}
	return gin.CustomRecoveryWithWriter(io.Discard, func(c *gin.Context, _ any) {
		c.AbortWithStatus(http.StatusInternalServerError)
	})
}

// errorPage is what gin's documentation calls an error-handling middleware.
func errorPage(c *gin.Context) {
	c.Next()
	if len(c.Errors) > 0 && !c.Writer.Written() {
		c.JSON(-1, gin.H{"error": http.StatusText(c.Writer.Status())})
	}
}

// A call is a request as gin's handlers have it.
type call struct {
	*gin.Context
	sessions *fixture.Sessions
}

func (c call) Session() (*fixture.Session, error) { return ginsession.Get(c.Context, c.sessions) }
func (c call) Header(name string) string          { return c.GetHeader(name) }
func (c call) SetHeader(name, value string)       { c.Context.Header(name, value) }

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

func (c call) Text(status int, text string) error {
	c.String(status, "%s", text)
	return nil
}

func (c call) Empty(status int) error {
	c.Status(status)
	return nil
}

func (c call) Redirect(to string) error {
	c.Context.Redirect(http.StatusSeeOther, to)
	return nil
}

func (c call) Stream(contentType string, next func() (string, bool)) error {
	c.SetHeader("Content-Type", contentType)
	c.Context.Stream(func(w io.Writer) bool {
		line, ok := next()
		_, err := io.WriteString(w, line)
		return ok && err == nil
	})
	return nil
}

func (c call) Fail() error {
	_ = c.AbortWithError(http.StatusTeapot, errors.New("short and stout"))
	return nil
}
