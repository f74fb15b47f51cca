package session

import (
	"fmt"
	"io"
	"log/slog"
	"time"
)

// Meta is what is known of a session beside its fields. It comes from a session's Meta method: of a Meta that was made
// by other means, the zero one too, Token cannot be read.
//
// No verb of package fmt shows its Token, in whatever value the Meta lies. Two Metas are not to be compared with ==.
type Meta struct {
	// Token, as m.Token, is what Manager.Open takes: the cookie's value. Who has it, has the session. Empty for a new
	// session.
	*veil

	// ID names the session in logs: a hash, from which nobody gets the id or the token. Empty for a new session.
	ID string

	// Device names the login of a session that has an owner, for Owner.End. It stays the same when the id is renewed, and
	// is no secret. Empty for any other session.
	Device string

	// New is true as long as the store has nothing of the session.
	New bool

	// Remembered is true where Config.Remembered holds: the session outlives the browser.
	Remembered bool

	// Created is when the session began: at its first Save, at the last login, or when other Timeouts began to hold.
	Created time.Time

	// Expires is when the session ends if no further request comes. In a passive request, which does not slide that, it is
	// when the session ends at the latest.
	Expires time.Time

	// Size is the bytes of the stored record.
	Size int
}

// A veil keeps a token from fmt. A value in an unexported field is printed as it is, without its methods; it follows no
// pointers there, but for the one of a value whose verb does not suit it (%s of a pointer). Hence two.
type veil struct{ *credential }

type credential struct{ Token string }

func veiled(token string) *veil {
	v := new(struct {
		veil
		token credential
	})
	v.token.Token = token
	v.veil.credential = &v.token
	return &v.veil
}

const redacted = "[redacted]"

// Format prints m without its Token.
func (m Meta) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.String()) }

// String shows all but the Token.
func (m Meta) String() string {
	if m.New {
		return "Meta{New: true}"
	}
	return fmt.Sprintf("Meta{ID: %s, Token: %s, Device: %q, Remembered: %t, Created: %s, Expires: %s, Size: %d}",
		m.ID, redacted, m.Device, m.Remembered,
		m.Created.UTC().Format(time.RFC3339), m.Expires.UTC().Format(time.RFC3339), m.Size)
}

// LogValue is a group of all but the Token.
func (m Meta) LogValue() slog.Value {
	return slog.GroupValue(
		slog.String("id", m.ID), slog.String("device", m.Device),
		slog.Bool("new", m.New), slog.Bool("remembered", m.Remembered),
		slog.Time("created", m.Created), slog.Time("expires", m.Expires), slog.Int("size", m.Size))
}

// MarshalText is String, for encoding/xml and its like.
func (m Meta) MarshalText() ([]byte, error) { return []byte(m.String()), nil }

// MarshalJSON shows all but the Token.
func (m Meta) MarshalJSON() ([]byte, error) {
	return fmt.Appendf(nil, `{"id":%q,"device":%q,"new":%t,"remembered":%t,"created":%q,"expires":%q,"size":%d}`,
		m.ID, m.Device, m.New, m.Remembered,
		m.Created.Format(time.RFC3339Nano), m.Expires.Format(time.RFC3339Nano), m.Size), nil
}

// logID names a record in logs by the end of its store key, which is a hash of the id. Some 70 bits of it are no key by
// which anybody finds, changes or deletes a record.
func logID(key string) string { return key[max(len(key)-logIDSize, 0):] }

const logIDSize = 12

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
