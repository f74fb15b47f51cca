// Package provider is a small OAuth 2.0 authorization server for the shop to log in at: a page that asks "is it
// you?", codes with PKCE, tokens, and who somebody is. It knows two people, asks nobody for a password, remembers no
// browser, and keeps all in memory: it is there so that the shop's side can be seen at work, and is a model of
// nothing else.
package provider

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// A Client is a site that people log in to.
type Client struct {
	ID, Secret string
	Redirects  []string // where answers may go, to the letter (RFC 9700, section 2.1)
}

// A Person is who has logged in, as /userinfo says it.
type Person struct {
	Subject string `json:"sub"`
	Name    string `json:"name"`
}

var people = []Person{{"ann", "Ann Ahlers"}, {"carol", "Carol Chen"}}

// A Provider is the server. It is safe for concurrent use.
type Provider struct {
	client Client
	now    func() time.Time
	mux    *http.ServeMux

	mu     sync.Mutex
	codes  map[string]grant
	tokens map[string]grant
}

// A grant is what a person has allowed, until it ends.
type grant struct {
	person    Person
	redirect  string
	challenge string
	ends      time.Time
}

const (
	codeLasts  = time.Minute
	tokenLasts = 5 * time.Minute
)

// New returns a provider for one client. A nil now is time.Now.
func New(client Client, now func() time.Time) *Provider {
	if now == nil {
		now = time.Now
	}
	p := &Provider{client: client, now: now, mux: http.NewServeMux(), codes: map[string]grant{}, tokens: map[string]grant{}}
	p.mux.HandleFunc("GET /authorize", p.ask)
	p.mux.HandleFunc("POST /authorize", p.answer)
	p.mux.HandleFunc("POST /token", p.token)
	p.mux.HandleFunc("GET /userinfo", p.userinfo)
	p.mux.HandleFunc("GET /style.css", style)
	return p
}

func (p *Provider) ServeHTTP(w http.ResponseWriter, r *http.Request) { p.mux.ServeHTTP(w, r) }

// valid says whether a request to log in is one that this client may make. If it is not, nobody is sent anywhere: the
// address to send them to may be an attacker's.
func (p *Provider) valid(q url.Values) bool {
	return q.Get("client_id") == p.client.ID && slices.Contains(p.client.Redirects, q.Get("redirect_uri")) &&
		q.Get("response_type") == "code" && q.Get("code_challenge_method") == "S256" && len(q.Get("code_challenge")) == 43
}

// ask shows the page on which a person says who they are.
func (p *Provider) ask(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if !p.valid(q) {
		http.Error(w, "This is no login of a site that we know.", http.StatusBadRequest)
		return
	}
	show(w, r, q)
}

// answer sends the person back with a code, or with the word that they do not want to.
func (p *Provider) answer(w http.ResponseWriter, r *http.Request) {
	if err := r.ParseForm(); err != nil || !p.valid(r.PostForm) {
		http.Error(w, "This is no login of a site that we know.", http.StatusBadRequest)
		return
	}
	back := url.Values{"state": {r.PostForm.Get("state")}}
	i := slices.IndexFunc(people, func(x Person) bool { return x.Subject == r.PostForm.Get("person") })
	if i < 0 {
		back.Set("error", "access_denied")
	} else {
		back.Set("code", p.keep(p.codes, grant{
			person: people[i], redirect: r.PostForm.Get("redirect_uri"),
			challenge: r.PostForm.Get("code_challenge"), ends: p.now().Add(codeLasts),
		}))
	}
	http.Redirect(w, r, r.PostForm.Get("redirect_uri")+"?"+back.Encode(), http.StatusSeeOther)
}

// token gives a token for a code, once, to who has the verifier of its challenge.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if !same(id, p.client.ID) || !same(secret, p.client.Secret) {
		reply(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	g, ok := p.take(p.codes, r.PostFormValue("code"))
	sum := sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	if !ok || g.redirect != r.PostFormValue("redirect_uri") || !same(base64.RawURLEncoding.EncodeToString(sum[:]), g.challenge) {
		reply(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	g.ends = p.now().Add(tokenLasts)
	reply(w, http.StatusOK, map[string]any{
		"access_token": p.keep(p.tokens, g), "token_type": "Bearer", "expires_in": int(tokenLasts.Seconds()),
	})
}

// userinfo says whose a token is.
func (p *Provider) userinfo(w http.ResponseWriter, r *http.Request) {
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	p.mu.Lock()
	g, ok := p.tokens[token]
	p.mu.Unlock()
	if !ok || !g.ends.After(p.now()) {
		reply(w, http.StatusUnauthorized, map[string]string{"error": "invalid_token"})
		return
	}
	reply(w, http.StatusOK, g.person)
}

// keep puts a grant under a new name, and drops those that have ended.
func (p *Provider) keep(in map[string]grant, g grant) string {
	name := rand.Text()
	p.mu.Lock()
	defer p.mu.Unlock()
	for old, x := range in {
		if !x.ends.After(p.now()) {
			delete(in, old)
		}
	}
	in[name] = g
	return name
}

// take returns a grant to one caller alone.
func (p *Provider) take(from map[string]grant, name string) (grant, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, ok := from[name]
	delete(from, name)
	return g, ok && g.ends.After(p.now())
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

func reply(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v)
}
