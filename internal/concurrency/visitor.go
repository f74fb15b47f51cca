package concurrency

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Config is the configuration of every manager. A machine under the race detector is slow, and slowness is not what is
// tested: a store should be as patient.
func Config() session.Config {
	return session.Config{
		Secrets:     [][]byte{fixture.Secret("s")},
		Cookie:      session.Cookie{Insecure: true},
		SaveTimeout: 30 * time.Second,
		Logger:      slog.New(slog.DiscardHandler),
	}
}

// Visitors is the manager of one more process.
func Visitors(t testing.TB, store session.Store) *visitor.Sessions {
	t.Helper()
	m, err := visitor.NewSessions(store, Config())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// Visit is a request without a network.
func Visit(cookie *http.Cookie) (*httptest.ResponseRecorder, *http.Request) {
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	return httptest.NewRecorder(), r
}

// Begin creates a session and returns its cookie and token.
func Begin(t testing.TB, m *visitor.Sessions, set func(*visitor.Session)) (*http.Cookie, string) {
	t.Helper()
	w, r := Visit(nil)
	s, err := m.Load(w, r)
	if err != nil {
		t.Fatal(err)
	}
	set(s)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0], s.Meta().Token
}

// Open returns the session of a token, which must be alive.
func Open(t testing.TB, m *visitor.Sessions, token string) *visitor.Session {
	t.Helper()
	s, err := m.Open(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// Shown is a session's Snapshot, with the flash that it leaves out.
func Shown(s *visitor.Session) visitor.SessionSchema {
	v := s.Snapshot()
	v.Note = fixture.Flash(s, "Note")
	return v
}
