package memcached

import (
	"fmt"
	"io"
)

// String tells the settings; the addresses, in which somebody may have put a password, are counted.
func (o Options) String() string {
	return fmt.Sprintf("memcached.Options{Addrs: %d, PoolSize: %d, Timeout: %v, IOBudget: %v, MaxItemSize: %d, TLS: %t}",
		len(o.Addrs), o.PoolSize, o.Timeout, o.IOBudget, o.MaxItemSize, o.TLS != nil)
}

// Format is String, whatever the verb.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// MarshalText is String, for encoding/json and log/slog.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
