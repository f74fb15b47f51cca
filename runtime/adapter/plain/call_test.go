package plain

import (
	"errors"
	"io"
	"net/http"

	"github.com/gorilla/handlers"

	coder "github.com/coder/websocket"
	gorilla "github.com/gorilla/websocket"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A call is a request of a handler of net/http.
type call struct {
	w http.ResponseWriter
	r *http.Request
	s *fixture.Session
}

func (c call) Session() (*fixture.Session, error) { return c.s, nil }
func (c call) Query(name string) string           { return c.r.URL.Query().Get(name) }
func (c call) Header(name string) string          { return c.r.Header.Get(name) }
func (c call) SetHeader(name, value string)       { c.w.Header().Set(name, value) }
func (c call) Fail() error                        { return course.ErrTeapot }

func (c call) File(name string) (string, error) {
	f, _, err := c.r.FormFile(name)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return string(content), err
}

func (c call) Text(status int, text string) error {
	c.w.Header().Set("Content-Type", "text/plain")
	c.w.WriteHeader(status)
	_, err := io.WriteString(c.w, text)
	return err
}

func (c call) Empty(status int) error {
	c.w.WriteHeader(status)
	return nil
}

func (c call) Redirect(to string) error {
	http.Redirect(c.w, c.r, to, http.StatusSeeOther)
	return nil
}

func (c call) Stream(contentType string, next func() (string, bool)) error {
	c.w.Header().Set("Content-Type", contentType)
	for line, ok := next(); ok; line, ok = next() {
		if _, err := io.WriteString(c.w, line); err != nil {
			return err
		}
		if err := http.NewResponseController(c.w).Flush(); err != nil {
			return err
		}
	}
	return nil
}

// framework is one of a router: errors go to OnError, and the middlewares are those that people take.
func framework(serve func(*course.Site) http.Handler) course.Framework {
	return course.Framework{
		New:     func(s *course.Site) course.Server { return course.HTTP(serve(s)) },
		OnError: onError,
		Page:    "Sorry: ",
		Sockets: map[string]course.Socket{
			"gorilla": course.Hijacker(new(gorilla.Upgrader).Upgrade), "coder": course.Accepter(coder.Accept),
		},
	}
}

func onError(w http.ResponseWriter, _ *http.Request, err error) {
	status := session.StatusOf(err)
	if errors.Is(err, course.ErrTeapot) {
		status = http.StatusTeapot
	}
	http.Error(w, "Sorry: "+http.StatusText(status), status)
}

// middleware returns one of gorilla/handlers, which most sites without a framework take.
func middleware(l course.Layer) func(http.Handler) http.Handler {
	if l == course.Compressor {
		return handlers.CompressHandler
	}
	return handlers.RecoveryHandler(handlers.RecoveryLogger(quiet{}))
}

type quiet struct{}

func (quiet) Println(...any) {}

// handle is a route as a handler of net/http: its session is a parameter, its error goes to OnError.
func handle(s *course.Site, r course.Route) http.Handler {
	return s.Sessions.Handle(func(w http.ResponseWriter, req *http.Request, x *fixture.Session) error {
		return r.Serve(call{w, req, x})
	})
}

func guard(s *course.Site) func(http.Handler) http.Handler {
	return s.Sessions.Require((*fixture.Session).HasUserName, http.RedirectHandler("/login", http.StatusSeeOther))
}
