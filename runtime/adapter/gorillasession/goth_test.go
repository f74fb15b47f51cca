package gorillasession_test

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/markbates/goth"
	"github.com/markbates/goth/gothic"
	"github.com/markbates/goth/providers/openidConnect"

	"github.com/sessiongen/sessiongen/internal/course"
	"github.com/sessiongen/sessiongen/runtime/adapter/gorillasession"
	"github.com/sessiongen/sessiongen/runtime/adapter/gorillasession/internal/web"
)

// A provider vouches for visitors, by OpenID Connect: it asks nothing and takes everybody for Ann.
type provider struct {
	*httptest.Server
	mu    sync.Mutex
	codes map[string]bool
}

func newProvider(t *testing.T) *provider {
	p := &provider{codes: map[string]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		answer(w, map[string]any{
			"authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "issuer": p.URL,
		})
	})
	mux.HandleFunc("/authorize", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		code := fmt.Sprint("code", len(p.codes))
		p.codes[code] = true
		p.mu.Unlock()
		back := url.Values{"code": {code}, "state": {r.FormValue("state")}, "provider": {"openid-connect"}}
		http.Redirect(w, r, r.FormValue("redirect_uri")+"?"+back.Encode(), http.StatusFound)
	})
	mux.HandleFunc("/token", func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		known := p.codes[r.FormValue("code")]
		p.codes[r.FormValue("code")] = false
		p.mu.Unlock()
		if !known {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		claims, _ := json.Marshal(map[string]any{
			"iss": p.URL, "aud": "shop", "sub": "1", "name": "Ann", "exp": time.Now().Add(time.Hour).Unix(),
		})
		answer(w, map[string]any{
			"access_token": "secret-of-ann", "token_type": "Bearer", "expires_in": 3600,
			"id_token": "e30." + base64.RawURLEncoding.EncodeToString(claims) + ".",
		})
	})
	p.Server = httptest.NewServer(mux)
	t.Cleanup(p.Close)
	return p
}

func answer(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

// newShop is a site that lets the provider vouch for its visitors.
func newShop(t *testing.T, sessions *web.Sessions, p *provider) *httptest.Server {
	mux := http.NewServeMux()
	mux.HandleFunc("/auth", gothic.BeginAuthHandler)
	mux.Handle("/callback", sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		user, err := gothic.CompleteUserAuth(w, r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusForbidden)
			return nil
		}
		s.SetUserName(user.Name)
		http.Redirect(w, r, "/", http.StatusSeeOther)
		return nil
	}))
	mux.Handle("/", sessions.Handle(func(w http.ResponseWriter, _ *http.Request, s *web.Session) error {
		_, err := fmt.Fprintf(w, "%s;%d", s.UserName(), len(s.OAuth()))
		return err
	}))
	shop := httptest.NewServer(sessions.Middleware(mux))
	t.Cleanup(shop.Close)

	oidc, err := openidConnect.New("shop", "secret", shop.URL+"/callback", p.URL+"/.well-known/openid-configuration")
	if err != nil {
		t.Fatal(err)
	}
	goth.UseProviders(oidc)
	gothic.Store = gorillasession.New(sessions,
		(*web.Session).OAuth, (*web.Session).PutOAuth, (*web.Session).DeleteOAuth)
	return shop
}

type browser struct {
	t *testing.T
	*http.Client
}

func newBrowser(t *testing.T) browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return browser{t, &http.Client{Jar: jar}}
}

func (b browser) get(u string) (int, string, *url.URL) {
	b.t.Helper()
	resp, err := b.Get(u)
	if err != nil {
		b.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return resp.StatusCode, string(body), resp.Request.URL
}

func (b browser) cookie(site string) string {
	u, _ := url.Parse(site)
	all := b.Jar.Cookies(u)
	if len(all) != 1 {
		b.t.Errorf("the browser has %d cookies of the site, want that of the session alone", len(all))
		return ""
	}
	return all[0].Value
}

// goth's providers and its store are global, so that one test tells the whole story.
func TestGothLogsInWithTheSessionAlone(t *testing.T) {
	p := newProvider(t)
	backend := course.NewStore()
	m := newSessions(t, backend)
	shop := newShop(t, m, p)

	ann := newBrowser(t)
	ann.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if status, _, _ := ann.get(shop.URL + "/auth?provider=openid-connect"); status != http.StatusTemporaryRedirect {
		t.Fatalf("it begins with %d", status)
	}
	before := ann.cookie(shop.URL)
	if _, body, _ := ann.get(shop.URL); body != ";1" {
		t.Errorf("at the provider: %q", body)
	}

	ann.CheckRedirect = nil
	if status, body, at := ann.get(shop.URL + "/auth?provider=openid-connect"); status != 200 || body != "Ann;0" ||
		at.Path != "/" {
		t.Errorf("it ends with %d %q at %s", status, body, at)
	}
	if after := ann.cookie(shop.URL); after == before {
		t.Error("the login has kept the id")
	}

	// A visitor who is sent back with another's state has not begun here.
	eve := newBrowser(t)
	for _, state := range []string{"", "&state=x"} {
		status, body, _ := eve.get(shop.URL + "/callback?provider=openid-connect&code=code0" + state)
		if status != http.StatusForbidden || strings.Contains(body, "Ann") {
			t.Errorf("%d %q", status, body)
		}
	}

	// An outage begins nothing, and ends nothing: a visitor who is sent back meanwhile can come again.
	bob := newBrowser(t)
	var back string
	bob.CheckRedirect = func(next *http.Request, _ []*http.Request) error {
		if next.URL.Path == "/callback" {
			back = next.URL.String()
			return http.ErrUseLastResponse
		}
		return nil
	}
	backend.ReadOnly.Store(true)
	bob.isUnavailable(shop.URL + "/auth?provider=openid-connect")
	if back != "" {
		t.Errorf("in an outage it leads to the provider and to %s", back)
	}
	backend.ReadOnly.Store(false)
	bob.get(shop.URL + "/auth?provider=openid-connect")
	bob.CheckRedirect = nil
	before = bob.cookie(shop.URL)
	backend.Down.Store(true)
	bob.isUnavailable(back)
	backend.Down.Store(false)
	if bob.cookie(shop.URL) != before {
		t.Error("the outage has taken the cookie")
	}
	if status, body, _ := bob.get(back); status != 200 || body != "Ann;0" {
		t.Errorf("after the outage it ends with %d %q", status, body)
	}
}

// isUnavailable checks that a page is that of an outage, and does not tell the store's address.
func (b browser) isUnavailable(u string) {
	b.t.Helper()
	if status, body, at := b.get(u); status != http.StatusServiceUnavailable || strings.Contains(body, "10.0.0.1") {
		b.t.Errorf("%s: %d %q", at, status, body)
	}
}
