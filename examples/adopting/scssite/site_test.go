package scssite

import (
	"crypto/rand"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/alexedwards/scs/goredisstore"
	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"
	"github.com/redis/go-redis/v9"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func TestAVisitorOfScsStaysLoggedInOnceAndNotAfterALogout(t *testing.T) {
	for name, store := range map[string]func(*testing.T) scs.Store{
		"memory": func(*testing.T) scs.Store { return memstore.New() },
		"Redis": func(t *testing.T) scs.Store {
			client := redis.NewClient(&redis.Options{Addr: servertest.Redis(t).Addr()})
			t.Cleanup(func() { _ = client.Close() })
			return goredisstore.New(client)
		},
	} {
		t.Run(name, func(t *testing.T) {
			old := scs.New()
			old.Store = store(t)
			sessions, err := NewSessions(memory.New(), session.Config{
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

			handler = New(sessions, old)
			get("/", "Ann 3")
			get("/", "Ann 3")
			if n := len(jar.Cookies(at)); n != 1 {
				t.Errorf("the browser has %d cookies", n)
			}
			get("/logout", "")
			get("/", " 0")
			jar.SetCookies(at, kept)
			get("/", " 0")
		})
	}
}

// An app that comes with a token has no session of scs, whatever cookie comes along: that is the browser's, which keeps it.
func TestAnAppWithATokenIsNoVisitorOfScs(t *testing.T) {
	old := scs.New()
	old.Store = memstore.New()
	sessions, err := NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret()}, Cookie: session.Cookie{Insecure: true, Name: "new"}, Bearer: true,
		SaveTimeout: time.Minute,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/old/", http.StripPrefix("/old", Old(old)))
	mux.Handle("/", New(sessions, old))
	site := httptest.NewServer(mux)
	defer site.Close()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	browser := &http.Client{Jar: jar}
	get := func(path, token, want string) (newToken string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, site.URL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		resp, err := browser.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = resp.Body.Close() }()
		if body, _ := io.ReadAll(resp.Body); resp.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("%s answers %d %q, want %q", path, resp.StatusCode, body, want)
		}
		return resp.Header.Get("Session-Token")
	}
	get("/old/login?name=Ann", "", "")

	get("/", "junk", " 0")
	token := get("/login?name=Bob", "junk", "")
	if token == "" {
		t.Fatal("no token")
	}
	get("/", token, "Bob 0")
	get("/", "", "Ann 3")
	get("/", token, "Bob 0")
	get("/logout", "", "")
	get("/", "", " 0")
	get("/", token, "Bob 0")
}

func secret() []byte {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	return secret
}
