package inspect_test

import (
	"bytes"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestAPageWithoutAGuardSaysSoOutsideOfThisMachine(t *testing.T) {
	for name, test := range map[string]struct {
		from, host, header string
		here               bool
	}{
		"loopback":              {"127.0.0.1:5000", "localhost:8080", "", true},
		"loopback of IPv6":      {"[::1]:5000", "[::1]:8080", "", true},
		"a name of this host":   {"127.0.0.1:5000", "shop.localhost", "", true},
		"in capitals":           {"127.0.0.1:5000", "LocalHost:8080", "", true},
		"a long s":              {"127.0.0.1:5000", "localho\u017ft:8080", "", false},
		"a long s at the end":   {"127.0.0.1:5000", "shop.LOCALHO\u017fT", "", false},
		"another machine":       {"192.0.2.1:5000", "localhost:8080", "", false},
		"another, IPv6":         {"[2001:db8::1]:5000", "localhost:8080", "", false},
		"a proxy beside":        {"127.0.0.1:5000", "localhost:8080", "X-Forwarded-For", false},
		"a proxy of RFC 7239":   {"127.0.0.1:5000", "localhost:8080", "Forwarded", false},
		"a proxy that is quiet": {"127.0.0.1:5000", "shop.example", "", false},
		"a proxy of one header": {"127.0.0.1:5000", "localhost:8080", "X-Forwarded-Proto", false},
		"a content network":     {"127.0.0.1:5000", "localhost:8080", "Cf-Connecting-IP", false},
		"a unix socket":         {"@", "localhost", "", false},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			sessions := open(t, member.NewSessions, func(c *session.Config) { c.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			b, _ := inspected(t, sessions, inspect.Options{}, func(s *member.Session) { s.SetUserID(42) })
			b.from = test.from
			request := func(method, body string) *http.Request {
				r := httptest.NewRequest(method, "http://"+test.host+"/debug/session", strings.NewReader(body))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				if test.header != "" {
					r.Header.Set(test.header, "192.0.2.9")
				}
				return r
			}
			page := b.body(b.do(request(http.MethodGet, "")))
			b.do(request(http.MethodGet, ""))
			post := b.do(request(http.MethodPost, "owner=42"))
			if test.here {
				wantNoText(t, page, "Not guarded")
				wantText(t, page, `name="owner"`)
				wantText(t, b.body(post), "End this session")
			} else {
				wantText(t, page, "Not guarded", "Not shown without a guard", "<pre>42</pre>")
				wantNoText(t, page, `name="owner"`)
				if post.StatusCode != http.StatusForbidden {
					t.Errorf("an owner's sessions are shown: status %d", post.StatusCode)
				}
			}
			if n, want := strings.Count(log.String(), "inspector"), map[bool]int{true: 0, false: 1}[test.here]; n != want {
				t.Errorf("%d lines in the log, want %d: %s", n, want, log.String())
			}
		})
	}
}

// Thus asks nginx, as it is set up in most tutorials: with the Host of its proxy_pass, and no header.
func TestARequestOfHTTP10IsNotFromThisMachine(t *testing.T) {
	sessions := open(t, member.NewSessions, nil)
	b, _ := inspected(t, sessions, inspect.Options{}, func(s *member.Session) { s.SetUserID(42) })
	r := httptest.NewRequest(http.MethodGet, "http://127.0.0.1:8080/debug/session", nil)
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0
	wantText(t, b.body(b.do(r)), "Not guarded")
}

func TestAGuardIsKnown(t *testing.T) {
	sessions := open(t, member.NewSessions, nil)
	login := http.RedirectHandler("/login", http.StatusSeeOther)
	for _, handler := range map[string]http.Handler{
		"Options.Guarded": inspect.New(sessions, inspect.Options{Guarded: true}),
		"Require": sessions.Middleware(sessions.Require((*member.Session).HasUserID, login)(
			inspect.New(sessions, inspect.Options{}))),
	} {
		b, _ := inspected(t, sessions, inspect.Options{}, func(s *member.Session) { s.SetUserID(42) })
		b.from, b.handler = "192.0.2.1:5000", handler
		page := b.get("")
		wantNoText(t, page, "Not guarded")
		wantText(t, page, `name="owner"`)
		wantText(t, b.body(b.post(url.Values{"owner": {"42"}})), "End this session")
	}
}

// Middleware alone guards nothing.
func TestMiddlewareIsNoGuard(t *testing.T) {
	sessions := open(t, member.NewSessions, nil)
	b, inspector := inspected(t, sessions, inspect.Options{}, func(s *member.Session) { s.SetUserID(42) })
	b.from, b.handler = "192.0.2.1:5000", sessions.Middleware(inspector)
	wantText(t, b.get(""), "Not guarded")
}

func TestPostsOfOtherSitesAreRefused(t *testing.T) {
	b, _ := inspected(t, open(t, member.NewSessions, nil), inspect.Options{}, func(s *member.Session) { s.SetUserID(42) })
	for _, header := range [][2]string{
		{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "https://evil.example"}, {"Origin", "null"},
	} {
		r := httptest.NewRequest(http.MethodPost, here, strings.NewReader("owner=42&do=end-all"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set(header[0], header[1])
		if resp := b.do(r); resp.StatusCode != http.StatusForbidden {
			t.Errorf("a post with %s: %s is %d", header[0], header[1], resp.StatusCode)
		}
	}
	wantText(t, b.body(b.post(url.Values{"owner": {"42"}})), "End this session")
}
