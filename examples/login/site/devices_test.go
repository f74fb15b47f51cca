package site

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

const (
	firefoxOnLinux = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
	safariOnPhone  = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1"
	chromeOnMac    = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
)

// device is a visitor's browser that has logged in.
func (s site) device(t *testing.T, name, agent string) *visitor {
	t.Helper()
	v := s.visitor(t)
	v.agent = agent
	v.wants(v.login(name), "Hello, "+name+".")
	return v
}

// others returns what a visitor's page of devices would send to end one of the others.
func (v *visitor) others() []string {
	v.t.Helper()
	_, body := v.get("/devices")
	var ids []string
	for _, m := range regexp.MustCompile(`name="device" value="([^"]+)"`).FindAllStringSubmatch(body, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

func (v *visitor) isIn() bool {
	v.t.Helper()
	resp, body := v.get("/")
	return resp.StatusCode == http.StatusOK && resp.Request.URL.Path == "/" && strings.Contains(body, "Hello, ")
}

func (v *visitor) mustBeIn(want bool, who string) {
	v.t.Helper()
	if got := v.isIn(); got != want {
		v.t.Errorf("%s is logged in: %t, want %t", who, got, want)
	}
}

func TestADeviceThatIsLoggedOutIsAStrangerAtItsNextClick(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		s := serve(t, store)
		phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)

		_, body := desk.get("/devices")
		desk.wants(body, "Safari on an iPhone", "Firefox on Linux</strong> <span class=\"tag\">this device</span>")
		if n := strings.Count(body, "this device"); n != 1 {
			t.Errorf("%d devices are this one:\n%s", n, body)
		}
		ids := desk.others()
		if len(ids) != 1 {
			t.Fatalf("the page offers to end %d devices, want 1:\n%s", len(ids), body)
		}
		_, body = desk.post("/devices/end", url.Values{"device": ids})
		desk.wants(body, "The device is logged out.", "No other device is logged in.")

		if resp, _ := phone.get("/account"); resp.Request.URL.RequestURI() != "/login?next=%2Faccount" {
			t.Errorf("the device that was logged out ends at %s", resp.Request.URL)
		}
		desk.mustBeIn(true, "the other device")
		phone.wants(phone.login("Ann"), "Hello, Ann.") // it may come back, with the password
	})
}

func TestAllOtherDevicesAreLoggedOutAtOnce(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		s := serve(t, store)
		phone, laptop, bob := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", chromeOnMac), s.device(t, "Bob", firefoxOnLinux)
		desk := s.device(t, "Ann", firefoxOnLinux)
		_, body := desk.post("/devices/end-others", nil)
		desk.wants(body, "All other devices are logged out.", "No other device is logged in.")
		phone.mustBeIn(false, "Ann's phone")
		laptop.mustBeIn(false, "Ann's laptop")
		desk.mustBeIn(true, "the device that asked")
		bob.mustBeIn(true, "Bob")
	})
}

func TestAStalePageOfDevicesLogsNobodyElseOut(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		s := serve(t, store)
		phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
		stale := desk.others()
		phone.post("/logout", nil)
		phone.login("Ann")
		_, body := desk.post("/devices/end", url.Values{"device": stale})
		desk.wants(body, "That device is not logged in any more.")
		phone.mustBeIn(true, "the login after the one on the page")

		phone.post("/devices/end", url.Values{"device": phone.others()})
		for path, form := range map[string]url.Values{"/devices/end-others": nil, "/devices/end": {"device": desk.others()}} {
			if resp, _ := desk.post(path, form); resp.Request.URL.RequestURI() != "/login" {
				t.Errorf("%s from a device that was logged out ends at %s", path, resp.Request.URL)
			}
		}
		phone.mustBeIn(true, "the device that logged the other out")
	})
}

func TestADeviceOfSomebodyElseCannotBeLoggedOut(t *testing.T) {
	onEachStore(t, func(t *testing.T, store session.Store) {
		s := serve(t, store)
		phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
		bob := s.device(t, "Bob", chromeOnMac)
		if ids := bob.others(); len(ids) > 0 {
			t.Errorf("Bob sees %d devices of Ann's", len(ids))
		}
		for _, id := range append(desk.others(), "", "nonsense") {
			_, body := bob.post("/devices/end", url.Values{"device": {id}})
			bob.wants(body, "That device is not logged in any more.")
		}
		phone.mustBeIn(true, "Ann's phone")
		desk.mustBeIn(true, "Ann's desk")
	})
}

func TestTheDeviceThatEndsItselfIsLoggedOut(t *testing.T) {
	s := serve(t, memory.New())
	phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
	old := phone.cookie()
	_, body := phone.post("/devices/end", url.Values{"device": desk.others()})
	phone.wants(body, "You are logged out.", "Your name")
	if phone.cookie() == old {
		t.Error("the cookie outlives the logout")
	}
	desk.mustBeIn(true, "the other device")
}

func TestOtherSitesCannotLogDevicesOut(t *testing.T) {
	s := serve(t, memory.New())
	phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
	form := url.Values{"device": desk.others()}.Encode()
	for _, path := range []string{"/devices/end", "/devices/end-others"} {
		req, _ := http.NewRequest("POST", s.URL+path, strings.NewReader(form))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "cross-site")
		if resp, _ := desk.do(req); resp.StatusCode != http.StatusForbidden {
			t.Errorf("%s from another site answers %d", path, resp.StatusCode)
		}
	}
	phone.mustBeIn(true, "the phone")
}

func TestAnOutageLogsNoDeviceOut(t *testing.T) {
	server := servertest.Memcached(t)
	s := serve(t, connect(t, server, 2*time.Second))
	phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
	ids, cookie := desk.others(), desk.cookie()

	server.Pause()
	for _, ask := range []func() (*http.Response, string){
		func() (*http.Response, string) { return desk.get("/devices") },
		func() (*http.Response, string) { return desk.post("/devices/end", url.Values{"device": ids}) },
		func() (*http.Response, string) { return desk.post("/devices/end-others", nil) },
	} {
		resp, body := ask()
		if resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("without a store %s answers %d", resp.Request.URL, resp.StatusCode)
		}
		desk.wants(body, "If you were logged in, you still are")
	}
	if desk.cookie() != cookie {
		t.Error("the outage changed the cookie")
	}

	server.Resume()
	for deadline := time.Now().Add(time.Minute); !desk.isIn(); { // the store asks a node that failed again after a second
		if time.Now().After(deadline) {
			t.Fatal("still not greeted")
		}
	}
	phone.mustBeIn(true, "the phone")
}

// faulty is a store that fails as a test says.
type faulty struct {
	session.Store
	readOnly atomic.Bool
	meddle   atomic.Pointer[func()] // is called once, before a Swap
	gets     atomic.Int64           // while it is not negative, so many Gets work and no more
}

func (f *faulty) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if f.gets.Load() >= 0 && f.gets.Add(-1) < 0 {
		f.gets.Store(0)
		return nil, session.Version{}, session.ErrUnavailable
	}
	return f.Store.Get(ctx, key)
}

func (f *faulty) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	if meddle := f.meddle.Swap(nil); meddle != nil {
		(*meddle)()
	}
	if f.readOnly.Load() {
		return session.ErrUnavailable
	}
	return f.Store.Swap(ctx, key, value, v, ttl)
}

func (f *faulty) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if f.readOnly.Load() {
		return session.ErrUnavailable
	}
	return f.Store.Add(ctx, key, value, ttl)
}

func TestADeviceThatCouldNotBeEndedIsSaidToLive(t *testing.T) {
	store := &faulty{Store: memory.New()}
	store.gets.Store(-1)
	s := serve(t, store)
	phone, desk := s.device(t, "Ann", safariOnPhone), s.device(t, "Ann", firefoxOnLinux)
	ids := desk.others()

	store.readOnly.Store(true)
	for path, form := range map[string]url.Values{"/devices/end": {"device": ids}, "/devices/end-others": nil} {
		resp, body := desk.post(path, form)
		if resp.StatusCode != http.StatusServiceUnavailable {
			t.Errorf("%s on a store that takes no writes answers %d", path, resp.StatusCode)
		}
		desk.wants(body, "may still be logged in: please try again.")
	}
	store.readOnly.Store(false)
	phone.mustBeIn(true, "the phone")
	desk.mustBeIn(true, "the desk")
}

func TestAnOutageTellsNobodyThatHeIsLoggedInWhoNeverWas(t *testing.T) {
	store := &faulty{Store: memory.New()}
	store.gets.Store(-1)
	store.readOnly.Store(true)
	v := serve(t, store).visitor(t)
	resp, body := v.post("/login", url.Values{"name": {"Ann"}})
	if resp.StatusCode != http.StatusServiceUnavailable || v.cookie() != "" {
		t.Errorf("a login on a store that takes no writes answers %d, and the cookie is %q", resp.StatusCode, v.cookie())
	}
	v.wants(body, "If you were logged in, you still are")
	text := strings.ReplaceAll(strings.ToLower(body), "if you were logged in, you still are", "")
	for _, claim := range []string{"you are", "you still are", "still logged in", "hello", "log out"} {
		if strings.Contains(text, claim) {
			t.Errorf("the page says %q:\n%s", claim, body)
		}
	}
}

func TestOfTwoDevicesThatEndEachOtherTheFirstStays(t *testing.T) {
	store := &faulty{Store: memory.New()}
	store.gets.Store(-1)
	phone := serve(t, store).device(t, "Ann", safariOnPhone)
	desk := serve(t, store).device(t, "Ann", firefoxOnLinux) // of another process: neither waits for the other
	ids := phone.others()
	store.meddle.Store(new(func() { phone.post("/devices/end", url.Values{"device": ids}) }))
	if resp, _ := desk.post("/devices/end-others", nil); resp.StatusCode != http.StatusOK || resp.Request.URL.Path != "/login" {
		t.Errorf("the device that came second ends at %s with %d", resp.Request.URL, resp.StatusCode)
	}
	phone.mustBeIn(true, "the device that came first")
	desk.mustBeIn(false, "the device that came second")
}

func TestAListOfDevicesIsWholeOrAnErrorPage(t *testing.T) {
	store := &faulty{Store: memory.New()}
	store.gets.Store(-1)
	s := serve(t, store)
	s.device(t, "Ann", safariOnPhone)
	desk := s.device(t, "Ann", firefoxOnLinux)
	for works := range int64(5) { // the session and its owner's roster, the roster once more, and one of two records
		store.gets.Store(works)
		resp, body := desk.get("/devices")
		if resp.StatusCode != http.StatusServiceUnavailable || strings.Contains(body, "Safari") || strings.Contains(body, "Firefox") {
			t.Errorf("with %d of 5 answers of the store the page has the status %d:\n%s", works, resp.StatusCode, body)
		}
	}
	store.gets.Store(-1)
	_, body := desk.get("/devices")
	desk.wants(body, "Safari on an iPhone", "Firefox on Linux")
}

func TestLastSeenIsNotedOnceAMinute(t *testing.T) {
	start := time.Date(2026, 6, 1, 12, 0, 30, 0, time.Local)
	var since atomic.Int64
	s := serveAt(t, memory.New(), func() time.Time { return start.Add(time.Duration(since.Load())) })
	phone := s.device(t, "Ann", safariOnPhone)
	desk := s.device(t, "Ann", firefoxOnLinux)
	for _, step := range []struct {
		at   time.Duration
		want string
	}{
		{59 * time.Second, "Last seen 1 Jun, 12:00<"},
		{60 * time.Second, "Last seen 1 Jun, 12:01<"},
		{5 * time.Minute, "Last seen 1 Jun, 12:05<"},
	} {
		since.Store(int64(step.at))
		phone.get("/")
		_, body := desk.get("/devices")
		desk.wants(body, step.want, "Logged in 1 Jun, 12:00<", "Last seen now")
	}
}

func TestADeviceThatIsKeptLoggedInIsShownSo(t *testing.T) {
	s := serve(t, memory.New())
	desk := s.device(t, "Ann", firefoxOnLinux)
	if _, body := desk.get("/devices"); strings.Contains(body, "Kept logged in") {
		t.Errorf("a device that ends with its browser is shown as kept:\n%s", body)
	}
	s.visitor(t).post("/login", url.Values{"name": {"Ann"}, "keep": {"yes"}})
	_, body := desk.get("/devices")
	desk.wants(body, "Kept logged in")
}

func TestPagesOfWhoIsLoggedInAreNotKeptByTheBrowser(t *testing.T) {
	v := serve(t, memory.New()).device(t, "Ann", firefoxOnLinux)
	for _, path := range []string{"/", "/account", "/devices"} {
		if resp, _ := v.get(path); resp.Header.Get("Cache-Control") != "no-store" {
			t.Errorf("%s says Cache-Control: %q", path, resp.Header.Get("Cache-Control"))
		}
	}
}
