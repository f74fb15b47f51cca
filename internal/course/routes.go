package course

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

// sockets is where the routes of websockets begin; the library's name follows.
const sockets = "/socket/"

// long is a page that is worth compressing.
var long = strings.Repeat("a page that is worth compressing. ", 200)

const tag = `"v1"`

// routes returns the routes for handlers of the framework.
func (s *site) routes() []Route {
	return []Route{
		{Method: "GET", Path: "/", Serve: with(show)},
		{Method: "GET", Path: "/account", Guarded: true, Serve: with(show)},
		{Method: "GET", Path: "/login", Serve: func(c Call) error { return c.Text(http.StatusOK, "log in") }},
		{Method: "POST", Path: "/login", Serve: with(func(c Call, x *fixture.Session) error {
			x.SetUserName(c.Query("name"))
			return c.Redirect("/")
		})},
		{Method: "POST", Path: "/logout", Serve: with(func(c Call, x *fixture.Session) error {
			if err := x.Destroy(); err != nil {
				return err
			}
			return c.Redirect("/")
		})},
		{Method: "POST", Path: "/count", Serve: counting(func(c Call) error {
			c.SetHeader("X-Handler", "count")
			return c.Text(http.StatusOK, "counted")
		})},
		{Method: "HEAD", Path: "/count", Serve: counting(func(c Call) error {
			return c.Text(http.StatusOK, "counted")
		})},
		{Method: "POST", Path: "/notice", Serve: with(func(c Call, x *fixture.Session) error {
			x.SetNotice(c.Query("text"))
			return c.Empty(http.StatusNoContent)
		})},
		{Method: "GET", Path: "/notice", Serve: with(func(c Call, x *fixture.Session) error {
			notice, ok := x.TakeNotice()
			return c.Text(http.StatusOK, fmt.Sprintf("%s %t", notice, ok))
		})},
		{Method: "POST", Path: "/fail", Serve: spoiling(func(c Call) error { return c.Fail() })},
		{Method: "POST", Path: "/panic", Serve: spoiling(func(c Call) error { panic("oops") })},
		{Method: "GET", Path: "/long", Serve: counting(func(c Call) error { return c.Text(http.StatusOK, long) })},
		{Method: "GET", Path: "/tagged", Serve: counting(func(c Call) error {
			c.SetHeader("ETag", tag)
			if c.Header("If-None-Match") == tag {
				return c.Empty(http.StatusNotModified)
			}
			return c.Text(http.StatusOK, "tagged")
		})},
		{Method: "POST", Path: "/upload", Serve: counting(func(c Call) error {
			content, err := c.File("file")
			if err != nil {
				return err
			}
			return c.Text(http.StatusOK, fmt.Sprintf("%d bytes", len(content)))
		})},
		{Method: "GET", Path: "/events", Serve: with(func(c Call, x *fixture.Session) error {
			x.AddVisits(1)
			sent := 0
			return c.Stream("text/event-stream", func() (string, bool) {
				if sent++; sent > 1 {
					<-s.seen // the client has the event before
				}
				if sent > 3 {
					x.AddVisits(10)
					return "", false
				}
				return fmt.Sprintf("data: %d\n\n", sent), true
			})
		})},
	}
}

func with(f func(Call, *fixture.Session) error) func(Call) error {
	return func(c Call) error {
		x, err := c.Session()
		if err != nil {
			return err
		}
		return f(c, x)
	}
}

func counting(f func(Call) error) func(Call) error {
	return with(func(c Call, x *fixture.Session) error {
		x.AddVisits(1)
		return f(c)
	})
}

// Ways to change a session that a handler has gone before it fails.
const (
	counts  = "count"  // a counter
	renews  = "renew"  // a field that renews the id, and a counter
	saves   = "save"   // the same, with a Save between them
	logsOut = "logout" // ends the session
)

// spoiling changes the session in the way that the request asks for, and the header, before it fails.
func spoiling(fail func(Call) error) func(Call) error {
	return with(func(c Call, x *fixture.Session) error {
		c.SetHeader("X-Handler", "failing")
		var err error
		switch c.Query("way") {
		case renews:
			x.SetUserName("Eve")
		case saves:
			x.SetUserName("Eve")
			err = x.Save()
		case logsOut:
			err = x.Destroy()
		}
		if err != nil {
			return err
		}
		x.AddVisits(1)
		return fail(c)
	})
}

func show(c Call, x *fixture.Session) error {
	return c.Text(http.StatusOK, fmt.Sprintf("%s;%d", x.UserName(), x.Visits()))
}

// handlers returns the handlers of net/http within the framework.
func (s *site) handlers(f Framework) []Handler {
	count := func(w http.ResponseWriter, r *http.Request) bool {
		x, err := s.Sessions.Get(r)
		if err != nil {
			http.Error(w, "no session", http.StatusServiceUnavailable)
			return false
		}
		x.AddVisits(1)
		return true
	}
	backend, _ := url.Parse(s.backend.URL)
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(backend) }}
	all := []Handler{
		{Path: "/proxy", Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count(w, r) {
				proxy.ServeHTTP(w, r)
			}
		})},
		{Path: "/slow", Handler: http.TimeoutHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_ = count(w, r)
			<-r.Context().Done()
			s.late <- struct{}{}
		}), patience, "too slow")},
	}
	for name, socket := range f.Sockets {
		accept := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if count(w, r) {
				s.accepted <- socket.Accept(w, r)
			}
		})
		all = append(all,
			Handler{Path: sockets + name, Handler: accept},
			Handler{Path: sockets + name + "/account", Guarded: true, Handler: accept})
	}
	return all
}
