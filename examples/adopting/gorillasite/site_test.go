package gorillasite

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/gorilla/sessions"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// A session that lived in its cookie alone can be carried over again by whoever has kept that: the page on adopting says so.
func TestAVisitorOfGorillaStaysLoggedInOnceAndNotAfterALogout(t *testing.T) {
	for name, test := range map[string]struct {
		store func(*testing.T) sessions.Store
		again string // what a cookie that was kept leads to after a logout
	}{
		"files":  {func(t *testing.T) sessions.Store { return sessions.NewFilesystemStore(t.TempDir(), make([]byte, 32)) }, " 0"},
		"cookie": {func(*testing.T) sessions.Store { return sessions.NewCookieStore(make([]byte, 32)) }, "Ann 3"},
	} {
		t.Run(name, func(t *testing.T) {
			old := test.store(t)
			manager, err := NewSessions(memory.New(), session.Config{
				Secrets: [][]byte{secret()}, Cookie: session.Cookie{Insecure: true, Name: "new"},
				SaveTimeout: time.Minute, // a slow machine is no outage
			})
			if err != nil {
				t.Fatal(err)
			}
			var handler http.Handler = Old(old)
			site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { handler.ServeHTTP(w, r) }))
			defer site.Close()
			at, err := url.Parse(site.URL)
			if err != nil {
				t.Fatal(err)
			}
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			browser := &http.Client{Jar: jar}
			get := func(path, want string) {
				t.Helper()
				resp, err := browser.Get(site.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				defer func() { _ = resp.Body.Close() }()
				if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(body) != want {
					t.Errorf("%s answers %d %q, want %q", path, resp.StatusCode, body, want)
				}
			}
			get("/login?name=Ann", "")
			get("/", "Ann 3")
			kept := jar.Cookies(at)

			handler = New(manager, old)
			get("/", "Ann 3")
			get("/", "Ann 3")
			if n := len(jar.Cookies(at)); n != 1 {
				t.Errorf("the browser has %d cookies", n)
			}
			get("/logout", "")
			get("/", " 0")
			jar.SetCookies(at, kept)
			get("/", test.again)
		})
	}
}

func secret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return secret
}
