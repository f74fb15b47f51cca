package main

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/examples/shop/site/provider"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

const password = "porcelain" // of both accounts

// A site is the shop over real HTTP, with its provider, by a clock that the test moves.
type site struct {
	*httptest.Server
	store  *outage
	logged *journal
	passed atomic.Int64
}

func (s *site) now() time.Time       { return time.Now().Add(time.Duration(s.passed.Load())) }
func (s *site) wait(d time.Duration) { s.passed.Add(int64(d)) }
func (s *site) visitor(t *testing.T) *visitor {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t: t, site: s, client: &http.Client{Jar: jar}}
}

func serve(t *testing.T) *site {
	t.Helper()
	s := &site{Server: httptest.NewUnstartedServer(nil), store: &outage{Store: memory.New()}, logged: &journal{}}
	client := clientOf(s.Listener.Addr())
	theirs := httptest.NewServer(provider.New(client, s.now))
	t.Cleanup(theirs.Close)
	cfg := config([]byte("Zk3vQ8xW1pL7nR5tB9yC2mH6jD4gF0sA"))
	cfg.Now = s.now
	cfg.SaveTimeout = time.Minute // a slow machine is no outage
	handler, err := newShop(s.store, cfg, theirs.URL, client, slog.New(slog.NewTextHandler(s.logged, nil)))
	if err != nil {
		t.Fatal(err)
	}
	s.Config.Handler = handler
	s.Start()
	t.Cleanup(s.Close)
	return s
}

// A journal is what the shop has said of itself.
type journal struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *journal) Write(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(line)
}

func (l *journal) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// An outage is a store that can be down, and at which requests can be made to meet.
type outage struct {
	session.Store
	down  atomic.Bool
	meets atomic.Pointer[meeting]
}

// A meeting lets requests that read a record wait for each other, so that all of them go on from the same one.
type meeting struct {
	size int
	mu   sync.Mutex
	came map[string]int // by the key
	open map[string]chan struct{}
}

func (m *meeting) wait(ctx context.Context, key string) {
	m.mu.Lock()
	if m.open[key] == nil {
		m.open[key] = make(chan struct{})
	}
	door := m.open[key]
	if m.came[key]++; m.came[key] == m.size {
		close(door)
	}
	m.mu.Unlock()
	select {
	case <-door:
	case <-ctx.Done():
	}
}

var errDown = errors.New("down")

func (o *outage) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	if o.down.Load() {
		return nil, session.Version{}, errDown
	}
	value, version, err := o.Store.Get(ctx, key)
	if m := o.meets.Load(); m != nil {
		m.wait(ctx, key)
	}
	return value, version, err
}

func (o *outage) Add(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if o.down.Load() {
		return errDown
	}
	return o.Store.Add(ctx, key, value, ttl)
}

// A visitor is a browser without JavaScript: it keeps cookies and follows redirects.
type visitor struct {
	t      *testing.T
	site   *site
	client *http.Client
	bearer *string // an app's token instead, empty before the login
}

// send is for goroutines of a test, which must not end it.
func (v *visitor) send(method, path, contentType, body string) (resp *http.Response, text string, err error) {
	target := path
	if strings.HasPrefix(path, "/") {
		target = v.site.URL + path
	}
	req, err := http.NewRequest(method, target, strings.NewReader(body))
	if err != nil {
		return nil, "", err
	}
	if contentType != "" {
		req.Header.Set("Content-Type", contentType)
	}
	if v.bearer != nil {
		req.Header.Set("Authorization", "Bearer "+*v.bearer)
	}
	if resp, err = v.client.Do(req); err != nil {
		return nil, "", err
	}
	defer resp.Body.Close()
	all, err := io.ReadAll(resp.Body)
	return resp, string(all), err
}

func (v *visitor) do(method, path, contentType, body string) (*http.Response, string) {
	v.t.Helper()
	resp, text, err := v.send(method, path, contentType, body)
	if err != nil {
		v.t.Fatal(err)
	}
	return resp, text
}

func (v *visitor) get(path string) (*http.Response, string) {
	v.t.Helper()
	return v.do("GET", path, "", "")
}

// post sends a form of names and values in turns.
func (v *visitor) post(path string, form ...string) (*http.Response, string) {
	v.t.Helper()
	return v.do("POST", path, formType, encode(form...))
}

const formType = "application/x-www-form-urlencoded"

func encode(form ...string) string {
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	return values.Encode()
}

// atOnce posts a form many times, so that each request reads the session before another writes it, and returns how
// often each status came back.
func (v *visitor) atOnce(times int, path func(i int) string, form ...string) map[int]int {
	v.t.Helper()
	v.site.store.meets.Store(&meeting{size: times, came: map[string]int{}, open: map[string]chan struct{}{}})
	defer v.site.store.meets.Store(nil)
	statuses := make([]int, times)
	var wg sync.WaitGroup
	for i := range times {
		wg.Go(func() {
			resp, _, err := v.send("POST", path(i), formType, encode(form...))
			if err != nil {
				v.t.Error(err)
				return
			}
			statuses[i] = resp.StatusCode
		})
	}
	wg.Wait()
	counts := map[int]int{}
	for _, status := range statuses {
		counts[status]++
	}
	return counts
}

func (v *visitor) login(name string, more ...string) string {
	v.t.Helper()
	_, body := v.post("/login", append([]string{"name", name, "password", password}, more...)...)
	v.wants(body, "You are logged in.")
	return body
}

func (v *visitor) cookie() string {
	u, _ := url.Parse(v.site.URL)
	for _, c := range v.client.Jar.Cookies(u) {
		if c.Name == "kiln" {
			return c.Value
		}
	}
	return ""
}

func (v *visitor) wants(body string, texts ...string) {
	v.t.Helper()
	for _, text := range texts {
		if !strings.Contains(body, text) {
			v.t.Errorf("page does not say %q:\n%s", text, gist(body))
		}
	}
}

// gist is a page without its frame and its drawings.
func gist(body string) string {
	_, body, _ = strings.Cut(body, "<main")
	body, _, _ = strings.Cut(body, "</main>")
	return regexp.MustCompile(`(?s)<svg.*?</svg>`).ReplaceAllString(body, "")
}

// ends says so if a visitor has not come to a path.
func (v *visitor) ends(resp *http.Response, path string) {
	v.t.Helper()
	if got := resp.Request.URL.RequestURI(); got != path {
		v.t.Errorf("the visitor ends at %s, want %s", got, path)
	}
}

// hidden returns what a page's form would send beside what the visitor enters.
func hidden(body, name string) string {
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(body)
	if m == nil {
		return ""
	}
	return strings.ReplaceAll(m[1], "&amp;", "&")
}

// fill puts things into the cart.
func (v *visitor) fill(products ...string) {
	v.t.Helper()
	for _, p := range products {
		_, body := v.post("/cart/"+p+"/add", "back", "/cart")
		v.wants(body, "in your cart.")
	}
}

func TestWhoOnlyLooksGetsNoCookie(t *testing.T) {
	v := serve(t).visitor(t)
	for _, path := range []string{"/", "/products/mug", "/cart", "/login", "/no/such", "/account"} {
		v.get(path)
	}
	if v.cookie() != "" {
		t.Error("a visitor who has only looked has a session")
	}
	_, body := v.get("/")
	for _, p := range catalogue {
		v.wants(body, p.Name.EN, "/products/"+p.ID)
	}
}

// allPages are the pages that a visitor can see who is logged in, has ordered and has something in the cart.
func allPages(v *visitor) map[string]string {
	v.t.Helper()
	seen := map[string]string{}
	note := func(name string) func(*http.Response, string) {
		return func(_ *http.Response, body string) { seen[name] = body }
	}
	note("an empty cart")(v.get("/cart"))
	note("login")(v.get("/login"))
	note("a failed login")(v.post("/login", "name", "ann", "password", "no"))
	v.post("/login", "name", "ann", "password", password)
	note("an account without orders")(v.get("/account"))
	v.post("/cart/mug/add")
	note("cart")(v.get("/cart"))
	note("address")(v.get("/checkout/address"))
	note("a wrong address")(v.post("/checkout/address", "name", ""))
	note("delivery")(v.post("/checkout/address", "name", "Ann", "street", "Hofweg 1", "postcode", "20535", "city", "Hamburg"))
	note("no delivery")(v.post("/checkout/delivery", "delivery", "owl"))
	_, review := v.post("/checkout/delivery", "delivery", "bike")
	seen["review"] = review
	note("order")(v.post("/checkout/place", "total", hidden(review, "total")))
	note("account")(v.get("/account"))
	note("devices")(v.get("/devices"))
	note("shelf")(v.get("/"))
	note("product")(v.get("/products/teapot"))
	note("missing")(v.get("/no/such"))
	note("refused")(v.post("/cart/mug", "quantity", "99"))
	return seen
}

func TestEveryPageSpeaksEachLanguageAndHasEachTheme(t *testing.T) {
	for _, lang := range languages {
		for _, theme := range themes {
			v := serve(t).visitor(t)
			v.post("/prefs", "language", lang, "theme", theme)
			for name, body := range allPages(v) {
				if !strings.Contains(body, `<html lang="`+lang+`" data-theme="`+theme+`">`) {
					t.Errorf("%s in %s, %s:\n%s", name, lang, theme, body)
				}
			}
		}
	}
}

func TestAGermanPageHasNoEnglishSentence(t *testing.T) {
	v := serve(t).visitor(t)
	v.post("/prefs", "language", "de")
	for name, body := range allPages(v) {
		for key, text := range texts {
			if len(text.EN) > 12 && text.EN != text.DE && !strings.Contains(text.EN, "%") && strings.Contains(body, text.EN) {
				t.Errorf("%s has %s in English", name, key)
			}
		}
	}
}

func TestNoPageNeedsAnythingButTheSiteItself(t *testing.T) {
	v := serve(t).visitor(t)
	inline := regexp.MustCompile(`(?i)\sstyle=|<style|\son[a-z]+=|javascript:|<script>|https?://`)
	for name, body := range allPages(v) {
		if found := inline.FindString(body); found != "" {
			t.Errorf("%s has %q, which its policy forbids", name, found)
		}
	}
	resp, _ := v.get("/")
	if policy := resp.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy: %s", policy)
	}
	for _, file := range []string{"style.css", "shop.js", "icon.svg"} {
		if resp, _ := v.get("/static/" + file); resp.StatusCode != http.StatusOK {
			t.Errorf("%s answers %d", file, resp.StatusCode)
		}
	}
}

func TestPostsFromOtherSitesAreRefusedOnAPage(t *testing.T) {
	v := serve(t).visitor(t)
	v.login("ann")
	req, _ := http.NewRequest("POST", v.site.URL+"/logout", nil)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := v.client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	if resp.StatusCode != http.StatusForbidden {
		t.Errorf("a logout from another site answers %d", resp.StatusCode)
	}
	v.wants(string(body), "That form came from another site")
	_, account := v.get("/account")
	v.wants(account, "Hello, Ann.")
}

func TestAHugeFormIsNotSentBack(t *testing.T) {
	v := serve(t).visitor(t)
	_, body := v.post("/login", "name", strings.Repeat("a", 1<<20), "password", "x")
	if len(body) > maxBody {
		t.Errorf("the answer has %d bytes", len(body))
	}
}

func TestAnOutageIsNoLogoutAndLosesNoCart(t *testing.T) {
	s := serve(t)
	v := s.visitor(t)
	v.login("ann")
	v.fill("vase")
	cookie := v.cookie()
	s.store.down.Store(true)
	for _, path := range []string{"/account", "/login", "/devices"} {
		resp, body := v.get(path)
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
			t.Errorf("without a store %s answers %d", path, resp.StatusCode)
		}
		v.wants(body, "If you were logged in, you still are")
	}
	if resp, body := v.get("/"); resp.StatusCode != http.StatusOK || !strings.Contains(body, "Morning mug") {
		t.Errorf("without a store the shelf answers %d", resp.StatusCode)
	}
	if v.cookie() != cookie {
		t.Error("the outage changed the cookie")
	}
	s.store.down.Store(false)
	_, body := v.get("/cart")
	v.wants(body, "Bottle vase", "Log out")
}

func TestANoticeWaitsForAPageThatIsSeen(t *testing.T) {
	v := serve(t).visitor(t)
	v.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	v.post("/cart/mug/add")
	v.get("/apple-touch-icon.png") // as browsers do by themselves
	_, body := v.get("/")
	v.wants(body, "Morning mug: in your cart.")
	if _, body = v.get("/"); strings.Contains(body, "in your cart.") {
		t.Error("the notice shows twice")
	}
}
