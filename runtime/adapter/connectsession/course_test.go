package connectsession_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"testing"

	"connectrpc.com/connect"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A protocol is one that calls are made by.
type protocol struct {
	name      string
	options   []connect.ClientOption
	always200 bool // failures too, of which a trailer tells
}

var protocols = []protocol{
	{"Connect", nil, false},
	{"Connect by GET", []connect.ClientOption{connect.WithHTTPGet()}, false},
	{"gRPC", []connect.ClientOption{connect.WithGRPC()}, true},
	{"gRPC-Web", []connect.ClientOption{connect.WithGRPCWeb()}, true},
}

func TestCourse(t *testing.T) {
	const (
		noHandlers = "an interceptor is around procedures; handlers of net/http have Middleware around the server"
		noWeb      = "a call of RPC is a POST or a GET, and answered with a message or an error"
		noSocket   = "RPC has streams of its own"
	)
	cannot := map[string]string{
		"gzip inside":                  "Connect compresses messages, when all interceptors have returned",
		"HEAD":                         noWeb,
		"304":                          noWeb,
		"a websocket":                  noSocket,
		"a websocket that is refused":  noSocket,
		"a websocket of a new session": noSocket,
		"a websocket in an outage":     noSocket,
	}
	alone := map[string]string{
		"TimeoutHandler inside": noHandlers,
		"ReverseProxy":          noHandlers,
		"a panic after a save carries its cookie, recovered outside": "what recovers answers with an error of its own",
	}
	const trailer = "gRPC has the header of an error in trailers, from which no client takes a cookie"
	for _, p := range protocols {
		t.Run(p.name+" within Middleware", func(t *testing.T) {
			course.Run(t, course.Framework{
				New:    func(s *course.Site) course.Server { return course.HTTP(s.Sessions.Middleware(mux(s))) },
				Client: func(base http.RoundTripper) http.RoundTripper { return browser{base, p, true} },
				OnError: func(w http.ResponseWriter, _ *http.Request, err error) {
					http.Error(w, "rpc: sorry", session.StatusOf(err))
				},
				Page: "rpc: ", Recovered: "rpc: ", Cannot: cannot,
			})
		})
		t.Run(p.name, func(t *testing.T) {
			cannot := maps.Clone(cannot)
			maps.Copy(cannot, alone)
			if p.always200 {
				cannot["an error after a save carries its cookie"] = trailer
				cannot["a panic after a save carries its cookie, recovered inside"] = trailer
			}
			course.Run(t, course.Framework{
				New:    func(s *course.Site) course.Server { return course.HTTP(mux(s)) },
				Client: func(base http.RoundTripper) http.RoundTripper { return browser{base, p, false} },
				Page:   "rpc: ", Recovered: "rpc: ", Cannot: cannot,
			})
		})
	}
}

// mux serves the routes as procedures.
func mux(s *course.Site) *http.ServeMux {
	m := http.NewServeMux()
	guard := connectsession.Require(s.Sessions, (*fixture.Session).HasUserName, func(context.Context) error {
		return connect.NewError(connect.CodeUnauthenticated, errors.New("log in"))
	})
	options := append(layers(s.Outside), connect.WithInterceptors(connectsession.Middleware(s.Sessions)))
	options = append(options, layers(s.Inside)...)
	for _, r := range s.Routes {
		options := append(options[:len(options):len(options)],
			connect.WithIdempotency(connect.IdempotencyNoSideEffects))
		if r.Guarded {
			options = append(options, connect.WithInterceptors(guard))
		}
		path := procedure(r.Method, r.Path)
		if r.Path == "/events" {
			m.Handle(path, connect.NewServerStreamHandler(path, func(
				ctx context.Context, req *connect.Request[text], stream *connect.ServerStream[text],
			) error {
				return r.Serve(&call{
					ctx: ctx, sessions: s.Sessions, message: req.Msg.Value,
					header: stream.ResponseHeader(), stream: stream,
				})
			}, options...))
			continue
		}
		m.Handle(path, connect.NewUnaryHandler(path, func(
			ctx context.Context, req *connect.Request[text],
		) (*connect.Response[text], error) {
			res := connect.NewResponse(new(text))
			err := r.Serve(&call{
				ctx: ctx, sessions: s.Sessions, message: req.Msg.Value, header: res.Header(), res: res.Msg,
			})
			if err != nil {
				return nil, err
			}
			return res, nil
		}, options...))
	}
	for _, h := range s.Handlers {
		m.Handle(h.Path, h)
	}
	return m
}

func layers(all []course.Layer) []connect.HandlerOption {
	var options []connect.HandlerOption
	for _, l := range all {
		if l == course.Recoverer { // a Connect handler compresses its messages, whether it is told so or not
			options = append(options, connect.WithRecover(func(context.Context, connect.Spec, http.Header, any) error {
				return connect.NewError(connect.CodeInternal, errors.New("recovered"))
			}))
		}
	}
	return options
}

// A call is a request as handlers of Connect have it.
type call struct {
	ctx      context.Context
	sessions *fixture.Sessions
	message  string // a query, or the content of a file
	header   http.Header
	res      *text
	stream   *connect.ServerStream[text]
}

func (c *call) Session() (*fixture.Session, error) { return connectsession.Get(c.ctx, c.sessions) }
func (c *call) Header(string) string               { return "" }
func (c *call) File(string) (string, error)        { return c.message, nil }
func (c *call) SetHeader(name, value string)       { c.header.Set(name, value) }
func (c *call) Empty(status int) error             { return c.Text(status, "") }
func (c *call) Redirect(to string) error           { return c.Text(http.StatusSeeOther, to) }

func (c *call) Query(name string) string {
	values, _ := url.ParseQuery(c.message)
	return values.Get(name)
}

func (c *call) Text(status int, text string) error {
	c.res.Value = fmt.Sprint(status, " ", text)
	return nil
}

func (c *call) Fail() error {
	return connect.NewError(connect.CodeFailedPrecondition, errors.New("short and stout"))
}

func (c *call) Stream(_ string, next func() (string, bool)) error {
	for line, ok := next(); ok; line, ok = next() {
		if err := c.stream.Send(wrapperspb.String(line)); err != nil {
			return err
		}
	}
	return nil
}
