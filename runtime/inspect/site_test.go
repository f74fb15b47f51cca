package inspect_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// here is what a browser on the machine of the site has for an address.
const here = "http://localhost:8080/debug/session"

// A browser asks one handler and keeps cookies.
type browser struct {
	t       *testing.T
	handler http.Handler
	cookies map[string]*http.Cookie
	from    string // its address
}

func newBrowser(t *testing.T, h http.Handler) *browser {
	return &browser{t: t, handler: h, cookies: make(map[string]*http.Cookie), from: "127.0.0.1:50000"}
}

func (b *browser) do(r *http.Request) *http.Response {
	b.t.Helper()
	if r.RemoteAddr = b.from; b.from == "" {
		b.t.Fatal("a request from nowhere")
	}
	for _, c := range b.cookies {
		r.AddCookie(c)
	}
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		b.cookies[c.Name] = c
	}
	return w.Result()
}

func (b *browser) get(query string) string {
	b.t.Helper()
	return b.body(b.do(httptest.NewRequest(http.MethodGet, here+query, nil)))
}

func (b *browser) body(resp *http.Response) string {
	b.t.Helper()
	text, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		b.t.Fatalf("status %d, %v: %s", resp.StatusCode, err, text)
	}
	return string(text)
}

func (b *browser) post(form url.Values) *http.Response {
	b.t.Helper()
	r := httptest.NewRequest(http.MethodPost, here, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// A constructor is a generated NewXs.
type constructor[S any] func(session.Store, session.Config) (*session.Manager[S], error)

// config is what the tests' managers have in common. A slow machine is no outage.
func config() session.Config {
	return session.Config{
		Secrets: [][]byte{fixture.Secret("inspect")}, Logger: slog.New(slog.DiscardHandler), SaveTimeout: time.Minute,
	}
}

// open returns a manager on a store in memory.
func open[S any](t *testing.T, newSessions constructor[S], change func(*session.Config)) *session.Manager[S] {
	t.Helper()
	cfg := config()
	if change != nil {
		change(&cfg)
	}
	m, err := newSessions(memory.New(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// inspected returns a browser of an inspector of the sessions, whose visitor has one that set has filled.
func inspected[S any](t *testing.T, sessions *session.Manager[S], o inspect.Options, set func(*S)) (*browser, *inspect.Inspector) {
	t.Helper()
	inspector := inspect.New(sessions, o)
	b := newBrowser(t, inspector)
	login(t, b, sessions, set)
	return b, inspector
}

// login saves a session for a browser.
func login[S any](t *testing.T, b *browser, sessions *session.Manager[S], set func(*S)) {
	t.Helper()
	if set == nil {
		return
	}
	asked := b.handler
	b.handler = sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, s *S) error { set(s); return nil })
	b.body(b.do(httptest.NewRequest(http.MethodGet, "http://localhost:8080/login", nil)))
	b.handler = asked
}

// wantText reports what a page has to have and has not.
func wantText(t *testing.T, page string, all ...string) {
	t.Helper()
	for _, text := range all {
		if !strings.Contains(page, text) {
			t.Errorf("the page has no %q:\n%s", text, page)
		}
	}
}

// wantNoText reports what a page must not have and has.
func wantNoText(t *testing.T, page string, none ...string) {
	t.Helper()
	for _, text := range none {
		if strings.Contains(page, text) {
			t.Errorf("the page has %q:\n%s", text, page)
		}
	}
}
