package sessiontest_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func manager(t testing.TB, store session.Store, name string) *fixture.Sessions {
	t.Helper()
	m, err := fixture.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("k")}, Cookie: session.Cookie{Name: name, Insecure: true},
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// greet is a handler as people write them, with all that can become of a session.
func greet(sessions *fixture.Sessions) http.Handler {
	return sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *fixture.Session) error {
		switch r.URL.Path {
		case "/visit":
			s.AddVisits(1)
		case "/login":
			s.SetUserName("Ann")
			http.SetCookie(w, &http.Cookie{Name: "theme", Value: "dark"})
		case "/logout":
			return s.Destroy()
		}
		_, err := fmt.Fprintf(w, "Hello, %s.", s.UserName())
		return err
	})
}

func serve(h http.Handler, r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func get(path string) *http.Request { return httptest.NewRequest(http.MethodGet, path, nil) }

func named(name string) func(*fixture.Session) {
	return func(s *fixture.Session) { s.SetUserName(name); s.AddVisits(1) }
}

func TestRequestCarriesASessionAndLeavesTheGivenOneAlone(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	plain := get("/")
	plain.AddCookie(&http.Cookie{Name: "theme", Value: "dark"})
	r := sessiontest.Request(t, sessions, plain, named("Ann"))
	if body, _ := io.ReadAll(serve(greet(sessions), r).Body); string(body) != "Hello, Ann." {
		t.Errorf("%s", body)
	}
	if len(plain.Cookies()) != 1 || len(r.Cookies()) != 2 {
		t.Errorf("%v became %v", plain.Cookies(), r.Cookies())
	}
	if r.URL.Path != "/" || r.Context() != plain.Context() {
		t.Error("it is another request")
	}
}

func TestRequestChangesASessionThatIsThereAlready(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	r := sessiontest.Request(t, sessions, get("/"), named("Ann"))
	r = sessiontest.Request(t, sessions, r, func(s *fixture.Session) { s.AddVisits(1) })
	r = sessiontest.Request(t, sessions, r, func(s *fixture.Session) { s.SetUserID(7) }) // with a new id
	if n := len(r.Cookies()); n != 1 {
		t.Errorf("%d cookies", n)
	}
	s := sessiontest.Read(t, sessions, serve(greet(sessions), r))
	if s.UserName() != "Ann" || s.UserID() != 7 || s.Visits() != 2 {
		t.Errorf("%v", s)
	}
}

func TestRequestWithoutFieldsIsAVisitorWithoutASession(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	for _, fields := range []func(*fixture.Session){nil, func(*fixture.Session) {}} {
		r := sessiontest.Request(t, sessions, get("/"), fields)
		if s := sessiontest.Read(t, sessions, serve(greet(sessions), r)); len(r.Cookies()) != 0 || !s.Meta().New {
			t.Errorf("%v, %v", r.Cookies(), s.Meta())
		}
	}
}

func TestReadSeesWhatTheResponseLeavesBehind(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	h := greet(sessions)
	read := func(r *http.Request) *fixture.Session { return sessiontest.Read(t, sessions, serve(h, r)) }

	if s := read(get("/")); !s.Meta().New {
		t.Errorf("nobody has a session, and it is %v", s)
	}
	if s := read(get("/visit")); s.Visits() != 1 {
		t.Errorf("after a session was created: %v", s)
	}
	if s := read(sessiontest.Request(t, sessions, get("/visit"), named("Bob"))); s.Visits() != 2 || s.UserName() != "Bob" {
		t.Errorf("after an update, which sets no cookie: %v", s)
	}
	r := sessiontest.Request(t, sessions, get("/login"), func(s *fixture.Session) { s.AddVisits(5) })
	if s := read(r); s.Visits() != 5 || s.UserName() != "Ann" {
		t.Errorf("after a login: %v", s)
	}
	r = sessiontest.Request(t, sessions, get("/logout"), named("Bob"))
	if s := read(r); !s.Meta().New || s.HasUserName() {
		t.Errorf("after a logout: %v", s)
	}
	if s := read(r); !s.Meta().New {
		t.Errorf("after another one: %v", s)
	}
}

func TestManagersAreKeptApart(t *testing.T) {
	store := memory.New()
	shop, admin := manager(t, store, "shop"), manager(t, store, "admin")
	r := sessiontest.Request(t, shop, get("/visit"), named("Ann"))
	r = sessiontest.Request(t, admin, r, named("root"))
	h := shop.Middleware(greet(admin))
	resp := serve(h, r)
	if s := sessiontest.Read(t, admin, resp); s.UserName() != "root" || s.Visits() != 2 {
		t.Errorf("%v", s)
	}
	if s := sessiontest.Read(t, shop, resp); s.UserName() != "Ann" || s.Visits() != 1 {
		t.Errorf("%v", s)
	}
}

func TestTestsAreKeptApartAndSubtestsSeeTheirParents(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	h := greet(sessions)
	r := sessiontest.Request(t, sessions, get("/visit"), named("Ann"))
	for i := range 3 {
		t.Run("own visitor", func(t *testing.T) {
			t.Parallel()
			name := strings.Repeat("n", i+1)
			for range 20 {
				r := sessiontest.Request(t, sessions, get("/visit"), named(name))
				if s := sessiontest.Read(t, sessions, serve(h, r)); s.UserName() != name || s.Visits() != 2 {
					t.Errorf("%v", s)
				}
			}
		})
	}
	t.Run("the parent's", func(t *testing.T) {
		if s := sessiontest.Read(t, sessions, serve(h, r)); s.UserName() != "Ann" {
			t.Errorf("%v", s)
		}
	})
}

func TestNothingIsRememberedWhenATestHasEnded(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	for range 2 { // the second has the first one's name when the first has ended, as with go test -count=2
		inner := &recorder{TB: t, name: "TestOther"}
		if s := sessiontest.Read(inner, sessions, serve(greet(sessions), get("/"))); !s.Meta().New {
			t.Errorf("it begins with %v", s)
		}
		r := sessiontest.Request(inner, sessions, get("/"), named("Ann"))
		if s := sessiontest.Read(inner, sessions, serve(greet(sessions), r)); s.UserName() != "Ann" {
			t.Errorf("%v", s)
		}
		inner.end()
	}
}

func TestReadWorksWithARealClient(t *testing.T) {
	sessions := manager(t, memory.New(), "s")
	server := httptest.NewServer(greet(sessions))
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	client := &http.Client{Jar: jar}
	do := func(path string) *fixture.Session {
		resp, err := client.Get(server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		return sessiontest.Read(t, sessions, resp)
	}
	if s := do("/visit"); s.Visits() != 1 {
		t.Errorf("%v", s)
	}
	if s := do("/visit"); s.Visits() != 2 {
		t.Errorf("%v", s)
	}
	if s := do("/login"); s.Visits() != 2 || s.UserName() != "Ann" {
		t.Errorf("%v", s)
	}
	if s := do("/logout"); !s.Meta().New {
		t.Errorf("%v", s)
	}

	r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/visit", nil)
	resp, err := http.DefaultClient.Do(sessiontest.Request(t, sessions, r, named("Bob")))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if s := sessiontest.Read(t, sessions, resp); s.UserName() != "Bob" || s.Visits() != 2 {
		t.Errorf("%v", s)
	}
}

func TestFailuresSayWhatFailed(t *testing.T) {
	ok, down := manager(t, memory.New(), "s"), manager(t, broken{}, "s")
	r := sessiontest.Request(t, ok, get("/"), named("Ann"))
	for want, f := range map[string]func(testing.TB){
		"sessiontest.Request: saving the session": func(t testing.TB) {
			sessiontest.Request(t, down, get("/"), named("Ann"))
		},
		"sessiontest: loading the *fixture.Session": func(t testing.TB) { sessiontest.Request(t, down, r, named("Ann")) },
		"field Cart": func(t testing.TB) {
			sessiontest.Request(t, ok, r, func(s *fixture.Session) { s.SetCart(make([]fixture.Item, 101)) })
		},
	} {
		inner := &recorder{TB: t, name: t.Name()}
		done := make(chan struct{})
		go func() {
			defer close(done)
			f(inner)
		}()
		<-done
		if !strings.Contains(inner.fatal, want) {
			t.Errorf("%q, want %q", inner.fatal, want)
		}
	}
}

// A recorder is a test within a test.
type recorder struct {
	testing.TB
	name  string
	fatal string
	ends  []func()
}

func (r *recorder) Name() string     { return r.name }
func (r *recorder) Helper()          {}
func (r *recorder) Cleanup(f func()) { r.ends = append(r.ends, f) }
func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) end() {
	for _, f := range r.ends {
		f()
	}
}

// broken is a store that is down.
type broken struct{}

var errDown = errors.New("down")

func (broken) Get(context.Context, string) ([]byte, session.Version, error) {
	return nil, session.Version{}, errDown
}
func (broken) Add(context.Context, string, []byte, time.Duration) error {
	return session.ErrUnavailable
}
func (broken) Swap(context.Context, string, []byte, session.Version, time.Duration) error {
	return errDown
}
func (broken) Touch(context.Context, string, time.Duration) error { return errDown }
func (broken) Delete(context.Context, string) error               { return errDown }

func TestAnAppIsAVisitorWithATokenInsteadOfCookies(t *testing.T) {
	sessions, err := fixture.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("k")}, Bearer: true, SaveTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	app := get("/visit")
	app.Header.Set("Authorization", "Bearer")
	r := sessiontest.Request(t, sessions, app, named("Ann"))
	if len(r.Cookies()) != 0 || r.Header.Get("Authorization") == "Bearer" || app.Header.Get("Authorization") != "Bearer" {
		t.Errorf("%v became %v", app.Header, r.Header)
	}
	h := greet(sessions)
	if s := sessiontest.Read(t, sessions, serve(h, r)); s.UserName() != "Ann" || s.Visits() != 2 {
		t.Errorf("%v", s)
	}
	r.URL.Path = "/login"
	if s := sessiontest.Read(t, sessions, serve(h, r)); s.UserName() != "Ann" || s.Visits() != 2 {
		t.Errorf("under its new token: %v", s)
	}
	r.URL.Path = "/logout"
	if s := sessiontest.Read(t, sessions, serve(h, r)); !s.Meta().New {
		t.Errorf("after a logout: %v", s)
	}
}
