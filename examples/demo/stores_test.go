package demo

import (
	"crypto/rand"
	"flag"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// openStore returns the store that a command line asks for.
func openStore(args ...string) (session.Store, string, error) {
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	var f Stores
	f.Register(flags)
	if err := Parse(flags, args); err != nil {
		return nil, "", err
	}
	return f.Open()
}

// mustKeep says so if what was put into a store is not there.
func mustKeep(t *testing.T, store session.Store) {
	t.Helper()
	key := rand.Text()
	if err := store.Add(t.Context(), key, []byte("record"), time.Hour); err != nil {
		t.Fatal(err)
	}
	if value, _, err := store.Get(t.Context(), key); err != nil || string(value) != "record" {
		t.Errorf("the store has %q, %v", value, err)
	}
}

func TestEveryKindOfRedisKeepsRecords(t *testing.T) {
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
			mustKeep(t, store)
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
		"-redis-cluster=":                           "it is empty",
		"-store=":                                   "it is empty",
		"-file=":                                    "it is empty",
		"-redis=":                                   "it is empty",
		"sessions.db":                               "is no flag",
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

func TestAStoreThatDoesNotAnswerIsToldAtTheStart(t *testing.T) {
	there := servertest.Memcached(t)
	dead := servertest.FreePort(t)
	for url, want := range map[string]string{
		"memory:": "",
		"file:" + filepath.Join(t.TempDir(), "a.db"):     "",
		"memcached://" + there.Addr():                    "",
		"memcached://" + there.Addr() + "," + dead:       "which does not answer: memcached: ping " + dead,
		"memcached://" + dead + "," + "/no/such/socket":  "refused; memcached: ping /no/such/socket",
		"redis://ann:secret@" + dead:                     "which does not answer: redis: ping " + dead,
		"REDIS:" + dead:                                  "which does not answer: redis: ping " + dead,
		"unix:/no/such/socket":                           "which does not answer: redis: ping /no/such/socket",
		"redis-sentinel://" + dead + "?master_name=mine": "which does not answer: redis: ping mine",
	} {
		store, where, err := openStore("-store", url)
		if err != nil {
			t.Errorf("%s: %v", url, err)
			continue
		}
		told := Describe(t.Context(), store, where)
		if !strings.HasPrefix(told, "Sessions are kept "+where) || !strings.Contains(told, want) ||
			strings.Contains(told, "answer") != (want != "") || strings.ContainsAny(told, "\n") || strings.Contains(told, "secret") {
			t.Errorf("%s: %q, want %q", url, told, want)
		}
		if c, ok := store.(io.Closer); ok {
			_ = c.Close()
		}
	}
}

func TestTheStoreThatAURLNamesKeepsRecords(t *testing.T) {
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
			mustKeep(t, store)
			if c, ok := store.(io.Closer); ok {
				_ = c.Close()
			}
		})
	}
}

func TestWithoutAFlagTheDefaultIsTaken(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sessions.db")
	for url, want := range map[string]string{"": "in memory", "file:" + path: "in the file " + path} {
		f := Stores{Default: url}
		store, where, err := f.Open()
		if err != nil {
			t.Fatal(err)
		}
		if where != want {
			t.Errorf("with the default %q sessions are kept %s", url, where)
		}
		if c, ok := store.(io.Closer); ok {
			_ = c.Close()
		}
	}
}
