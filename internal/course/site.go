package course

import (
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// limit is how long a request may take that waits for its server, on a busy machine too.
const limit = time.Minute

// patience is that of the http.TimeoutHandler, whose handler waits until it is over, however long that takes.
const patience = 20 * time.Millisecond

type course struct{ f Framework }

// A site is a Site that is being served.
type site struct {
	Site
	t       *testing.T
	f       Framework
	url     string
	store   *Store
	backend *httptest.Server

	seen     chan struct{} // the client of a stream has read the last event
	late     chan struct{} // a handler has ended whose time was up
	accepted chan error    // the outcome of accepting a websocket
}

// site starts a site.
func (c *course) site(t *testing.T, edit ...func(*Site)) *site {
	t.Helper()
	s := c.newSite(t, edit...)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := c.f.New(&s.Site)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l)
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	s.url = "http://" + l.Addr().String()
	return s
}

// newSite makes a site that nobody serves yet.
func (c *course) newSite(t *testing.T, edit ...func(*Site)) *site {
	t.Helper()
	s := &site{
		t: t, f: c.f, store: NewStore(),
		seen: make(chan struct{}, 4), late: make(chan struct{}, 1), accepted: make(chan error, 1),
	}
	var err error
	s.Sessions, err = fixture.NewSessions(s.store, session.Config{
		Secrets: [][]byte{fixture.Secret("course")},
		Cookie:  session.Cookie{Insecure: true},
		Bearer:  true,
		Logger:  slog.New(slog.DiscardHandler),
		OnError: c.f.OnError,

		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	s.backend = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Set-Cookie", "backend=1")
		_, _ = io.WriteString(w, "from behind")
	}))
	t.Cleanup(s.backend.Close)
	s.Routes, s.Handlers = s.routes(), s.handlers(c.f)
	for _, e := range edit {
		e(&s.Site)
	}
	return s
}

func outside(l Layer) func(*Site) { return func(s *Site) { s.Outside = append(s.Outside, l) } }
func inside(l Layer) func(*Site)  { return func(s *Site) { s.Inside = append(s.Inside, l) } }
