package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
	"unicode"

	"golang.org/x/oauth2"

	"github.com/sessiongen/sessiongen/examples/demo"
	"github.com/sessiongen/sessiongen/examples/shop/site/provider"
)

// oauth returns the client's side of the login at the provider, by the address that the visitor uses: the answer must
// come back to where the session's cookie is. The provider knows all addresses of the shop, and refuses any other.
func (s *shop) oauth(r *http.Request) *oauth2.Config {
	return &oauth2.Config{
		ClientID:     s.client.ID,
		ClientSecret: s.client.Secret,
		Endpoint: oauth2.Endpoint{
			AuthURL: s.provider + "/authorize", TokenURL: s.provider + "/token", AuthStyle: oauth2.AuthStyleInHeader,
		},
		RedirectURL: "http://" + r.Host + "/oauth/callback",
		Scopes:      []string{"profile"},
	}
}

// oauthStart sends the visitor to the provider. What must be known when they come back is in their own session: the
// state, by which the answer is told from one that somebody else has begun (RFC 6749, section 10.12), the verifier of
// PKCE (RFC 7636), without which a stolen code is worth nothing, and where they wanted to go.
func (s *shop) oauthStart(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	state, verifier := rand.Text(), oauth2.GenerateVerifier()
	v.SetOAuthState(state)
	v.SetOAuthVerifier(verifier)
	v.SetReturnTo(demo.LocalPath(r.PostFormValue("next")))
	http.Redirect(w, r, s.oauth(r).AuthCodeURL(state, oauth2.S256ChallengeOption(verifier)), http.StatusSeeOther)
}

// oauthCallback is where the provider sends the visitor back to.
func (s *shop) oauthCallback(w http.ResponseWriter, r *http.Request) {
	v, err := s.sessions.Get(r)
	if err != nil {
		s.sessionFailed(w, r, err)
		return
	}
	state, verifier, next := v.OAuthState(), v.OAuthVerifier(), v.ReturnTo()
	if state == "" || subtle.ConstantTimeCompare([]byte(state), []byte(r.FormValue("state"))) != 1 {
		s.refused(w, r, http.StatusBadRequest, "refused.oauth") // not begun here, or more than ten minutes ago
		return
	}
	v.ClearOAuthState() // each is good for one answer
	v.ClearOAuthVerifier()
	v.ClearReturnTo()
	if r.FormValue("error") != "" {
		v.SetNotice(Notice{Text: "oauth.denied"})
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	who, err := s.askProvider(r, verifier)
	if err != nil {
		s.log.ErrorContext(r.Context(), "login at the provider failed", "error", err)
		v.SetNotice(Notice{Text: "oauth.failed"})
		http.Redirect(w, r, "/login", http.StatusSeeOther)
		return
	}
	// The provider's name stands before: its ann is not the shop's.
	s.enter(v, "lantern:"+who.Subject, who.Name, demo.Browser(r.UserAgent()))
	http.Redirect(w, r, demo.LocalPath(next), http.StatusSeeOther)
}

// askProvider turns the code into a token, and the token into a person. The token is of no use afterwards and kept
// nowhere.
func (s *shop) askProvider(r *http.Request, verifier string) (who provider.Person, err error) {
	ctx, cancel := context.WithTimeout(r.Context(), 10*time.Second)
	defer cancel()
	cfg := s.oauth(r)
	token, err := cfg.Exchange(ctx, r.FormValue("code"), oauth2.VerifierOption(verifier))
	if err != nil {
		return who, err
	}
	resp, err := cfg.Client(ctx, token).Get(s.provider + "/userinfo")
	if err != nil {
		return who, err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return who, fmt.Errorf("userinfo: %s", resp.Status)
	}
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&who); err != nil {
		return who, fmt.Errorf("userinfo: %w", err)
	}
	if who.Subject == "" || len(who.Subject) > 60 {
		return who, fmt.Errorf("userinfo: a subject of %d bytes", len(who.Subject))
	}
	who.Name = cmp.Or(nameFrom(who.Name), who.Subject)
	return who, nil
}

// nameFrom is what the shop takes of a name that somebody else has looked at: as much as a session holds, without what
// does not print.
func nameFrom(text string) string {
	text = tidy(strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) || unicode.IsSpace(r) {
			return r
		}
		return -1
	}, text))
	return strings.ToValidUTF8(text[:min(len(text), maxName)], "")
}

const maxName = 80 // bytes, as the schema has it
