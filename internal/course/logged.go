package course

import (
	"bytes"
	"log/slog"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// Logged returns sessions in a store, and what they log, but for debugging.
func Logged(t *testing.T, store session.Store) (*fixture.Sessions, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	sessions, err := fixture.NewSessions(store, session.Config{
		Secrets: [][]byte{fixture.Secret("logged")}, Cookie: session.Cookie{Insecure: true},
		Logger:      slog.New(slog.NewTextHandler(log, nil)),
		SaveTimeout: time.Minute, // a slow machine is no outage
	})
	if err != nil {
		t.Fatal(err)
	}
	return sessions, log
}
