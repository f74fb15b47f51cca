package inspect_test

import (
	"context"
	"errors"
	"io"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// down is a store that does not answer.
type down struct{ session.Store }

func (down) Get(context.Context, string) ([]byte, session.Version, error) {
	return nil, session.Version{}, errors.New("connection refused")
}

func (down) Ping(context.Context) error { return errors.New("connection refused") }

// silent is a store that cannot be asked.
type silent struct{ session.Store }

// nodes is a store of two.
type nodes struct{ session.Store }

func (nodes) Nodes(context.Context) []session.Node {
	return []session.Node{{Name: "10.0.0.1:11211", Took: 1}, {Name: "10.0.0.2:11211", Detail: "skipped", Err: errors.New("i/o timeout")}}
}

func TestEachStoreTellsOfItsNodes(t *testing.T) {
	there := memory.New()
	for name, test := range map[string]struct {
		store session.Store
		want  []string
	}{
		"memory":  {there, []string{"<code>memory</code>", ">up<", "of passers-by"}},
		"down":    {down{there}, []string{"<code>inspect_test.down</code>", "connection refused", ">down<"}},
		"silent":  {silent{there}, []string{"it cannot be asked", `"State">unknown<`}},
		"several": {nodes{there}, []string{"10.0.0.1:11211", "10.0.0.2:11211", "skipped", "i/o timeout"}},
		"pools":   {session.Pools(nodes{there}, down{there}), []string{"10.0.0.1:11211", ">sessions<", "connection refused"}},
		"migrate": {migrate.New(down{there}, nodes{there}, 1), []string{"10.0.0.1:11211", ">to<", "connection refused"}},
	} {
		t.Run(name, func(t *testing.T) {
			b, _ := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{Store: test.store}, nil)
			wantText(t, b.get(""), test.want...)
		})
	}
}

func TestWithoutOptionsTheManagersStoreIsAsked(t *testing.T) {
	sessions, err := fixture.NewSessions(nodes{memory.New()}, config())
	if err != nil {
		t.Fatal(err)
	}
	wantText(t, newBrowser(t, inspect.New(sessions, inspect.Options{})).get(""), "10.0.0.2:11211")
}

func TestAStoreThatIsDownIsNoErrorOfThePage(t *testing.T) {
	up := memory.New()
	cfg := config()
	sessions, err := fixture.NewSessions(up, cfg)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := inspected(t, sessions, inspect.Options{}, fill)
	if sessions, err = fixture.NewSessions(down{up}, cfg); err != nil {
		t.Fatal(err)
	}
	b.handler = inspect.New(sessions, inspect.Options{})
	wantText(t, b.get(""), "The store could not be asked", ">down<", "Schema")
}

func TestItWorksOnEachStore(t *testing.T) {
	for name, newStore := range map[string]func(*testing.T) (session.Store, error){
		"memory": func(*testing.T) (session.Store, error) { return memory.New(), nil },
		"file":   func(t *testing.T) (session.Store, error) { return file.Open(filepath.Join(t.TempDir(), "sessions.db")) },
		"memcached": func(t *testing.T) (session.Store, error) {
			return memcached.NewWithOptions(memcached.Options{
				Addrs:   []string{servertest.Memcached(t).Addr(), servertest.Memcached(t).Addr()},
				Timeout: 10 * time.Second, // a slow machine is no outage
			})
		},
		"redis": func(t *testing.T) (session.Store, error) {
			return redis.NewWithOptions(redis.Options{Addrs: []string{servertest.Redis(t).Addr()}, Timeout: 10 * time.Second})
		},
	} {
		t.Run(name, func(t *testing.T) {
			store, err := newStore(t)
			if err != nil {
				t.Fatal(err)
			}
			if s, ok := store.(io.Closer); ok {
				t.Cleanup(func() { _ = s.Close() })
			}
			sessions, err := member.NewSessions(store, config())
			if err != nil {
				t.Fatal(err)
			}
			b, _ := inspected(t, sessions, inspect.Options{}, func(s *member.Session) { s.SetUserID(42); s.SetCart([]string{"tea"}) })
			page := b.get("")
			wantText(t, page, "<pre>42</pre>", "<pre>[&#34;tea&#34;]</pre>", "logged_in", ">up<")
			wantNoText(t, page, ">down<")
			wantText(t, b.body(b.post(url.Values{"owner": {"42"}, "do": {"end-all"}})), "All sessions have ended", "There are none")
			wantText(t, b.get(""), "You have none", "revoked")
		})
	}
}
