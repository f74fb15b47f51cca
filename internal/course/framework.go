package course

import (
	"errors"
	"net"
	"net/http"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
)

// A Framework is how handlers with sessions are written in one framework.
type Framework struct {
	// New builds a site of the framework's own: its middlewares, the adapter, its handlers for the routes.
	New func(*Site) Server

	// OnError is Config.OnError, where that is the framework's error flow.
	OnError func(http.ResponseWriter, *http.Request, error)

	// Page is in every page that the framework's own error handling answers with, or empty where it answers with a
	// status alone. Recovered is the same of a panic.
	Page, Recovered string

	// Client is how the requests of a browser go to a site that is none for browsers, and its answers to them; nil for
	// others.
	Client func(http.RoundTripper) http.RoundTripper

	// Sockets are the ways to accept a websocket.
	Sockets map[string]Socket

	// Cannot names the steps of the course that cannot be had, with the reason.
	Cannot map[string]string
}

// ErrTeapot is an error for Call.Fail to return where handlers return plain errors: its page has the status 418.
var ErrTeapot = errors.New("short and stout")

// A Server is a site that can be served on a listener. *http.Server is one.
type Server interface {
	Serve(net.Listener) error
	Close() error
}

// HTTP makes a Server of a handler.
func HTTP(h http.Handler) Server { return &http.Server{Handler: h} }

// A Site is one for a framework to serve.
type Site struct {
	Sessions *fixture.Sessions

	// Outside and Inside are the framework's own middlewares that stand around its sessions' middleware and within it,
	// each from the outermost to the innermost.
	Outside, Inside []Layer

	Routes   []Route
	Handlers []Handler
}

// A Layer is a middleware that most frameworks have.
type Layer string

const (
	Recoverer  Layer = "recoverer"  // answers a panic with a status of 500
	Compressor Layer = "compressor" // compresses by gzip for clients that ask for it
)

// A Route is served by a handler of the framework. Its path has no parameters.
type Route struct {
	Method, Path string
	Guarded      bool             // by Require(HasUserName), which sends others to /login
	Serve        func(Call) error // the error is for the framework's error flow
}

// A Handler is a net/http handler that is mounted within the framework, as it mounts such.
type Handler struct {
	Path    string
	Guarded bool
	http.Handler
}

// A Call is one request of a Route, in the framework's own terms.
type Call interface {
	Session() (*fixture.Session, error)

	Query(name string) string
	Header(name string) string
	File(name string) (string, error) // the content of an uploaded file

	SetHeader(name, value string)
	Text(status int, text string) error
	Empty(status int) error
	Redirect(to string) error // 303

	// Stream sends the lines that next returns, each at once, until there is none.
	Stream(contentType string, next func() (line string, ok bool)) error

	// Fail is the framework's own way to fail with the status 418.
	Fail() error
}

// Run runs the course.
func Run(t *testing.T, f Framework) {
	c := &course{f: f}
	steps := []struct {
		name string
		run  func(*testing.T, *course)
	}{
		{"an anonymous read sets no cookie", anonymousRead},
		{"a login gives a new id", loginGivesANewID},
		{"a redirect carries the cookie", redirectCarriesTheCookie},
		{"a flash is shown once", flashIsShownOnce},
		{"16 requests at once all count", parallelRequestsAllCount},
		{"a guard lets in who has logged in", guardLetsIn},
		{"a logout ends the session", logoutEndsTheSession},
		{"a forged cookie costs no look at the store", forgedCookie},
		{"an app with a token goes past cookies", appWithAToken},
		{"a store that is down is a 503", storeDown},
		{"a save that fails is a 503 and nothing of the response", saveFails},
		{"a guard answers an outage with a 503", guardInAnOutage},
		{"an error saves nothing and is the framework's page", frameworksError},
		{"an error after a save carries its cookie", errorAfterASave},
		{"a panic saves nothing, recovered outside", panicRecoveredOutside},
		{"a panic saves nothing, recovered inside", panicRecoveredInside},
		{"a panic after a save carries its cookie, recovered outside", lateRecoveredOutside},
		{"a panic after a save carries its cookie, recovered inside", lateRecoveredInside},
		{"a stream begins with the cookie", streamBegins},
		{"a change during a stream is saved at its end", streamEnds},
		{"gzip outside", gzipOutside},
		{"gzip inside", gzipInside},
		{"HEAD", headCarriesTheCookie},
		{"304", notModifiedIsSaved},
		{"an upload", uploadIsSaved},
		{"a websocket", websocketAccepted},
		{"a websocket that is refused", websocketRefused},
		{"a websocket of a new session", websocketOfANewSession},
		{"a websocket in an outage", websocketInAnOutage},
		{"TimeoutHandler inside", timeoutHandler},
		{"ReverseProxy", reverseProxy},
		{"HTTP/2", http2},
	}
	known := map[string]bool{}
	for _, s := range steps {
		known[s.name] = true
		t.Run(s.name, func(t *testing.T) {
			if why := f.Cannot[s.name]; why != "" {
				t.Skip("cannot be had: " + why)
			}
			s.run(t, c)
		})
	}
	for name := range f.Cannot {
		if !known[name] {
			t.Errorf("Cannot names a step that there is not: %q", name)
		}
	}
}
