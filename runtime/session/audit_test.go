package session_test

import (
	"bytes"
	"log/slog"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestAuditLogsSecurityEventsAlone(t *testing.T) {
	security := map[session.Kind]string{
		session.LoggedIn: "INFO", session.Renewed: "INFO", session.Destroyed: "INFO", session.Revoked: "INFO",
		session.Refused: "WARN", session.Unreadable: "WARN",
	}
	var out bytes.Buffer
	audit := session.Audit(slog.New(slog.NewTextHandler(&out, nil)))
	for k := session.Loaded; k <= session.Failed; k++ {
		out.Reset()
		audit.Observe(t.Context(), session.Event{
			Kind: k, Session: "S", Owner: "O", Keys: []string{"user_id"}, Err: session.ErrInvalidToken,
		})
		level, logged := security[k]
		if !logged {
			if out.Len() > 0 {
				t.Errorf("%v is logged: %s", k, &out)
			}
			continue
		}
		for _, want := range []string{
			"level=" + level, "event=" + k.String(), "session=S", "owner=O", "keys=[user_id]", `error="session: invalid token"`,
		} {
			if !strings.Contains(out.String(), want) {
				t.Errorf("%v: %s has no %s", k, &out, want)
			}
		}
	}
}

func TestAuditTakesAnExpiredTokenForOrdinary(t *testing.T) {
	var out bytes.Buffer
	session.Audit(slog.New(slog.NewTextHandler(&out, nil))).Observe(t.Context(), session.Event{Kind: session.Refused, Err: session.ErrGone})
	if !strings.Contains(out.String(), "level=INFO") || strings.Contains(out.String(), "owner") {
		t.Error(out.String())
	}
}
