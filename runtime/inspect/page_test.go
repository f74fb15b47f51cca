package inspect_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/testdata/golden/evolve/after"
	"github.com/sessiongen/sessiongen/testdata/golden/evolve/before"
)

func fill(s *fixture.Session) {
	s.SetUserID(42)
	s.SetUserName(`Ada <b>"Countess"</b>`)
	s.SetCart([]fixture.Item{{SKU: "tea", Qty: 2}, {SKU: "milk", Qty: 1}})
	s.SetPrefs(map[string]string{"lang": "en"})
	s.AddVisits(3)
	s.SetNotice("saved")
	s.SetOTP("31337")
	s.SetShip(&fixture.Address{City: "London"})
}

func TestThePageShowsTheVisitorsSession(t *testing.T) {
	sessions := open(t, fixture.NewSessions, nil)
	var id string
	b, _ := inspected(t, sessions, inspect.Options{}, fill)
	login(t, b, sessions, func(s *fixture.Session) { id = s.Meta().ID })
	page := b.get("")
	wantText(t, page, id,
		"<code>user_id</code>", "int64", "<pre>42</pre>",
		`<pre>&#34;Ada &lt;b&gt;\&#34;Countess\&#34;&lt;/b&gt;&#34;</pre>`,
		"[]fixture.Item", "<pre>[\n  {SKU: &#34;tea&#34;, Qty: 2}\n  {SKU: &#34;milk&#34;, Qty: 1}\n]</pre>",
		"map[string]string", `<pre>{&#34;lang&#34;: &#34;en&#34;}</pre>`,
		"<pre>3</pre>", "<pre>&#34;saved&#34;</pre>", "*fixture.Address", "<pre>{City: &#34;London&#34;, Zip: &#34;&#34;}</pre>",
		"secret, not shown", "9m 59s", // of the OTP's ttl
		"<code>last_seen</code>", "absent",
		"in 30m", "secret, ttl=10m",
	)
	wantNoText(t, page, "unknown to this binary", "does not fit")
	// What the record has of user_id: a header and 7 bytes of the key, a byte of the number.
	if !regexp.MustCompile(`(?s)<code>user_id</code>.*?data-label="Bytes">9<`).MatchString(page) {
		t.Errorf("user_id has not 9 bytes:\n%s", page)
	}
}

// A value with a new line in it is no other than one without.
func TestAValueOfManyLinesIsShownAsItIs(t *testing.T) {
	sessions := open(t, fixture.NewSessions, nil)
	b, _ := inspected(t, sessions, inspect.Options{}, nil)
	login(t, b, sessions, func(s *fixture.Session) {
		s.SetUserName("Ada\nLovelace \u202e")
		s.SetPrefs(map[string]string{"address": "Hofweg 1\nHamburg"})
		s.SetCart([]fixture.Item{{SKU: "tea\r\n", Qty: 2}})
	})
	wantText(t, b.get(""), `<pre>&#34;Ada\nLovelace \u202e&#34;</pre>`,
		`<pre>{&#34;address&#34;: &#34;Hofweg 1\nHamburg&#34;}</pre>`, `<pre>[{SKU: &#34;tea\r\n&#34;, Qty: 2}]</pre>`)
}

func TestAVisitorWithoutASessionIsToldSo(t *testing.T) {
	b, _ := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	wantText(t, b.get(""), "You have none", "<code>user_id</code>")
	if len(b.cookies) > 0 {
		t.Errorf("the page has set %v", b.cookies)
	}
}

func TestAValueThatHasExpiredIsSaid(t *testing.T) {
	now := time.Now()
	sessions := open(t, fixture.NewSessions, func(c *session.Config) { c.Now = func() time.Time { return now } })
	b, _ := inspected(t, sessions, inspect.Options{}, func(s *fixture.Session) { s.SetOTP("31337"); s.SetNotice("x") })
	now = now.Add(11 * time.Minute)
	wantText(t, b.get(""), "<i>expired</i>")
}

func TestWhatAnotherBinaryHasWrittenIsSaid(t *testing.T) {
	store, cfg := memory.New(), config()
	newer, err := after.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	older, err := before.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := inspected(t, newer, inspect.Options{}, func(s *after.Session) { s.SetAge(7); s.SetAdded("new") })
	b.handler = inspect.New(older, inspect.Options{})
	wantText(t, b.get(""), "<i>does not fit its type</i>", "<code>added</code>", "unknown to this binary, kept")
}

// touches counts what a store is asked to extend, to write and to read.
type touches struct {
	session.Store
	reads, others int
}

func (s *touches) Get(ctx context.Context, key string) ([]byte, session.Version, error) {
	s.reads++
	return s.Store.Get(ctx, key)
}

func (s *touches) Touch(ctx context.Context, key string, ttl time.Duration) error {
	s.others++
	return s.Store.Touch(ctx, key, ttl)
}

func (s *touches) Swap(ctx context.Context, key string, value []byte, v session.Version, ttl time.Duration) error {
	s.others++
	return s.Store.Swap(ctx, key, value, v, ttl)
}

func TestToLookAtThePageChangesNothing(t *testing.T) {
	now := time.Now()
	store := &touches{Store: memory.New()}
	cfg := config()
	cfg.Now = func() time.Time { return now }
	sessions, err := fixture.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	b, _ := inspected(t, sessions, inspect.Options{}, fill)
	now = now.Add(20 * time.Minute) // a load would touch
	store.reads, store.others = 0, 0
	events := func() int { return strings.Count(b.get("?page=list"), "<tr>") }
	before := events()
	wantText(t, b.get(""), "<pre>42</pre>")
	if store.reads != 1 || store.others != 0 {
		t.Errorf("%d reads and %d other calls of the store, want a read", store.reads, store.others)
	}
	if after := events(); after != before {
		t.Errorf("looking at the page made %d events", after-before)
	}
}

func TestPagesTakeNothingFromElsewhereAndRunNothingInline(t *testing.T) {
	b, inspector := inspected(t, open(t, member.NewSessions, nil), inspect.Options{}, func(s *member.Session) { s.SetUserID(1) })
	inspector.Observe(t.Context(), session.Event{Kind: session.Saved, Session: "abc", Err: session.ErrConflict})
	bad := regexp.MustCompile(`(?i)<script[^>]*>[^<]|<style| style=| on[a-z]+=|https?://|//[a-z]`)
	for name, resp := range map[string]*http.Response{
		"index":  b.do(httptest.NewRequest(http.MethodGet, here, nil)),
		"events": b.do(httptest.NewRequest(http.MethodGet, here+"?page=events", nil)),
		"list":   b.do(httptest.NewRequest(http.MethodGet, here+"?page=list", nil)),
		"owner":  b.post(url.Values{"owner": {"1"}}),
	} {
		page := b.body(resp)
		if found := bad.FindString(page); found != "" {
			t.Errorf("%s has %q:\n%s", name, found, page)
		}
		csp := resp.Header.Get("Content-Security-Policy")
		wantText(t, csp, "default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "form-action 'self'")
		wantNoText(t, csp, "unsafe")
		if got := resp.Header.Get("Cache-Control"); got != "no-store" {
			t.Errorf("%s: Cache-Control: %s", name, got)
		}
	}
}

func TestTheStyleAndTheScriptAreServed(t *testing.T) {
	b, _ := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	for name, kind := range map[string]string{"style.css": "text/css", "script.js": "text/javascript"} {
		resp := b.do(httptest.NewRequest(http.MethodGet, here+"?file="+name, nil))
		if b.body(resp) == "" || !strings.HasPrefix(resp.Header.Get("Content-Type"), kind) {
			t.Errorf("%s: %v", name, resp.Header)
		}
	}
}

func TestWhatIsNoPageIsNotFound(t *testing.T) {
	b, _ := inspected(t, open(t, fixture.NewSessions, nil), inspect.Options{}, nil)
	for request, status := range map[string]int{
		"GET ?page=none": 404, "GET ?file=index.html": 404, "GET ?file=../inspect.go": 404, "PUT ": 405, "DELETE ": 405,
		"HEAD ": 200, "POST ": 404, // the schema has no owner
	} {
		method, query, _ := strings.Cut(request, " ")
		if resp := b.do(httptest.NewRequest(method, here+query, nil)); resp.StatusCode != status {
			t.Errorf("%s is %d, want %d", request, resp.StatusCode, status)
		}
	}
}

func TestItAnswersUnderAnyPath(t *testing.T) {
	mux := http.NewServeMux()
	inspector := inspect.New(open(t, fixture.NewSessions, nil), inspect.Options{})
	mux.Handle("/a/tree/", inspector)
	mux.Handle("/one", inspector)
	mux.Handle("/stripped/", http.StripPrefix("/stripped", inspector))
	b := newBrowser(t, mux)
	for _, path := range []string{"/a/tree/", "/a/tree/below", "/one", "/stripped/"} {
		page := b.body(b.do(httptest.NewRequest(http.MethodGet, "http://localhost"+path, nil)))
		for _, link := range regexp.MustCompile(`(?:href|src|action)="([^"]*)"`).FindAllStringSubmatch(page, -1) {
			if !strings.HasPrefix(link[1], "?") {
				t.Errorf("%s links to %s, which is not relative to it", path, link[1])
			}
		}
	}
}
