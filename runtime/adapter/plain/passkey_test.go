package plain

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/adapter/plain/internal/passkey"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// A visitor's ceremony of go-webauthn is kept from its beginning to its end, and no longer.
func TestAPasskeysCeremonyIsKeptUntilItEnds(t *testing.T) {
	now := time.Now()
	sessions, err := passkey.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{fixture.Secret("passkey")}, Cookie: session.Cookie{Insecure: true}, Now: func() time.Time { return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	site, err := webauthn.New(&webauthn.Config{
		RPID: "shop.example", RPDisplayName: "Shop", RPOrigins: []string{"https://shop.example"},
	})
	if err != nil {
		t.Fatal(err)
	}

	var begun *webauthn.SessionData
	w := httptest.NewRecorder()
	sessions.Handle(func(w http.ResponseWriter, _ *http.Request, s *passkey.Session) error {
		_, ceremony, err := site.BeginDiscoverableLogin()
		if err != nil {
			return err
		}
		begun = ceremony
		s.SetCeremony(ceremony)
		return nil
	}).ServeHTTP(w, httptest.NewRequest("POST", "/passkey/begin", nil))

	want, _ := json.Marshal(begun)
	s := sessiontest.Read(t, sessions, w.Result())
	if got, _ := json.Marshal(s.Ceremony()); begun.Challenge == "" || string(got) != string(want) {
		t.Errorf("it was %s and is %s", want, got)
	}

	r := httptest.NewRequest("POST", "/passkey/end", nil)
	r.AddCookie(w.Result().Cookies()[0])
	login := httptest.NewRecorder()
	sessions.Handle(func(_ http.ResponseWriter, _ *http.Request, s *passkey.Session) error {
		s.SetUserName("Ann") // after site.FinishPasskeyLogin(…, *s.Ceremony(), r)
		return nil
	}).ServeHTTP(login, r)
	if s := sessiontest.Read(t, sessions, login.Result()); s.UserName() != "Ann" || s.HasCeremony() {
		t.Errorf("after the login: %v", s.Snapshot().UserName)
	}

	again := sessiontest.Request(t, sessions, httptest.NewRequest("GET", "/", nil), func(s *passkey.Session) { s.SetCeremony(begun) })
	now = now.Add(5*time.Minute + time.Second)
	if s, err := sessions.Load(httptest.NewRecorder(), again); err != nil || s.HasCeremony() {
		t.Errorf("a ceremony that nobody ended is still there: %v", err)
	}
}
