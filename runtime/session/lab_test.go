package session_test

import (
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// fixtureIdentity is whose the sessions of fixture.SessionSchema are.
const fixtureIdentity = "github.com/sessiongen/sessiongen/internal/fixture.Session"

// A lab is one process of a site, on a store that can fail and with a clock that only tests move.
type lab struct {
	t        testing.TB
	clock    *clock
	store    *faultyStore
	logs     *logs
	events   *watcher
	sessions *fixture.Sessions
}

func newLab(t testing.TB, edit ...func(*session.Config)) *lab {
	t.Helper()
	c := &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}
	s := &lab{t: t, clock: c, store: newFaultyStore(t, c.Now), logs: new(logs), events: new(watcher)}
	s.sessions = s.manager(edit...)
	return s
}

func (s *lab) manager(edit ...func(*session.Config)) *fixture.Sessions {
	s.t.Helper()
	cfg := s.config(edit...)
	m, err := fixture.NewSessions(s.store, cfg)
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// inBubble is for a lab in a bubble, whose time stands still while anybody works: the default SaveTimeout is enough.
func inBubble(c *session.Config) { c.SaveTimeout = 0 }

func (s *lab) config(edit ...func(*session.Config)) session.Config {
	cfg := session.Config{
		Secrets:     [][]byte{fixture.Secret("k")},
		SaveTimeout: time.Minute, // no test that is not about it is to fail where this machine stands still for a second
		Now:         s.clock.Now,
		Observer:    s.events,
		Logger:      slog.New(slog.NewTextHandler(s.logs, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, e := range edit {
		e(&cfg)
	}
	return cfg
}

// twin is another process of the same site: no lock of this one holds it up.
func (s *lab) twin(edit ...func(*session.Config)) *lab {
	t := *s
	t.sessions = s.manager(edit...)
	return &t
}

// load begins a request of a guest.
func (s *lab) load(g *guest) (*fixture.Session, *httptest.ResponseRecorder) {
	s.t.Helper()
	w := httptest.NewRecorder()
	x, err := s.sessions.Load(w, g.request())
	if err != nil {
		s.t.Fatalf("Load: %v", err)
	}
	return x, w
}

// visit is a whole request: load, change, save; the guest keeps the cookies.
func (s *lab) visit(g *guest, change func(*fixture.Session)) *http.Response {
	s.t.Helper()
	x, w := s.load(g)
	change(x)
	if err := x.Save(); err != nil {
		s.t.Fatalf("Save: %v", err)
	}
	g.keep(w.Result())
	return w.Result()
}

// fields returns what the next request of a guest would see.
func (s *lab) fields(g *guest) fixture.SessionSchema {
	s.t.Helper()
	x, _ := s.load(g)
	return shown(x)
}

// known returns a guest whose session has some visits already, and forgets what that has cost.
func (s *lab) known() *guest {
	s.t.Helper()
	g := new(guest)
	s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	s.store.trips()
	return g
}

// A guest is a browser as far as cookies go.
type guest struct {
	cookies map[string]string
	extra   []string // Cookie lines that come before
}

func (g *guest) request() *http.Request {
	r := httptest.NewRequest("GET", "https://shop.example/", nil)
	r.Header["Cookie"] = append(r.Header["Cookie"], g.extra...)
	for _, name := range slices.Sorted(maps.Keys(g.cookies)) {
		r.AddCookie(&http.Cookie{Name: name, Value: g.cookies[name]})
	}
	return r
}

// keep does with the response's cookies what a browser does.
func (g *guest) keep(resp *http.Response) {
	for _, c := range resp.Cookies() {
		if g.cookies == nil {
			g.cookies = make(map[string]string)
		}
		if c.MaxAge < 0 {
			delete(g.cookies, c.Name)
		} else {
			g.cookies[c.Name] = c.Value
		}
	}
}

// copy is the same browser in another tab: it goes on with the cookies of now.
func (g *guest) copy() *guest { return &guest{cookies: maps.Clone(g.cookies)} }

func (g *guest) token() string { return g.cookies["__Host-session"] }

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	c.now = c.now.Add(d)
	c.mu.Unlock()
}

// logs keep what was logged.
type logs struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func setsCookie(h http.Header) bool { return len(h["Set-Cookie"]) > 0 }

func wantTrips(t testing.TB, s *faultyStore, want ...string) {
	t.Helper()
	if got := s.trips(); !slices.Equal(got, want) {
		t.Errorf("the store was asked for %v, want %v", got, want)
	}
}

// shown is a session's Snapshot, with the flash that it leaves out.
func shown(x *fixture.Session) fixture.SessionSchema {
	v := x.Snapshot()
	v.Notice = fixture.Flash(x, "Notice")
	return v
}
