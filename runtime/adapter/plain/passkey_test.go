package plain

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/descope/virtualwebauthn"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/plain/internal/passkey"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// An account is Ann's, with the credentials that a database would hold.
type account struct{ credentials []webauthn.Credential }

func (a *account) WebAuthnID() []byte                         { return []byte("id of ann") }
func (a *account) WebAuthnName() string                       { return "Ann" }
func (a *account) WebAuthnDisplayName() string                { return "Ann" }
func (a *account) WebAuthnCredentials() []webauthn.Credential { return a.credentials }

var errNoCeremony = errors.New("no ceremony has begun, or it took too long")

// newPasskeySite is a site where Ann, once she has registered a passkey, logs in with it.
func newPasskeySite(sessions *passkey.Sessions, auth *webauthn.WebAuthn) http.Handler {
	ann := &account{}
	answer := func(w http.ResponseWriter, v any) error {
		w.Header().Set("Content-Type", "application/json")
		return json.NewEncoder(w).Encode(v)
	}
	routes := map[string]func(http.ResponseWriter, *http.Request, *passkey.Session) error{
		"POST /register/begin": func(w http.ResponseWriter, _ *http.Request, s *passkey.Session) error {
			options, ceremony, err := auth.BeginRegistration(ann)
			if err != nil {
				return err
			}
			s.SetCeremony(ceremony)
			return answer(w, options)
		},
		"POST /register/end": func(_ http.ResponseWriter, r *http.Request, s *passkey.Session) error {
			if !s.HasCeremony() {
				return errNoCeremony
			}
			credential, err := auth.FinishRegistration(ann, *s.Ceremony(), r)
			if err != nil {
				return err
			}
			s.ClearCeremony()
			ann.credentials = append(ann.credentials, *credential)
			return nil
		},
		"POST /login/begin": func(w http.ResponseWriter, _ *http.Request, s *passkey.Session) error {
			options, ceremony, err := auth.BeginLogin(ann)
			if err != nil {
				return err
			}
			s.SetCeremony(ceremony)
			return answer(w, options)
		},
		"POST /login/end": func(_ http.ResponseWriter, r *http.Request, s *passkey.Session) error {
			if !s.HasCeremony() {
				return errNoCeremony
			}
			if _, err := auth.FinishLogin(ann, *s.Ceremony(), r); err != nil {
				return err
			}
			s.SetUserName(ann.WebAuthnName()) // a renew field: it clears the ceremony, which is secret
			return nil
		},
		"GET /": func(w http.ResponseWriter, _ *http.Request, s *passkey.Session) error {
			_, err := io.WriteString(w, s.UserName())
			return err
		},
	}
	mux := http.NewServeMux()
	for pattern, h := range routes {
		mux.Handle(pattern, sessions.Handle(h))
	}
	return mux
}

// A device is a browser with an authenticator, whose key is ES256.
type device struct {
	t      *testing.T
	client *http.Client
	url    string
	rp     virtualwebauthn.RelyingParty
	auth   virtualwebauthn.Authenticator
	key    virtualwebauthn.Credential
}

func (d *device) send(method, path, body string) (int, string) {
	d.t.Helper()
	r, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		d.t.Fatal(err)
	}
	resp, err := d.client.Do(r)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func (d *device) post(path, body string) string {
	d.t.Helper()
	status, text := d.send("POST", path, body)
	if status != http.StatusOK {
		d.t.Fatalf("%s: %d %s", path, status, text)
	}
	return text
}

func (d *device) cookie() string {
	u, _ := url.Parse(d.url)
	if all := d.client.Jar.Cookies(u); len(all) == 1 {
		return all[0].Value
	}
	return ""
}

// begin begins a login, and returns the authenticator's answer to the challenge.
func (d *device) begin() string {
	d.t.Helper()
	options, err := virtualwebauthn.ParseAssertionOptions(d.post("/login/begin", ""))
	if err != nil {
		d.t.Fatal(err)
	}
	return virtualwebauthn.CreateAssertionResponse(d.rp, d.auth, d.key, *options)
}

func newDevice(t *testing.T, site *httptest.Server) *device {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &device{
		t: t, client: &http.Client{Jar: jar}, url: site.URL,
		rp:   virtualwebauthn.RelyingParty{Name: "Shop", ID: "shop.example", Origin: "https://shop.example"},
		auth: virtualwebauthn.NewAuthenticator(), key: virtualwebauthn.NewCredential(virtualwebauthn.KeyTypeEC2),
	}
}

func TestAPasskeyRegistersAndLogsIn(t *testing.T) {
	start := time.Now()
	var later time.Duration
	sessions, err := passkey.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("passkey")}, Cookie: session.Cookie{Insecure: true},
		SaveTimeout: time.Minute, // a slow machine is no outage
		Now:         func() time.Time { return start.Add(later) },
		OnError: func(w http.ResponseWriter, _ *http.Request, err error) {
			http.Error(w, err.Error(), http.StatusForbidden)
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	auth, err := webauthn.New(&webauthn.Config{
		RPID: "shop.example", RPDisplayName: "Shop", RPOrigins: []string{"https://shop.example"},
	})
	if err != nil {
		t.Fatal(err)
	}
	site := httptest.NewServer(newPasskeySite(sessions, auth))
	t.Cleanup(site.Close)
	ann := newDevice(t, site)

	creation, err := virtualwebauthn.ParseAttestationOptions(ann.post("/register/begin", ""))
	if err != nil {
		t.Fatal(err)
	}
	registration := virtualwebauthn.CreateAttestationResponse(ann.rp, ann.auth, ann.key, *creation)
	ann.post("/register/end", registration)
	refused := func(d *device, path, body, why string) {
		t.Helper()
		if status, text := d.send("POST", path, body); status != http.StatusForbidden {
			t.Errorf("%s: %d %s", why, status, text)
		}
		if _, name := d.send("GET", "/", ""); name != "" {
			t.Errorf("%s: it is %q's", why, name)
		}
	}
	refused(ann, "/register/end", registration, "a registration that has ended")

	before := ann.cookie()
	answer := ann.begin()
	ann.post("/login/end", answer)
	if _, name := ann.send("GET", "/", ""); name != "Ann" || ann.cookie() == before || ann.cookie() == "" {
		t.Errorf("after the login it is %q's, the cookie is %q and was %q", name, ann.cookie(), before)
	}

	if status, text := ann.send("POST", "/login/end", answer); status != http.StatusForbidden {
		t.Errorf("an answer for the second time: %d %s", status, text)
	}

	eve := newDevice(t, site)
	refused(eve, "/login/end", answer, "an answer without a ceremony")
	eve.begin()
	refused(eve, "/login/end", answer, "an answer to another's challenge")
	refused(eve, "/login/end", eve.begin(), "an answer of another's key")

	ann = &device{t: t, client: eve.client, url: site.URL, rp: ann.rp, auth: ann.auth, key: ann.key}
	answer = ann.begin()
	later = 5*time.Minute + time.Second
	refused(ann, "/login/end", answer, "an answer after five minutes")
	ann.post("/login/end", ann.begin())
}
