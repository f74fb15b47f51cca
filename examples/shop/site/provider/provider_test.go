package provider

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

const redirect = "http://127.0.0.1:8080/oauth/callback"

var client = Client{ID: "kiln", Secret: "hush", Redirects: []string{redirect}}

func send(p *Provider, method, path string, form url.Values, edit func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if edit != nil {
		edit(r)
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w
}

func asClient(r *http.Request) { r.SetBasicAuth("kiln", "hush") }

// request is what a client asks, with the challenge of a verifier.
func request(verifier string) url.Values {
	sum := sha256.Sum256([]byte(verifier))
	return url.Values{
		"client_id": {"kiln"}, "redirect_uri": {redirect}, "response_type": {"code"}, "state": {"s"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(sum[:])}, "code_challenge_method": {"S256"},
	}
}

// code is what a person's consent gives.
func code(t *testing.T, p *Provider, verifier string) string {
	t.Helper()
	form := request(verifier)
	form.Set("person", "carol")
	w := send(p, "POST", "/authorize", form, nil)
	to, err := url.Parse(w.Header().Get("Location"))
	if err != nil || w.Code != http.StatusSeeOther || to.Query().Get("state") != "s" || to.Query().Get("code") == "" {
		t.Fatalf("consent answers %d to %s", w.Code, to)
	}
	return to.Query().Get("code")
}

func exchange(code, verifier string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect}, "code_verifier": {verifier}}
}

func TestACodeIsGoodOnceForWhoHasTheVerifier(t *testing.T) {
	p := New(client, nil)
	c := code(t, p, "v")
	w := send(p, "POST", "/token", exchange(c, "v"), asClient)
	var out struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil || w.Code != http.StatusOK {
		t.Fatalf("%d %s", w.Code, w.Body)
	}
	if w = send(p, "GET", "/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+out.Token) }); !strings.Contains(w.Body.String(), "Carol Chen") {
		t.Errorf("userinfo: %d %s", w.Code, w.Body)
	}
	if w = send(p, "POST", "/token", exchange(c, "v"), asClient); w.Code != http.StatusBadRequest {
		t.Errorf("the code again: %d", w.Code)
	}
}

func TestWhatIsMissingMakesACodeWorthless(t *testing.T) {
	now := time.Now()
	p := New(client, func() time.Time { return now })
	for name, c := range map[string]struct {
		edit func(url.Values)
		who  func(*http.Request)
		late time.Duration
	}{
		"another verifier": {edit: func(f url.Values) { f.Set("code_verifier", "w") }, who: asClient},
		"no verifier":      {edit: func(f url.Values) { f.Del("code_verifier") }, who: asClient},
		"another redirect": {edit: func(f url.Values) { f.Set("redirect_uri", redirect+"2") }, who: asClient},
		"no client":        {},
		"a wrong secret":   {who: func(r *http.Request) { r.SetBasicAuth("kiln", "loud") }},
		"too late":         {who: asClient, late: codeLasts},
	} {
		form := exchange(code(t, p, "v"), "v")
		if c.edit != nil {
			c.edit(form)
		}
		now = now.Add(c.late)
		if w := send(p, "POST", "/token", form, c.who); w.Code == http.StatusOK {
			t.Errorf("%s: %s", name, w.Body)
		}
	}
}

func TestNobodyIsSentToAnAddressThatIsNotTheClients(t *testing.T) {
	p := New(client, nil)
	for name, value := range map[string]string{
		"redirect_uri": "http://evil.example/", "client_id": "other", "response_type": "token",
		"code_challenge_method": "plain", "code_challenge": "",
	} {
		form := request("v")
		form.Set(name, value)
		form.Set("person", "carol")
		if w := send(p, "GET", "/authorize?"+form.Encode(), nil, nil); w.Code != http.StatusBadRequest {
			t.Errorf("ask with another %s: %d", name, w.Code)
		}
		if w := send(p, "POST", "/authorize", form, nil); w.Code != http.StatusBadRequest || w.Header().Get("Location") != "" {
			t.Errorf("answer with another %s: %d %s", name, w.Code, w.Header().Get("Location"))
		}
	}
}

func TestATokenThatIsNoneShowsNobody(t *testing.T) {
	p := New(client, nil)
	for _, header := range []string{"", "Bearer ", "Bearer made-up"} {
		w := send(p, "GET", "/userinfo", nil, func(r *http.Request) { r.Header.Set("Authorization", header) })
		if w.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", header, w.Code)
		}
	}
}
