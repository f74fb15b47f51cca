package site

import (
	"flag"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// openStore returns the store that a command line asks for.
func openStore(args ...string) (session.Store, string, error) {
	flags := flag.NewFlagSet("login", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var f storeFlags
	f.register(flags)
	if err := flags.Parse(args); err != nil {
		return nil, "", err
	}
	return f.open()
}

func TestTheDemoRunsOnEveryKindOfRedis(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it starts nine servers")
	}
	for _, c := range []struct {
		name  string
		flags func(t *testing.T) []string
		where string
	}{
		{"one node", func(t *testing.T) []string { return []string{"-redis", servertest.Redis(t).Addr()} }, "in Redis at"},
		{"a Cluster", func(t *testing.T) []string {
			addrs := servertest.RedisCluster(t).Addrs()
			return []string{"-redis-cluster", addrs[0], "-redis-cluster", addrs[1]}
		}, "in the Redis Cluster of"},
		{"Sentinels", func(t *testing.T) []string {
			w := servertest.RedisSentinel(t)
			return []string{"-redis-sentinel", w.Name + "@" + strings.Join(w.Addrs(), ",")}
		}, "in Redis, on the master that"},
	} {
		t.Run(c.name, func(t *testing.T) {
			store, where, err := openStore(c.flags(t)...)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = store.(io.Closer).Close() })
			if !strings.HasPrefix(where, c.where) {
				t.Errorf("sessions are kept %s", where)
			}
			v := serve(t, store).visitor(t)
			v.login("Ann")
			_, body := v.get("/")
			v.wants(body, "Hello, Ann.")
		})
	}
}

func TestStoreFlagsThatMakeNoSenseAreErrors(t *testing.T) {
	for args, want := range map[string]string{
		"-memcached 127.0.0.1:1 -redis 127.0.0.1:2": "one place",
		"-redis-sentinel 127.0.0.1:1":               "wants master@",
		"-redis-sentinel @127.0.0.1:1":              "wants master@",
		"-redis-sentinel m@":                        "not host:port",
		"-redis-cluster 127.0.0.1":                  "not host:port",
		"-redis http://127.0.0.1":                   "unknown scheme",
		"-redis-cluster=":                           "empty address",
		"-file a -store memory:":                    "one place",
		"-store sessions.db":                        "wants a URL",
		"-store file:":                              "no store for",
		"-store ftp://127.0.0.1":                    "no store for",
		"-store postgres://127.0.0.1/shop":          "needs a database driver",
		"-store memcached://127.0.0.1":              "127.0.0.1",
	} {
		if store, _, err := openStore(strings.Fields(args)...); store != nil || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want an error with %q", args, err, want)
		}
	}
}

func TestThePlaceOfTheSessionsIsShownWithoutItsPassword(t *testing.T) {
	store, where, err := openStore("-redis", "redis://ann:secret@127.0.0.1:1/2")
	if err != nil {
		t.Fatal(err)
	}
	_ = store.(io.Closer).Close()
	if strings.Contains(where, "secret") || !strings.Contains(where, "127.0.0.1:1/2") {
		t.Errorf("sessions are kept %s", where)
	}
}

func TestTheDemoRunsOnTheStoreThatAURLNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	for url, want := range map[string]string{
		"memory:":        "in memory",
		"file:" + path:   "in the file " + path,
		"file://" + path: "in the file " + path,
		"memcached://" + servertest.Memcached(t).Addr(): "in memcached at 127.0.0.1",
		"redis://" + servertest.Redis(t).Addr():         "in Redis at redis://127.0.0.1",
	} {
		t.Run(want, func(t *testing.T) {
			store, where, err := openStore("-store", url)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(where, want) {
				t.Errorf("sessions are kept %s", where)
			}
			v := serve(t, store).visitor(t)
			v.login("Ann")
			_, body := v.get("/")
			v.wants(body, "Hello, Ann.")
			if c, ok := store.(io.Closer); ok {
				_ = c.Close()
			}
		})
	}
}
