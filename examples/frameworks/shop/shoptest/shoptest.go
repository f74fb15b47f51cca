// Package shoptest visits a site of the examples.
package shoptest

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// Visit logs in, comes back, and logs out.
func Visit(t *testing.T, site http.Handler) {
	t.Helper()
	server := httptest.NewServer(site)
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	step := func(want string, resp *http.Response, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if page, _ := io.ReadAll(resp.Body); !strings.Contains(string(page), want) {
			t.Errorf("%s %s: %d %s, want %s", resp.Request.Method, resp.Request.URL.Path, resp.StatusCode, page, want)
		}
	}
	get := func(want string) {
		t.Helper()
		resp, err := browser.Get(server.URL)
		step(want, resp, err)
	}
	post := func(path, want string) {
		t.Helper()
		resp, err := browser.PostForm(server.URL+path, url.Values{"name": {"Ann"}})
		step(want, resp, err)
	}
	get("Log in")
	post("/login", "Hello, Ann. You have been here 1 times.")
	get("Hello, Ann. You have been here 2 times.")
	post("/logout", "Log in")
	get("Log in")
}
