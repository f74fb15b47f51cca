//go:build !race

package session_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// A tally is the cheapest Observer that there is.
type tally struct{ events [session.Failed + 1]int }

func (n *tally) Observe(_ context.Context, e session.Event) { n.events[e.Kind]++ }

// A sink is a ResponseWriter that costs nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { clear(s.header); return s.header }
func (s sink) Write(p []byte) (int, error) { return len(p), nil }
func (s sink) WriteHeader(int)             {}

// A course is a request that is made again and again.
type course struct {
	t        testing.TB
	sessions *fixture.Sessions
	members  *member.Sessions
	request  *http.Request
	w        sink
}

// courses are the requests whose events cost is counted, with what they tell.
var courses = map[string]struct {
	run  func(*course)
	tell []session.Kind
}{
	"nobody": {func(c *course) { c.request.Header.Del("Cookie"); c.load() }, nil},
	"R":      {func(c *course) { c.load() }, []session.Kind{session.Loaded}},
	"W":      {func(c *course) { c.save(func(x *fixture.Session) { x.AddVisits(1) }) }, []session.Kind{session.Loaded, session.Saved}},
	"W of three fields": {func(c *course) {
		c.save(func(x *fixture.Session) { x.AddVisits(1); x.SetPrefs(nil); x.SetOTP("1") })
	}, []session.Kind{session.Loaded, session.Saved}},
	"count": {func(c *course) { _, _ = c.load().CountVisits(1) }, []session.Kind{session.Loaded, session.Counted}},
	"forged": {func(c *course) { c.request.Header.Set("Cookie", "__Host-session=forged"); c.load() },
		[]session.Kind{session.Refused}},
	"begin": {func(c *course) {
		c.request.Header.Del("Cookie")
		c.save(func(x *fixture.Session) { x.AddVisits(1) })
	}, []session.Kind{session.Created}},
	"R of an owner": {func(c *course) {
		if _, err := c.members.Load(c.w, c.request); err != nil {
			c.t.Fatal(err)
		}
	}, []session.Kind{session.Loaded}},
}

func (c *course) load() *fixture.Session {
	x, err := c.sessions.Load(c.w, c.request)
	if err != nil {
		c.t.Fatal(err)
	}
	return x
}

func (c *course) save(change func(*fixture.Session)) {
	x := c.load()
	change(x)
	if err := x.Save(); err != nil {
		c.t.Fatal(err)
	}
}

// newCourse has a session of each schema, and the cookies of both.
func newCourse(t testing.TB, o session.Observer) *course {
	t.Helper()
	cfg := session.Config{Secrets: [][]byte{fixture.Secret("s")}, Observer: o}
	c := &course{t: t, w: sink{http.Header{}}}
	g := new(guest)
	store := memory.New()
	c.sessions = manager(t, store, cfg, fixture.NewSessions)
	visitOf(t, c.sessions, g, func(x *fixture.Session) { x.SetUserID(42) })
	cfg.Cookie.Name = "__Host-member"
	c.members = manager(t, store, cfg, member.NewSessions)
	visitOf(t, c.members, g, func(x *member.Session) { x.SetUserID(42) })
	c.request = g.request()
	return c
}

func TestAnEventAllocatesNothing(t *testing.T) {
	for name, x := range courses {
		t.Run(name, func(t *testing.T) {
			const runs = 100
			bare, told := newCourse(t, nil), new(tally)
			want := testing.AllocsPerRun(runs, func() { x.run(bare) })
			observed := newCourse(t, told)
			told.events = [session.Failed + 1]int{}
			if got := testing.AllocsPerRun(runs, func() { x.run(observed) }); got > want {
				t.Errorf("%v allocations with an Observer, %v without", got, want)
			}
			for k, n := range told.events {
				if want := 0; n != want && n != runs+1 {
					t.Errorf("%d times %v", n, session.Kind(k))
				}
			}
			for _, k := range x.tell {
				if told.events[k] != runs+1 {
					t.Errorf("%d times %v, want %d", told.events[k], k, runs+1)
				}
			}
		})
	}
}

// BenchmarkEvent is what requests cost on the memory store, with nobody who observes and with a tally.
func BenchmarkEvent(b *testing.B) {
	for name, x := range courses {
		for who, o := range map[string]session.Observer{"nobody observes": nil, "observed": new(tally)} {
			b.Run(name+"/"+who, func(b *testing.B) {
				c := newCourse(b, o)
				b.ReportAllocs()
				for b.Loop() {
					x.run(c)
				}
			})
		}
	}
}

// BenchmarkEventAlone is what the same requests cost more where somebody observes: one event, and what tells it.
func BenchmarkEventAlone(b *testing.B) {
	c := newCourse(b, new(tally))
	x := c.load()
	b.ReportAllocs()
	for b.Loop() {
		c.sessions.Tell(x, 4)
	}
}
