package session_test

import (
	"context"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// A club is one process of a site whose sessions have owners.
type club struct {
	t       testing.TB
	clock   *clock
	store   *faultyStore
	events  *watcher
	members *member.Sessions
	cfg     session.Config
}

const ann, bob = int64(300), int64(301)

func newClub(t testing.TB, edit ...func(*session.Config)) *club {
	t.Helper()
	c := &club{t: t, clock: &clock{now: time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)}}
	c.store = newFaultyStore(t, c.clock.Now)
	c.cfg = concurrency.Config()
	c.cfg.Cookie.Insecure = false
	c.cfg.Now = c.clock.Now
	c.events = new(watcher)
	c.cfg.Observer = c.events
	for _, e := range edit {
		e(&c.cfg)
	}
	c.members = manager(t, c.store, c.cfg, member.NewSessions)
	return c
}

// twin is another process of the same site.
func (c *club) twin(edit ...func(*session.Config)) *club {
	t := *c
	for _, e := range edit {
		e(&t.cfg)
	}
	t.members = manager(c.t, t.store, t.cfg, member.NewSessions)
	return &t
}

func manager[S any](
	t testing.TB, store session.Store, cfg session.Config, open func(session.Store, session.Config) (*session.Manager[S], error),
) *session.Manager[S] {
	t.Helper()
	m, err := open(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// loadFrom begins a request of a guest.
func loadFrom[S any](t testing.TB, m *session.Manager[S], g *guest) (*S, *httptest.ResponseRecorder) {
	t.Helper()
	w := httptest.NewRecorder()
	s, err := m.Load(w, g.request())
	if err != nil {
		t.Fatalf("Load: %v", err)
	}
	return s, w
}

type saver interface{ Save() error }

// visitOf is a whole request: load, change, save; the guest keeps the cookies.
func visitOf[S any](t testing.TB, m *session.Manager[S], g *guest, change func(*S)) *S {
	t.Helper()
	s, w := loadFrom(t, m, g)
	change(s)
	if err := any(s).(saver).Save(); err != nil {
		t.Fatalf("Save: %v", err)
	}
	g.keep(w.Result())
	return s
}

func (c *club) load(g *guest) (*member.Session, *httptest.ResponseRecorder) {
	c.t.Helper()
	return loadFrom(c.t, c.members, g)
}

func (c *club) visit(g *guest, change func(*member.Session)) *member.Session {
	c.t.Helper()
	return visitOf(c.t, c.members, g, change)
}

// login is a browser in which somebody has logged in.
func (c *club) login(user int64) *guest {
	c.t.Helper()
	g := new(guest)
	c.visit(g, func(s *member.Session) { s.SetUserID(user) })
	c.clock.advance(time.Millisecond)
	return g
}

func (c *club) user(g *guest) int64 {
	c.t.Helper()
	s, _ := c.load(g)
	return s.UserID()
}

func (c *club) of(user int64) session.Owner[member.Session] {
	return member.SessionsOf(c.members, user)
}

// devices returns the Devices of somebody's sessions, the latest login first.
func (c *club) devices(user int64) (all []string) {
	c.t.Helper()
	list, err := c.of(user).List(context.Background())
	if err != nil {
		c.t.Fatalf("List: %v", err)
	}
	for _, s := range list {
		all = append(all, s.Meta().Device)
	}
	return all
}

func (c *club) device(g *guest) string {
	c.t.Helper()
	s, _ := c.load(g)
	return s.Meta().Device
}

func (c *club) wantUser(g *guest, want int64) {
	c.t.Helper()
	if got := c.user(g); got != want {
		c.t.Errorf("the browser is user %d, want %d", got, want)
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
