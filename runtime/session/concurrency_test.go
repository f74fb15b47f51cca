package session_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/internal/fixture/wide"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// The tests of concurrency run as several processes would: each process has a manager, and so locks and a memory of
// touches, of its own. Within one process the local lock decides, between two it is compare-and-swap.
const processes = 2

// onEachStore runs a test on the memory store, on a file, on a real memcached and on a real Redis. connect returns the store
// as one more process has it; memory and a file are one process's, whose managers share it.
func onEachStore(t *testing.T, test func(t *testing.T, connect func() session.Store)) {
	t.Run("memory", func(t *testing.T) {
		store := memory.New()
		test(t, func() session.Store { return store })
	})
	t.Run("file", func(t *testing.T) {
		store, err := file.Open(filepath.Join(memoryDir(t), "sessions.db"))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = store.Close() })
		test(t, func() session.Store { return store })
	})
	t.Run("memcached", func(t *testing.T) {
		server := servertest.Memcached(t)
		test(t, func() session.Store { return connect(t, server) })
	})
	t.Run("redis", func(t *testing.T) {
		server := servertest.Redis(t)
		test(t, func() session.Store { return connectRedis(t, server) })
	})
}

// memoryDir is a directory that costs no time to sync, where there is one: these tests save thousands of times one after
// another, and the disk is not what they are about.
func memoryDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sessions")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func connect(t testing.TB, server *servertest.Server) *memcached.Store {
	t.Helper()
	store, err := memcached.NewWithOptions(memcached.Options{
		Addrs:   []string{server.Addr()},
		Timeout: 10 * time.Second, // a machine under the race detector is slow, and slowness is not what is tested
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Reset)
	return store
}

func connectRedis(t testing.TB, server *servertest.Server) *redis.Store {
	t.Helper()
	store, err := redis.NewWithOptions(redis.Options{Addrs: []string{server.Addr()}, Timeout: 10 * time.Second}) // see connect
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	return store
}

func testConfig() session.Config {
	return session.Config{
		Secrets:     [][]byte{fixture.Secret("s")},
		Cookie:      session.Cookie{Insecure: true},
		SaveTimeout: 30 * time.Second, // see connect
		Logger:      slog.New(slog.DiscardHandler),
	}
}

func visitors(t testing.TB, store session.Store) *visitor.Sessions {
	t.Helper()
	m, err := visitor.NewSessions(store, testConfig())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A site is a handler behind real HTTP, served by several processes.
type site struct {
	urls []*url.URL
}

func newSite(t testing.TB, handler func(process int) http.Handler) *site {
	s := new(site)
	for i := range processes {
		server := httptest.NewServer(handler(i))
		t.Cleanup(server.Close)
		u, err := url.Parse(server.URL)
		if err != nil {
			t.Fatal(err)
		}
		s.urls = append(s.urls, u)
	}
	return s
}

// A browser keeps cookies; ports do not tell them apart.
type browser struct {
	t      testing.TB
	site   *site
	client *http.Client
}

func (s *site) browser(t testing.TB) *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{MaxIdleConnsPerHost: 256}
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t, s, &http.Client{Jar: jar, Transport: transport}}
}

// cookie returns what the browser would send.
func (b *browser) cookie() *http.Cookie {
	b.t.Helper()
	cookies := b.client.Jar.Cookies(b.site.urls[0])
	if len(cookies) != 1 {
		b.t.Fatalf("the browser has %d cookies", len(cookies))
	}
	return cookies[0]
}

// get asks one of the processes, whose answer must be 200.
func (b *browser) get(process int, path string) *http.Response {
	b.t.Helper()
	resp, err := b.client.Get(b.site.urls[process%processes].String() + path)
	if err != nil {
		b.t.Error(err)
		return &http.Response{Header: http.Header{}}
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		b.t.Errorf("%s: %s", path, resp.Status)
	}
	return resp
}

// A visit is a request without a network.
func visit(cookie *http.Cookie) (*httptest.ResponseRecorder, *http.Request) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	return httptest.NewRecorder(), r
}

// begin creates a session and returns its cookie and token.
func begin(t testing.TB, m *visitor.Sessions, set func(*visitor.Session)) (*http.Cookie, string) {
	t.Helper()
	w, r := visit(nil)
	s, err := m.Load(w, r)
	if err != nil {
		t.Fatal(err)
	}
	set(s)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0], s.Meta().Token
}

// open returns the session of a token, which must be alive.
func open(t testing.TB, m *visitor.Sessions, token string) *visitor.Session {
	t.Helper()
	s, err := m.Open(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// together runs n functions at the same time.
func together(n int, f func(i int)) {
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			f(i)
		})
	}
	close(start)
	wg.Wait()
}

// races runs n races, some at a time.
func races(n int, race func(i int)) {
	var next atomic.Int64
	together(8, func(int) {
		for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
			race(i)
		}
	})
}

// count returns full, or a tenth of it in a short test.
func count(full int) int {
	if testing.Short() {
		return full / 10
	}
	return full
}

func TestOfManyRequestsThatEachSetAFieldAllSurvive(t *testing.T) {
	const work = 5 * time.Millisecond // what a handler does between Load and Save
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		for _, c := range []struct{ requests, trials, processes int }{
			{64, 20, 1},
			{64, 20, processes},
			{256, 3, 1},
			{256, 3, processes},
		} {
			t.Run(fmt.Sprintf("%d of %d processes", c.requests, c.processes), func(t *testing.T) {
				var all sync.WaitGroup // of the requests of a trial: each has loaded before one saves
				site := newSite(t, func(int) http.Handler {
					return rows(t, connect(), c.requests, func() {
						all.Done()
						all.Wait()
						time.Sleep(work)
					})
				})
				name := func(i int) string {
					return fmt.Sprintf("F%0*d", len(strconv.Itoa(c.requests-1)), i)
				}
				for range c.trials {
					b := site.browser(t)
					b.get(0, "/?first=yes&field="+name(0))
					all.Add(c.requests)
					together(c.requests, func(i int) {
						b.get(i%c.processes, "/?field="+name(i))
					})
					if got := b.get(0, "/").Header.Get("Set"); got != strconv.Itoa(c.requests) {
						t.Errorf("%s of %d fields survived", got, c.requests)
					}
				}
			})
		}
	})
}

// rows serves sessions with one string field for each request. A request sets the field that it names to its name; one that
// names none is told how many fields have that value.
func rows(t *testing.T, store session.Store, fields int, between func()) http.Handler {
	if fields == 64 {
		m, err := wide.NewRow64s(store, testConfig())
		return rowHandler(t, m, err, between)
	}
	m, err := wide.NewRow256s(store, testConfig())
	return rowHandler(t, m, err, between)
}

func rowHandler[S any](t *testing.T, m *session.Manager[S], err error, between func()) http.Handler {
	if err != nil {
		t.Fatal(err)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s, err := m.Load(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
			return
		}
		v := reflect.ValueOf(s)
		field := r.FormValue("field")
		if field == "" {
			set := 0
			for f, value := range v.MethodByName("Snapshot").Call(nil)[0].Fields() {
				if value.String() == f.Name {
					set++
				}
			}
			w.Header().Set("Set", strconv.Itoa(set))
			return
		}
		if r.FormValue("first") == "" {
			between()
		}
		v.MethodByName("Set" + field).Call([]reflect.Value{reflect.ValueOf(field)})
		if err := v.Interface().(interface{ Save() error }).Save(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
}

func TestCountersOfManyRequestsAddUp(t *testing.T) {
	const requests, times = 64, 50
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		site := newSite(t, func(int) http.Handler {
			return visitors(t, connect()).Handle(func(_ http.ResponseWriter, _ *http.Request, s *visitor.Session) error {
				s.AddCount(1)
				return nil
			})
		})
		m := visitors(t, connect())
		b := site.browser(t)
		b.get(0, "/")
		together(requests, func(i int) {
			for range times {
				b.get(i, "/")
			}
		})
		if got := open(t, m, b.cookie().Value).Count(); got != requests*times+1 {
			t.Errorf("counted %d, want %d", got, requests*times+1)
		}
	})
}

func TestWhatManyRequestsAppendIsThereOnce(t *testing.T) {
	const requests, times = 64, 5
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		managers := []*visitor.Sessions{visitors(t, connect()), visitors(t, connect())}
		cookie, token := begin(t, managers[0], func(s *visitor.Session) { s.AppendItems("first") })
		together(requests, func(i int) {
			for j := range times {
				s, err := managers[i%processes].Load(visit(cookie))
				if err != nil {
					t.Error(err)
					return
				}
				s.AppendItems(fmt.Sprint(i, j, "a"))
				s.AppendItems(fmt.Sprint(i, j, "b"), fmt.Sprint(i, j, "c"))
				if err := s.Save(); err != nil {
					t.Error(err)
				}
			}
		})
		items := open(t, managers[0], token).Items()
		at := make(map[string]int)
		for i, item := range items {
			if _, twice := at[item]; twice {
				t.Errorf("%s is there twice", item)
			}
			at[item] = i
		}
		if want := requests*times*3 + 1; len(items) != want {
			t.Errorf("%d elements, want %d", len(items), want)
		}
		for i := range requests {
			for j := range times {
				if a := at[fmt.Sprint(i, j, "a")]; at[fmt.Sprint(i, j, "b")] != a+1 || at[fmt.Sprint(i, j, "c")] != a+2 {
					t.Fatal("what one request appended is not in one piece and in its order")
				}
			}
		}
	})
}

func TestPutsAndDeletesOfDifferentKeysAllHold(t *testing.T) {
	const requests = 64
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		managers := []*visitor.Sessions{visitors(t, connect()), visitors(t, connect())}
		cookie, token := begin(t, managers[0], func(s *visitor.Session) {
			for i := range requests {
				s.PutMarks(fmt.Sprint("old", i), "there")
			}
		})
		together(requests, func(i int) {
			s, err := managers[i%processes].Load(visit(cookie))
			if err != nil {
				t.Error(err)
				return
			}
			s.PutMarks(fmt.Sprint("new", i), fmt.Sprint(i))
			s.DeleteMarks(fmt.Sprint("old", i))
			if err := s.Save(); err != nil {
				t.Error(err)
			}
		})
		marks := open(t, managers[0], token).Marks()
		for i := range requests {
			if got := marks[fmt.Sprint("new", i)]; got != fmt.Sprint(i) {
				t.Errorf("put %d is %q", i, got)
			}
		}
		if len(marks) != requests {
			t.Errorf("%d keys, want %d", len(marks), requests)
		}
	})
}

func TestOnOneKeyOfAMapAndOnOneFieldTheLaterSaveHolds(t *testing.T) {
	onEachStore(t, func(t *testing.T, connect func() session.Store) {
		managers := []*visitor.Sessions{visitors(t, connect()), visitors(t, connect())}
		for name, c := range map[string]struct{ earlier, later func(*visitor.Session) }{
			"put over put":       {func(s *visitor.Session) { s.PutMarks("k", "earlier") }, func(s *visitor.Session) { s.PutMarks("k", "later") }},
			"put over delete":    {func(s *visitor.Session) { s.DeleteMarks("k") }, func(s *visitor.Session) { s.PutMarks("k", "later") }},
			"delete over put":    {func(s *visitor.Session) { s.PutMarks("k", "earlier") }, func(s *visitor.Session) { s.DeleteMarks("k") }},
			"set over put":       {func(s *visitor.Session) { s.PutMarks("j", "earlier") }, func(s *visitor.Session) { s.SetMarks(map[string]string{"k": "later"}) }},
			"set over set":       {func(s *visitor.Session) { s.SetColor("earlier") }, func(s *visitor.Session) { s.SetColor("later") }},
			"clear over set":     {func(s *visitor.Session) { s.SetColor("earlier") }, func(s *visitor.Session) { s.ClearColor() }},
			"set over clear":     {func(s *visitor.Session) { s.ClearColor() }, func(s *visitor.Session) { s.SetColor("later") }},
			"the same value":     {func(s *visitor.Session) { s.SetColor("earlier") }, func(s *visitor.Session) { s.SetColor("loaded") }},
			"set over append":    {func(s *visitor.Session) { s.AppendItems("earlier") }, func(s *visitor.Session) { s.SetItems([]string{"later"}) }},
			"set over increment": {func(s *visitor.Session) { s.AddCount(5) }, func(s *visitor.Session) { s.SetCount(7) }},
		} {
			// Whoever saves first, the last one's change is what a session gets that knew nothing of the other.
			start := func(s *visitor.Session) {
				s.PutMarks("k", "loaded")
				s.SetColor("loaded")
				s.AppendItems("loaded")
				s.AddCount(1)
			}
			_, token := begin(t, managers[0], start)
			_, reference := begin(t, managers[0], start)
			first, second, alone := open(t, managers[0], token), open(t, managers[1], token), open(t, managers[0], reference)
			c.later(second) // called first: it is the Save that counts
			c.earlier(first)
			c.later(alone)
			for _, s := range []*visitor.Session{first, second, alone} {
				if err := s.Save(); err != nil {
					t.Fatal(name, err)
				}
			}
			got, want := shownVisitor(open(t, managers[0], token)), shownVisitor(open(t, managers[0], reference))
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v, want %+v", name, got, want)
			}
		}
	})
}
