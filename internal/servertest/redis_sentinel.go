//go:build unix

package servertest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Watched is a Redis master with a replica, watched by three Sentinels, two of which must agree that it is down. They
// take one that does not answer for half a second for dead.
type Watched struct {
	Name      string // by which the Sentinels know it
	Master    *Server
	Replica   *Server
	Sentinels []*Server
}

const sentinels = 3

// RedisSentinel starts a master, its replica and its Sentinels, which know each other when the call returns.
func RedisSentinel(t testing.TB) *Watched {
	t.Helper()
	w := &Watched{Name: "sessions", Master: Redis(t, "--repl-diskless-sync-delay", "0")}
	host, port, _ := net.SplitHostPort(w.Master.addr)
	w.Replica = Redis(t, "--replicaof", host+" "+port)
	w.Replica.waitRedis([]string{"INFO", "replication"}, "role:slave", "master_link_status:up")
	for range sentinels {
		w.Sentinels = append(w.Sentinels, w.sentinel(t))
	}
	for _, s := range w.Sentinels {
		s.waitRedis([]string{"INFO", "sentinel"}, fmt.Sprintf("status=ok,address=%s,slaves=1,sentinels=%d", w.Master.addr, sentinels))
	}
	return w
}

// Addrs are the addresses of the Sentinels.
func (w *Watched) Addrs() []string {
	var addrs []string
	for _, s := range w.Sentinels {
		addrs = append(addrs, s.addr)
	}
	return addrs
}

func (w *Watched) sentinel(t testing.TB) *Server {
	t.Helper()
	dir := t.TempDir()
	conf := filepath.Join(dir, "sentinel.conf") // which a Sentinel writes to
	masterHost, masterPort, _ := net.SplitHostPort(w.Master.addr)
	written := ""
	return launch(t, "redis-server", redisProbe(), func() string { return FreePort(t) }, func(addr string) []string {
		if addr != written { // a restarted one remembers
			host, port, _ := net.SplitHostPort(addr)
			text := fmt.Sprintf("bind %s\nport %s\ndir %s\nsentinel monitor %[4]s %s %s %d\nsentinel down-after-milliseconds %[4]s 500\n"+
				"sentinel failover-timeout %[4]s 2000\n", host, port, dir, w.Name, masterHost, masterPort, sentinels/2+1)
			if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
				t.Fatalf("servertest: %v", err)
			}
			written = addr
		}
		return []string{conf, "--sentinel"}
	})
}
