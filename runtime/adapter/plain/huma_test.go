package plain

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestHuma(t *testing.T) {
	f := framework(func(s *course.Site) http.Handler {
		m := http.NewServeMux()
		api := humago.New(m, huma.DefaultConfig("course", "1"))
		for _, r := range s.Routes {
			op := huma.Operation{Method: r.Method, Path: r.Path, OperationID: r.Method + r.Path}
			if r.Path == "/" {
				op.Path = "/{$}"
			}
			if r.Guarded {
				op.Middlewares = huma.Middlewares{humaGuard(api, s.Sessions)}
			}
			huma.Register(api, op, failing(s.Sessions, func(
				ctx context.Context, in *input,
			) (*huma.StreamResponse, error) {
				c := &humaCall{Context: in.Context, ctx: ctx, sessions: s.Sessions}
				if err := r.Serve(c); err != nil {
					return nil, humaError(err)
				}
				return &huma.StreamResponse{Body: func(huma.Context) {
					for _, h := range c.header {
						c.Context.SetHeader(h[0], h[1])
					}
					c.respond()
				}}, nil
			}))
		}
		for _, h := range s.Handlers {
			if h.Guarded {
				h.Handler = guard(s)(h)
			}
			m.Handle(h.Path, h)
		}
		return wrap(wrap(m, s.Inside, s.Sessions.Middleware), s.Outside)
	})
	f.Page = `"title":"`
	f.OnError = func(w http.ResponseWriter, _ *http.Request, err error) {
		status := session.StatusOf(err)
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(status)
		_, _ = fmt.Fprintf(w, `{"title":"%s","status":%d}`, http.StatusText(status), status)
	}
	course.Run(t, f)
}

// failing tells the session of its request that a handler has failed, so that nothing is saved. huma answers the error
// with the handler's status, of which Middleware takes only 500 and more for a failure.
func failing[S, I, O any](
	sessions *session.Manager[S], h func(context.Context, *I) (*O, error),
) func(context.Context, *I) (*O, error) {
	return func(ctx context.Context, in *I) (out *O, err error) {
		r := (&http.Request{}).WithContext(ctx)
		err = sessions.Do(nowhere{}, r, func(_ http.ResponseWriter, r *http.Request) error {
			out, err = h(r.Context(), in)
			return err
		})
		return out, err
	}
}

// nowhere is the response of a Do that joins an outer one, whose response huma writes.
type nowhere struct{}

func (nowhere) Header() http.Header         { return http.Header{} }
func (nowhere) WriteHeader(int)             {}
func (nowhere) Write(b []byte) (int, error) { return len(b), nil }

func humaGuard(api huma.API, sessions *fixture.Sessions) func(huma.Context, func(huma.Context)) {
	return func(c huma.Context, next func(huma.Context)) {
		switch x, err := sessions.FromContext(c.Context()); {
		case err != nil:
			_ = huma.WriteErr(api, c, session.StatusOf(err), "no session")
		case x.HasUserName():
			next(c)
		default:
			c.SetHeader("Location", "/login")
			c.SetStatus(http.StatusSeeOther)
		}
	}
}

// humaError is a session's error as huma answers errors.
func humaError(err error) error {
	if status := huma.StatusError(nil); errors.As(err, &status) {
		return err
	}
	return huma.NewError(session.StatusOf(err), "no session")
}

// An input has the request, of which a Route wants a little of everything.
type input struct{ huma.Context }

func (in *input) Resolve(c huma.Context) []error {
	in.Context = c
	return nil
}

// A humaCall collects the response that its handler returns to huma.
type humaCall struct {
	huma.Context
	ctx      context.Context
	sessions *fixture.Sessions
	header   [][2]string
	respond  func()
}

func (c *humaCall) Session() (*fixture.Session, error) { return c.sessions.FromContext(c.ctx) }
func (c *humaCall) SetHeader(name, value string)       { c.header = append(c.header, [2]string{name, value}) }
func (c *humaCall) Fail() error                        { return huma.NewError(http.StatusTeapot, "short and stout") }

func (c *humaCall) File(name string) (string, error) {
	form, err := c.GetMultipartForm()
	if err != nil {
		return "", err
	}
	f, err := form.File[name][0].Open()
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	content, err := io.ReadAll(f)
	return string(content), err
}

func (c *humaCall) Text(status int, text string) error {
	c.SetHeader("Content-Type", "text/plain")
	c.respond = func() {
		c.SetStatus(status)
		_, _ = io.WriteString(c.BodyWriter(), text)
	}
	return nil
}

func (c *humaCall) Empty(status int) error {
	c.respond = func() { c.SetStatus(status) }
	return nil
}

func (c *humaCall) Redirect(to string) error {
	c.SetHeader("Location", to)
	return c.Empty(http.StatusSeeOther)
}

func (c *humaCall) Stream(contentType string, next func() (string, bool)) error {
	c.SetHeader("Content-Type", contentType)
	c.respond = func() {
		for line, ok := next(); ok; line, ok = next() {
			if _, err := io.WriteString(c.BodyWriter(), line); err != nil {
				return
			}
			_ = http.NewResponseController(c.BodyWriter().(http.ResponseWriter)).Flush()
		}
	}
	return nil
}

// huma panics when the body of a typed answer cannot be written, as it cannot where the save has failed.
func TestASaveThatFailsIsAPageThoughHumaPanics(t *testing.T) {
	store := course.NewStore()
	sessions, log := course.Logged(t, store)
	type output struct {
		Kept string `header:"X-Kept"`
		Body struct{ Visits int64 }
	}
	m := http.NewServeMux()
	huma.Get(humago.New(m, huma.DefaultConfig("huma", "1")), "/", func(ctx context.Context, _ *struct{}) (*output, error) {
		s, err := sessions.FromContext(ctx)
		if err != nil {
			return nil, err
		}
		s.AddVisits(1)
		out := &output{Kept: "no"}
		out.Body.Visits = s.Visits()
		return out, nil
	})
	store.ReadOnly.Store(true)
	w := httptest.NewRecorder()
	sessions.Middleware(m).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(w.Body.String(), "try again") ||
		strings.Contains(w.Body.String(), "Visits") || w.Header().Get("X-Kept") != "" || len(w.Result().Cookies()) != 0 {
		t.Errorf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	if !strings.Contains(log.String(), "handler panicked after the save had failed") {
		t.Errorf("huma has not panicked: %s", log)
	}
}
