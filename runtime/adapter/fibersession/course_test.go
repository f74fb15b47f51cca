package fibersession_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/compress"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"
	gorilla "github.com/gorilla/websocket"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
)

func TestCourse(t *testing.T) {
	course.Run(t, course.Framework{
		New: newSite, Page: "sorry: ", Recovered: "sorry: ",
		Sockets: map[string]course.Socket{"gorilla": course.Hijacker(new(gorilla.Upgrader).Upgrade)},
		Cannot: map[string]string{
			"a change during a stream is saved at its end": "fiber runs the stream when the handler has returned",
			"HTTP/2": "fasthttp has no HTTP/2: a proxy before it has",
		},
	})
}

func newSite(s *course.Site) course.Server {
	app := fiber.New(fiber.Config{ErrorHandler: func(c fiber.Ctx, err error) error {
		return fiber.DefaultErrorHandler(c, fmt.Errorf("sorry: %w", err))
	}})
	for _, l := range s.Outside {
		app.Use(layer(l))
	}
	app.Use(fibersession.Middleware(s.Sessions))
	for _, l := range s.Inside {
		app.Use(layer(l))
	}
	guard := fibersession.Require(s.Sessions, (*fixture.Session).HasUserName, func(c fiber.Ctx) error {
		return c.Redirect().Status(fiber.StatusSeeOther).To("/login")
	})
	pass := func(c fiber.Ctx) error { return c.Next() }
	guards := map[bool]fiber.Handler{true: guard, false: pass}
	for _, r := range s.Routes {
		app.Add([]string{r.Method}, r.Path, guards[r.Guarded], func(c fiber.Ctx) error {
			return r.Serve(call{c, s.Sessions})
		})
	}
	for _, h := range s.Handlers {
		app.Get(h.Path, guards[h.Guarded], fibersession.Handler(h))
	}
	return server{app}
}

type server struct{ app *fiber.App }

func (s server) Serve(l net.Listener) error {
	return s.app.Listener(l, fiber.ListenConfig{DisableStartupMessage: true})
}

func (s server) Close() error { return s.app.Shutdown() }

func layer(l course.Layer) fiber.Handler {
	if l == course.Compressor {
		return compress.New()
	}
	return recoverer.New()
}

// A call is a request as fiber's handlers have it.
type call struct {
	fiber.Ctx
	sessions *fixture.Sessions
}

func (c call) Session() (*fixture.Session, error) { return fibersession.Get(c.Ctx, c.sessions) }
func (c call) Query(name string) string           { return c.Ctx.Query(name) }
func (c call) Header(name string) string          { return c.Ctx.Get(name) }
func (c call) SetHeader(name, value string)       { c.Ctx.Set(name, value) }
func (c call) Text(status int, text string) error { return c.Ctx.Status(status).SendString(text) }
func (c call) Redirect(to string) error           { return c.Ctx.Redirect().Status(http.StatusSeeOther).To(to) }
func (c call) Fail() error                        { return fiber.NewError(http.StatusTeapot, "short and stout") }

func (c call) Empty(status int) error {
	c.Ctx.Status(status)
	return nil
}

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
	return c.SendStreamWriter(func(w *bufio.Writer) {
		for line, ok := next(); ok; line, ok = next() {
			if _, err := w.WriteString(line); err != nil {
				return
			}
			if err := w.Flush(); err != nil {
				return
			}
		}
	})
}
