package redis

import (
	"fmt"
	"io"
)

// String tells the settings but those that say where Redis is and who may use it: these are counted, or said to be
// there.
func (o Options) String() string {
	return fmt.Sprintf("redis.Options{Addrs: %d, Cluster: %t, Sentinels: %t, Password: %t, SentinelPassword: %t,"+
		" DB: %d, TLS: %t, PoolSize: %d, Timeout: %v, IOBudget: %v, MaxItemSize: %d}",
		len(o.Addrs), o.Cluster, o.MasterName != "", o.Password != "",
		o.SentinelPassword != "", o.DB, o.TLS != nil, o.PoolSize, o.Timeout, o.IOBudget, o.MaxItemSize)
}

// Format is String, whatever the verb. It is not asked where the Options are in an unexported field of another type:
// print that with care, or keep the Store alone.
func (o Options) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, o.String()) }

// MarshalText is String, for encoding/json and log/slog.
func (o Options) MarshalText() ([]byte, error) { return []byte(o.String()), nil }
