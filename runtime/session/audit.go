package session

import (
	"context"
	"errors"
	"log/slog"
)

// Audit returns an Observer that logs what concerns security, and nothing else: LoggedIn, Renewed, Destroyed, Revoked,
// Refused and Unreadable (OWASP Logging Cheat Sheet, "Which events to log"). A line has the event's name as "event" and,
// where they are known, "session", "owner", "keys" and "error". Nil is slog.Default().
//
// The level is Info, and Warn for what an honest visitor does not bring about: a token that nobody has signed, a record
// that does not open. Who it was, and from where, the logger's own handler may add from the context, which is the
// request's.
func Audit(log *slog.Logger) Observer {
	if log == nil {
		log = slog.Default()
	}
	return audit{log}
}

type audit struct{ log *slog.Logger }

func (a audit) Observe(ctx context.Context, e Event) {
	message, level := "", slog.LevelInfo
	switch e.Kind {
	case LoggedIn:
		message = "session logged in"
	case Renewed:
		message = "session renewed"
	case Destroyed:
		message = "session destroyed"
	case Revoked:
		message = "session revoked"
	case Refused:
		message = "session token refused"
		if errors.Is(e.Err, ErrInvalidToken) {
			level = slog.LevelWarn
		}
	case Unreadable:
		message, level = "session record unreadable", slog.LevelWarn
	default:
		return
	}
	var room [5]slog.Attr
	attrs := append(room[:0], slog.String("event", e.Kind.String()))
	if e.Session != "" {
		attrs = append(attrs, slog.String("session", e.Session))
	}
	if e.Owner != "" {
		attrs = append(attrs, slog.String("owner", e.Owner))
	}
	if len(e.Keys) > 0 {
		attrs = append(attrs, slog.Any("keys", e.Keys))
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", loggedError(e.Err)))
	}
	a.log.LogAttrs(ctx, level, message, attrs...)
}
