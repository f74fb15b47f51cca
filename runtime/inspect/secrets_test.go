package inspect_test

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/vault"
	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// canary is in every value that is secret.
const canary = "cAnArY7741"

func plant(s *vault.Session) {
	s.SetAccount("account-" + canary)
	s.SetName("shown")
	s.SetWord(canary)
	s.SetRaw([]byte(canary))
	s.SetNumber(77417741)
	s.AddTries(77417741)
	s.SetRatio(77417741.5)
	s.SetAt(time.Unix(77417741, 0))
	s.SetWords([]string{canary, "x"})
	s.SetPair([2]string{"x", canary})
	s.SetKeys(map[string]string{canary: "x", "x": canary})
	s.SetCard(vault.Card{Holder: canary, PIN: canary})
	s.SetSpare(&vault.Card{Holder: canary})
	s.SetLink(url.URL{Scheme: "https", Host: canary + ".example"})
	s.SetAny(map[string]any{canary: []any{canary}})
	s.SetNote(canary)
	s.SetOld(canary)
	s.SetAlias(vault.Alias(canary))
}

// live does to sessions what makes events, and returns the names of these.
func live(t *testing.T, b *browser, sessions *session.Manager[vault.Session]) (kinds []string) {
	t.Helper()
	asked := b.handler
	defer func() { b.handler = asked }()
	act := func(do func(*vault.Session)) {
		t.Helper()
		b.handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := sessions.Load(w, r)
			if err != nil {
				t.Fatal(err)
			}
			do(s)
		})
		b.do(httptest.NewRequest(http.MethodGet, here, nil))
	}
	wantErr := func(err error, want any) {
		t.Helper()
		if !errors.As(err, want) {
			t.Fatalf("error %v, want a %T", err, want)
		}
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	act(func(s *vault.Session) { s.SetKeys(map[string]string{canary: canary}); must(s.Save()) })
	act(func(s *vault.Session) {
		s.SetWord(strings.Repeat(canary, 20))
		wantErr(s.Save(), new(*session.FieldError))
	})
	act(func(s *vault.Session) { s.SetRaw(make([]byte, 2<<20)); wantErr(s.Save(), new(*session.SizeError)) })
	act(func(s *vault.Session) {
		if note, ok := s.TakeNote(); note != canary || !ok {
			t.Fatalf("TakeNote() = %q, %t", note, ok)
		}
	})
	act(func(s *vault.Session) { _, err := s.CountTries(1); must(err) })
	act(func(s *vault.Session) { s.Renew(); must(s.Save()) })

	kept := b.cookies
	b.cookies = map[string]*http.Cookie{} // another device
	act(func(s *vault.Session) { s.SetName(canary); s.SetAccount("account-" + canary); must(s.Save()) })
	act(func(s *vault.Session) { must(s.Destroy()) })
	for name := range kept {
		b.cookies = map[string]*http.Cookie{name: {Name: name, Value: canary + "-forged"}}
	}
	act(func(*vault.Session) {})
	b.cookies = kept
	return []string{"saved", "failed", "taken", "counted", "renewed", "logged_in", "destroyed", "refused", "loaded"}
}

func TestSecretsAreInNoByteOfAnyPage(t *testing.T) {
	secret := fixture.Secret("inspect")
	sessions := open(t, vault.NewSessions, nil)
	var token, device, id string
	b, inspector := inspected(t, sessions, inspect.Options{}, plant)
	happened := live(t, b, sessions)
	login(t, b, sessions, plant)
	login(t, b, sessions, func(s *vault.Session) {
		m := s.Meta()
		token, device, id = m.Token, m.Device, m.ID
	})
	for k := session.Loaded; k <= session.Failed; k++ {
		err := error(&session.FieldError{Field: "Word", Key: "word", Err: session.ErrTooLarge})
		inspector.Observe(t.Context(), session.Event{Kind: k, Session: id, Keys: []string{"word", "keys"}, Err: err})
	}
	for _, kind := range happened {
		if rows(b.get("?page=list&outcome=&kind="+kind)) < 2 { // one of them was told above
			t.Errorf("the manager has told of nothing that was %s", kind)
		}
	}
	hidden := []string{
		canary, strings.ToLower(canary), "77417741", time.Unix(77417741, 0).UTC().Format("2006-01-02"),
		hex.EncodeToString([]byte(canary)), base64.StdEncoding.EncodeToString([]byte(canary))[:12],
		token, token[:20], string(secret), hex.EncodeToString(secret), base64.RawURLEncoding.EncodeToString(secret),
	}
	pages := make(map[string]*http.Response)
	for _, query := range []string{
		"", "?page=events", "?page=list", "?page=events&session=" + id, "?page=events&kind=saved&outcome=failed",
		"?file=style.css", "?file=script.js", "?page=none",
	} {
		pages["GET "+query] = b.do(httptest.NewRequest(http.MethodGet, here+query, nil))
	}
	owner := "account-" + canary
	pages["POST list"] = b.post(url.Values{"owner": {owner}})
	pages["POST of nobody"] = b.post(url.Values{"owner": {canary}})
	pages["POST end of another"] = b.post(url.Values{"owner": {owner}, "end": {"x"}})
	pages["POST end"] = b.post(url.Values{"owner": {owner}, "end": {device}})
	pages["POST end all"] = b.post(url.Values{"owner": {owner}, "do": {"end-all"}})
	for name, resp := range pages {
		body, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		text := string(body)
		for header, values := range resp.Header {
			text += header + ": " + strings.Join(values, ", ")
		}
		for _, h := range hidden {
			if strings.Contains(text, h) {
				t.Errorf("%s has %q:\n%s", name, h, text)
			}
		}
		if name == "GET " || name == "POST list" {
			wantText(t, text, "&#34;shown&#34;", "secret, not shown", id)
			if n := strings.Count(text, "secret, not shown"); n != 17 {
				t.Errorf("%s hides %d values, want 17", name, n)
			}
		}
	}
}
