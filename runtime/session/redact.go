package session

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
)

// Format prints c without its Secrets, whatever the verb.
func (c Config) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, c.String()) }

// String shows the settings, and of the Secrets how many there are.
func (c Config) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "session.Config{Secrets: %d %s", len(c.Secrets), redacted)
	for _, s := range c.settings() {
		fmt.Fprintf(&b, ", %s: %+v", s.Key, s.Value.Any())
	}
	return b.String() + "}"
}

// LogValue is a group of what String shows.
func (c Config) LogValue() slog.Value {
	return slog.GroupValue(append([]slog.Attr{slog.Int("Secrets", len(c.Secrets))}, c.settings()...)...)
}

// MarshalText is String, for encoding/json, encoding/xml and their like.
func (c Config) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// settings are the fields that say something when they are printed.
func (c Config) settings() []slog.Attr {
	return []slog.Attr{
		slog.Duration("IdleTimeout", c.IdleTimeout), slog.Duration("Lifetime", c.Lifetime),
		slog.Any("Anonymous", c.Anonymous), slog.Any("Remembered", c.Remembered), slog.Bool("Bearer", c.Bearer),
		slog.Duration("SaveTimeout", c.SaveTimeout), slog.Int("MaxSize", c.MaxSize),
		slog.Any("Cookie", c.Cookie), slog.String("KeyPrefix", c.KeyPrefix),
	}
}
