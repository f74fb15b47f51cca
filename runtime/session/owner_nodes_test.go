package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/concurrency"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// Two nodes: one has the record of a session, and the other its owner's roster.
func TestANodeThatIsDownOrFrozenIsAnOutageAndNoLogout(t *testing.T) {
	type failure struct {
		name        string
		stop, start func(*servertest.Server)
		forgets     bool
	}
	for _, x := range []failure{
		{"down", (*servertest.Server).Stop, (*servertest.Server).Start, true},
		{"frozen", (*servertest.Server).Pause, (*servertest.Server).Resume, false},
	} {
		for _, what := range []string{"record", "roster"} {
			t.Run(x.name+", with the "+what, func(t *testing.T) {
				nodes := []*servertest.Server{servertest.Memcached(t), servertest.Memcached(t)}
				c, g, user := apart(t, nodes)
				failing := nodes[nodeOf(t, nodes, c.rosterKey(g))]
				if s, _ := loadFrom(t, c.members, g); what == "record" {
					failing = nodes[nodeOf(t, nodes, c.members.StoreKey(s))]
				}
				x.stop(failing)
				w := httptest.NewRecorder()
				c.members.Handle(func(http.ResponseWriter, *http.Request, *member.Session) error {
					t.Error("the handler ran")
					return nil
				}).ServeHTTP(w, g.request())
				if w.Code != http.StatusServiceUnavailable || setsCookie(w.Header()) {
					t.Errorf("status %d, %v", w.Code, w.Header())
				}
				// An EndAll needs the roster alone; the record it ends as well as it can.
				err := c.of(user).EndAll(t.Context())
				if what == "record" && err != nil || what == "roster" && !errors.Is(err, session.ErrUnavailable) {
					t.Errorf("EndAll: %v", err)
				}
				x.start(failing)
				c.members = manager(t, session.Store(onNodes(t, nodes)), c.cfg, member.NewSessions) // whose breakers know nothing
				want := int64(0)
				if what == "roster" && !x.forgets {
					want = user
				}
				c.wantUser(g, want)
			})
		}
	}
}

func onNodes(t *testing.T, nodes []*servertest.Server) *memcached.Store {
	t.Helper()
	o := memcached.Options{Timeout: 3 * time.Second} // which a frozen node takes, and no other
	for _, n := range nodes {
		o.Addrs = append(o.Addrs, n.Addr())
	}
	store, err := memcached.NewWithOptions(o)
	must(t, err)
	t.Cleanup(store.Reset)
	return store
}

// apart returns a browser whose session's record is on one node and its roster on another.
func apart(t *testing.T, nodes []*servertest.Server) (*club, *guest, int64) {
	t.Helper()
	c := &club{t: t, cfg: concurrency.Config()}
	c.cfg.Cookie.Insecure = false
	c.members = manager(t, session.Store(onNodes(t, nodes)), c.cfg, member.NewSessions)
	for user := int64(1); ; user++ {
		g := new(guest)
		c.visit(g, func(s *member.Session) { s.SetUserID(user) })
		s, _ := c.load(g)
		if nodeOf(t, nodes, c.members.StoreKey(s)) != nodeOf(t, nodes, c.rosterKey(g)) {
			return c, g, user
		}
	}
}

// nodeOf returns which of the nodes has a record.
func nodeOf(t *testing.T, nodes []*servertest.Server, key string) int {
	t.Helper()
	for i := range nodes {
		switch _, _, err := onNodes(t, nodes[i:i+1]).Get(t.Context(), key); {
		case err == nil:
			return i
		case !errors.Is(err, session.ErrNotFound):
			t.Fatal(err)
		}
	}
	t.Fatalf("no node has %s", key)
	return 0
}
