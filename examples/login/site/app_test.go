package site

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// onEachStore runs a story on the memory store and on a real memcached.
func onEachStore(t *testing.T, story func(t *testing.T, store session.Store)) {
	t.Run("memory", func(t *testing.T) { story(t, memory.New()) })
	t.Run("memcached", func(t *testing.T) {
		story(t, connect(t, servertest.Memcached(t), 10*time.Second))
	})
}

// connect returns a store that waits for a server, or a machine, that is slow.
func connect(t *testing.T, server *servertest.Server, timeout time.Duration) *memcached.Store {
	t.Helper()
	store, err := memcached.NewWithOptions(memcached.Options{Addrs: []string{server.Addr()}, Timeout: timeout})
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// A site is the demo over real HTTP.
type site struct{ *httptest.Server }

func serve(t *testing.T, store session.Store) site {
	t.Helper()
	return serveAt(t, store, nil)
}

// serveAt serves the demo by a clock.
func serveAt(t *testing.T, store session.Store, now func() time.Time) site {
	t.Helper()
	handler, err := newApp(store, session.Config{
		Secrets: [][]byte{[]byte("Zk3vQ8xW1pL7nR5tB9yC2mH6jD4gF0sA")},
		Cookie:  session.Cookie{Insecure: true},
		Now:     now,

		SaveTimeout: time.Minute, // a slow machine is no outage
	}, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return site{server}
}

// A visitor is a browser: it keeps cookies and follows redirects.
type visitor struct {
	t      *testing.T
	site   site
	client *http.Client
	agent  string // what it says it is
}

func (s site) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, site: s, client: &http.Client{Jar: jar}}
}

func (v *visitor) do(req *http.Request) (*http.Response, string) {
	v.t.Helper()
	req.Header.Set("User-Agent", v.agent)
	resp, err := v.client.Do(req)
	if err != nil {
		v.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp, string(body)
}

func (v *visitor) get(path string) (*http.Response, string) {
	v.t.Helper()
	req, _ := http.NewRequest("GET", v.site.URL+path, nil)
	return v.do(req)
}

func (v *visitor) post(path string, form url.Values) (*http.Response, string) {
	v.t.Helper()
	req, _ := http.NewRequest("POST", v.site.URL+path, strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return v.do(req)
}

func (v *visitor) login(name string) string {
	v.t.Helper()
	_, body := v.post("/login", url.Values{"name": {name}})
	return body
}

func (v *visitor) cookie() string {
	u, _ := url.Parse(v.site.URL)
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == "session" {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) wants(body string, texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			v.t.Errorf("page does not say %q:\n%s", text, body)
		}
	}
}

func TestAVisitorLogsInIsGreetedAndLogsOut(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		v := serve(t, store).visitor(t)

		resp, body := v.get("/")
		if resp.Request.URL.Path != "/login" || v.cookie() != "" {
			t.Errorf("a stranger ends at %s with the cookie %q, want /login and none", resp.Request.URL.Path, v.cookie())
		}
		v.wants(body, "Your name")

		v.wants(v.login("Ann <b>"), "Hello, Ann &lt;b&gt;.", "You are logged in.", "<strong>once</strong>")
		_, body = v.get("/")
		v.wants(body, "<strong>2 times</strong>")
		if strings.Contains(body, "You are logged in.") {
			t.Error("the notice shows twice")
		}
		_, body = v.get("/account")
		v.wants(body, "Ann &lt;b&gt;", "bytes, sealed")

		old := v.cookie()
		_, body = v.post("/logout", nil)
		v.wants(body, "You are logged out.", "Your name")
		if v.cookie() == old {
			t.Error("the cookie outlives the logout")
		}
		if resp, _ := v.get("/"); resp.Request.URL.Path != "/login" {
			t.Error("still logged in after the logout")
		}

		thief := serve(t, store).visitor(t)
		req, _ := http.NewRequest("GET", thief.site.URL+"/", nil)
		req.AddCookie(&http.Cookie{Name: "session", Value: old})
		if resp, _ := thief.do(req); resp.Request.URL.Path != "/login" {
			t.Error("the cookie of a session that was logged out still opens it")
		}
	})
}

func TestTheGuardBringsVisitorsBackToWhereTheyWantedToGo(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		v := serve(t, store).visitor(t)
		resp, body := v.get("/account?tab=1")
		if got, want := resp.Request.URL.RequestURI(), "/login?next=%2Faccount%3Ftab%3D1"; got != want {
			t.Errorf("a stranger who wants /account ends at %s, want %s", got, want)
		}
		v.wants(body, `value="/account?tab=1"`)
		resp, _ = v.post("/login", url.Values{"name": {"Ann"}, "next": {"/account?tab=1"}})
		if got := resp.Request.URL.RequestURI(); got != "/account?tab=1" {
			t.Errorf("the login leads to %s", got)
		}
		if resp, _ := v.get("/login?next=/account"); resp.Request.URL.Path != "/account" {
			t.Errorf("who is logged in and opens the form ends at %s", resp.Request.URL.Path)
		}
	})
}

func TestLoggingInRenewsTheSessionID(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		v := serve(t, store).visitor(t)
		v.login("Ann")
		v.post("/logout", nil) // leaves an anonymous session with a notice
		planted := v.cookie()
		if planted == "" {
			t.Fatal("no anonymous session")
		}
		v.login("Bob")
		if v.cookie() == planted {
			t.Error("the id from before the login is the id after it")
		}
		fixated := v.site.visitor(t)
		req, _ := http.NewRequest("GET", v.site.URL+"/", nil)
		req.AddCookie(&http.Cookie{Name: "session", Value: planted})
		if resp, _ := fixated.do(req); resp.Request.URL.Path != "/login" {
			t.Error("the id from before the login is logged in")
		}
	})
}

func TestPostsFromOtherSitesAreRefused(t *testing.T) {
	v := serve(t, memory.New()).visitor(t)
	v.login("Ann")
	req, _ := http.NewRequest("POST", v.site.URL+"/logout", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	if resp, _ := v.do(req); resp.StatusCode != http.StatusForbidden {
		t.Errorf("a logout from another site answers %d", resp.StatusCode)
	}
	_, body := v.get("/")
	v.wants(body, "Hello, Ann.")
}

func TestANameThatDoesNotFitIsSaidSo(t *testing.T) {
	v := serve(t, memory.New()).visitor(t)
	for _, name := range []string{"", "   ", strings.Repeat("x", 65), strings.Repeat("ä", 65)} {
		resp, body := v.post("/login", url.Values{"name": {name}, "next": {"/account"}})
		if resp.StatusCode != http.StatusUnprocessableEntity {
			t.Errorf("a name of %d bytes answers %d", len(name), resp.StatusCode)
		}
		v.wants(body, "Please enter a name", `value="/account"`)
	}
	if v.cookie() != "" {
		t.Error("a failed login leaves a session")
	}
	name := strings.Repeat("名", 64) // a limit in characters, whatever bytes they take
	v.wants(v.login(name), "Hello, "+name)
}

func TestAPageThatIsMissingIsAPageOfTheSite(t *testing.T) {
	v := serve(t, memory.New()).visitor(t)
	resp, body := v.get("/no/such")
	if resp.StatusCode != http.StatusNotFound || v.cookie() != "" {
		t.Errorf("status %d, cookie %q", resp.StatusCode, v.cookie())
	}
	v.wants(body, "There is no such page", "/style.css")
}

func TestTheMenuMarksThePageThatIsShown(t *testing.T) {
	v := serve(t, memory.New()).visitor(t)
	v.wants(v.login("Ann"), `<a href="/" aria-current="page">`, `<a href="/account">`)
	_, body := v.get("/account")
	v.wants(body, `<a href="/">`, `<a href="/account" aria-current="page">`)
}

func TestParallelVisitsAllCount(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		v := serve(t, store).visitor(t)
		v.login("Ann") // ends at /, the first visit
		var wg sync.WaitGroup
		for range 31 {
			wg.Go(func() {
				resp, err := v.client.Get(v.site.URL + "/")
				if err != nil {
					t.Error(err)
					return
				}
				_, _ = io.Copy(io.Discard, resp.Body)
				_ = resp.Body.Close()
			})
		}
		wg.Wait()
		_, body := v.get("/account")
		v.wants(body, "<dd>33</dd>")
	})
}

func TestAnOutageIsNoLogout(t *testing.T) {
	server := servertest.Memcached(t)
	v := serve(t, connect(t, server, 2*time.Second)).visitor(t)
	v.login("Ann")
	cookie := v.cookie()

	server.Pause()
	resp, body := v.get("/")
	if resp.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without a store / answers %d", resp.StatusCode)
	}
	v.wants(body, "If you were logged in, you still are")
	if v.cookie() != cookie {
		t.Error("the outage changed the cookie")
	}

	server.Resume()
	for deadline := time.Now().Add(time.Minute); ; { // the store asks a node that failed again after a second
		_, body := v.get("/")
		if strings.Contains(body, "Hello, Ann.") {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("still not greeted:\n%s", body)
		}
	}
}

func TestTheDemoServesOnLoopbackAlone(t *testing.T) {
	err := Run(t.Context(), []string{"-addr", "0.0.0.0:0"}, io.Discard, nil)
	if err == nil || !strings.Contains(err.Error(), "not a loopback address") {
		t.Errorf("Run on every address: %v", err)
	}
}

func TestWhoAsksToBeKeptLoggedInIsSoWithoutTheBrowser(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		for keep, want := range map[string]struct {
			persistent bool
			account    string
		}{
			"yes": {true, "Yes: closing the browser does not log you out"},
			"":    {false, "No: it ends with the browser"},
		} {
			v := serve(t, store).visitor(t)
			v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			resp, _ := v.post("/login", url.Values{"name": {"Ann"}, "keep": {keep}})
			cookies := resp.Cookies()
			if len(cookies) != 1 || (cookies[0].MaxAge > 29*24*3600) != want.persistent {
				t.Errorf("keep=%q: %v", keep, cookies)
			}
			if _, body := v.get("/account"); !strings.Contains(body, want.account) {
				t.Errorf("keep=%q: %s", keep, body)
			}
		}
	})
}

func TestTheFormKeepsWhatWasTickedWhenTheNameIsWrong(t *testing.T) {
	v := serve(t, memory.New()).visitor(t)
	for keep, want := range map[string]bool{"yes": true, "": false} {
		if _, body := v.post("/login", url.Values{"keep": {keep}}); strings.Contains(body, " checked") != want {
			t.Errorf("keep=%q: %s", keep, body)
		}
	}
}
