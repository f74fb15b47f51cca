//go:build unix

package redis_test

import (
	"crypto/tls"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
	"github.com/sessiongen/sessiongen/runtime/store/storetest"
)

func open(t testing.TB, o redis.Options) *redis.Store {
	t.Helper()
	s, err := redis.NewWithOptions(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

func openAt(t testing.TB, addr string) *redis.Store {
	t.Helper()
	return open(t, redis.Options{Addrs: []string{addr}})
}

// patient is for tests in which slowness, of a machine under the race detector, is not the point.
func patient(o redis.Options) redis.Options {
	o.Timeout, o.IOBudget = 5*time.Second, 10*time.Second
	return o
}

// patientClient is patient for somebody else's client.
func patientClient(addrs ...string) *goredis.UniversalOptions {
	return &goredis.UniversalOptions{
		Addrs: addrs, ContextTimeoutEnabled: true, DialTimeout: 20 * time.Second, ReadTimeout: 20 * time.Second, WriteTimeout: 20 * time.Second,
	}
}

func TestReadersAtOnceEachGetTheirOwnRecord(t *testing.T) {
	t.Parallel()
	s := open(t, patient(redis.Options{Addrs: []string{servertest.Redis(t).Addr()}}))
	var all sync.WaitGroup
	for i := range 256 {
		all.Go(func() {
			key, value := strconv.Itoa(i), strings.Repeat(strconv.Itoa(i), 40)
			if err := s.Add(t.Context(), key, []byte(value), time.Minute); err != nil {
				t.Errorf("Add: %v", err)
				return
			}
			for range 20 {
				if got, _, err := s.Get(t.Context(), key); err != nil || string(got) != value {
					t.Errorf("%s has %q: %q, %v", key, value, got, err)
				}
				if _, _, err := s.Get(t.Context(), "no "+key); !errors.Is(err, session.ErrNotFound) {
					t.Errorf("no %s: %v", key, err)
				}
			}
		})
	}
	all.Wait()
}

func TestTheStoreConforms(t *testing.T) {
	t.Parallel()
	tcp, unix := servertest.Redis(t), servertest.RedisUnix(t)
	certFile, keyFile, roots := servertest.Certificate(t)
	secured := servertest.RedisTLS(t, certFile, keyFile, roots)
	cluster, watched := servertest.RedisCluster(t), servertest.RedisSentinel(t)
	with := func(o redis.Options) func(t *testing.T) session.Store {
		return func(t *testing.T) session.Store { return open(t, patient(o)) }
	}
	for _, c := range []struct {
		name string
		open func(t *testing.T) session.Store
	}{
		{"on TCP", with(redis.Options{Addrs: []string{tcp.Addr()}})},
		{"on a unix socket", with(redis.Options{Addrs: []string{unix.Addr()}})},
		{"with TLS", with(redis.Options{Addrs: []string{secured.Addr()}, TLS: &tls.Config{RootCAs: roots}})},
		{"on a Cluster", with(redis.Options{Addrs: cluster.Addrs(), Cluster: true})},
		{"with Sentinels", with(redis.Options{Addrs: watched.Addrs(), MasterName: watched.Name})},
		{"with somebody else's client", func(t *testing.T) session.Store {
			c := goredis.NewUniversalClient(patientClient(tcp.Addr()))
			t.Cleanup(func() { _ = c.Close() })
			return redis.NewFromClient(c)
		}},
		{"with somebody else's Cluster client", func(t *testing.T) session.Store {
			c := goredis.NewUniversalClient(patientClient(cluster.Addrs()...))
			t.Cleanup(func() { _ = c.Close() })
			return redis.NewFromClient(c)
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			storetest.Run(t, c.open)
		})
	}
}

// Redis' own answer to "how many milliseconds has this key left".
func TestRedisGivesEachTTLItsTime(t *testing.T) {
	const day = 24 * time.Hour
	server := servertest.Redis(t)
	s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
	for i, ttl := range []time.Duration{
		time.Second + 1, 30 * time.Minute, 29 * day, 30 * day, 30*day + time.Second, 400 * day, 1<<63 - 1,
	} {
		k := strconv.Itoa(i)
		var set time.Time
		check := func(after string) {
			t.Helper()
			ms, err := strconv.ParseInt(server.Redis("PTTL", k), 10, 64)
			if err != nil || ms < 0 {
				t.Fatalf("%v, after %s: %d ms, %v", ttl, after, ms, err)
			}
			if least := (ttl - time.Since(set)).Milliseconds(); ms < least || ms > ttl.Milliseconds()+1 {
				t.Errorf("%v, after %s: %d ms left, want %d or more", ttl, after, ms, least)
			}
		}
		set = time.Now()
		mustAdd(t, s, k, "one", ttl)
		check("add")
		set = time.Now()
		if err := s.Touch(t.Context(), k, ttl); err != nil {
			t.Fatal(err)
		}
		check("touch")
		_, v, err := s.Get(t.Context(), k)
		if err != nil {
			t.Fatal(err)
		}
		set = time.Now()
		if err := s.Swap(t.Context(), k, []byte("two"), v, ttl); err != nil {
			t.Fatal(err)
		}
		check("swap")
	}
}

func TestEachCallIsOneCommand(t *testing.T) {
	server := servertest.Redis(t)
	s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
	mustAdd(t, s, "k", "one", time.Hour)
	_, v, err := s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), "k", []byte("two"), v, time.Hour); err != nil { // the first teaches the server the script
		t.Fatal(err)
	}
	server.Redis("CONFIG", "RESETSTAT")
	_, v, err = s.Get(t.Context(), "k")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), "k", []byte("three"), v, time.Hour); err != nil {
		t.Fatal(err)
	}
	if err := s.Touch(t.Context(), "k", time.Hour); err != nil {
		t.Fatal(err)
	}
	mustAdd(t, s, "l", "one", time.Hour)
	if err := s.Delete(t.Context(), "l"); err != nil {
		t.Fatal(err)
	}
	got := make(map[string]string)
	for line := range strings.Lines(server.Redis("INFO", "commandstats")) {
		if name, stats, ok := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls="); ok {
			got[name], _, _ = strings.Cut(stats, ",")
		}
	}
	// The script's own commands are counted too.
	for name, want := range map[string]string{"get": "1", "evalsha": "1", "getrange": "1", "set": "2", "pexpire": "1", "del": "1"} {
		if got[name] != want {
			t.Errorf("%s: %q calls, want %s", name, got[name], want)
		}
		delete(got, name)
	}
	delete(got, "config|resetstat")
	if len(got) > 0 {
		t.Errorf("and these: %v", got)
	}
}

func TestAClusterNeedNotExplainItsCommands(t *testing.T) {
	t.Parallel()
	cluster := servertest.RedisCluster(t)
	s := open(t, patient(redis.Options{Addrs: cluster.Addrs(), Cluster: true}))
	for _, call := range servertest.Calls(s, "k", session.Version{1}) {
		if err := call(t.Context()); err != nil && !servertest.IsAnswer(err) {
			t.Error(err)
		}
	}
	for _, m := range cluster.Masters {
		if strings.Contains(m.Redis("INFO", "commandstats"), "cmdstat_command:") {
			t.Error("the client asked for all of them, in a request that heeds no deadline")
		}
	}
}

func TestAServerThatHasForgottenTheScriptIsToldAgain(t *testing.T) {
	server := servertest.Redis(t)
	s := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
	mustAdd(t, s, "k", "0", time.Hour)
	for i := range 3 {
		server.Redis("SCRIPT", "FLUSH")
		_, v, err := s.Get(t.Context(), "k")
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Swap(t.Context(), "k", []byte(strconv.Itoa(i+1)), v, time.Hour); err != nil {
			t.Fatal(err)
		}
	}
	if got, _, err := s.Get(t.Context(), "k"); err != nil || string(got) != "3" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestAStoreLeavesTheAddressesThatItWasGivenAlone(t *testing.T) {
	t.Parallel()
	cluster := servertest.RedisCluster(t)
	addrs := append(make([]string, 0, 8), cluster.Addrs()[0]) // room for a client that appends those that it learns
	s := open(t, patient(redis.Options{Addrs: addrs, Cluster: true}))
	for _, key := range []string{"a", "b", "c", "d"} { // on several nodes
		mustAdd(t, s, key, "one", time.Hour)
	}
	if learnt := addrs[:cap(addrs)][1]; learnt != "" {
		t.Errorf("%s was written behind them", learnt)
	}
}

func TestCallsFollowASlotThatMovesToAnotherNode(t *testing.T) {
	t.Parallel()
	const key, slot = "foo2", "1044" // on the first master
	cluster := servertest.RedisCluster(t)
	from, to := cluster.Masters[0], cluster.Masters[1]
	s := open(t, patient(redis.Options{Addrs: cluster.Addrs(), Cluster: true}))
	from.Redis("CLUSTER", "SETSLOT", slot, "MIGRATING", to.Redis("CLUSTER", "MYID"))
	to.Redis("CLUSTER", "SETSLOT", slot, "IMPORTING", from.Redis("CLUSTER", "MYID"))

	mustAdd(t, s, key, "one", time.Hour) // ASK
	if got := to.Redis("CLUSTER", "COUNTKEYSINSLOT", slot); got != "1" {
		t.Errorf("the new node has %s keys of the slot", got)
	}
	_, v, err := s.Get(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), key, []byte("two"), v, time.Hour); err != nil {
		t.Errorf("swap while the slot moves: %v", err)
	}
	for _, n := range []*servertest.Server{to, from, cluster.Masters[2]} {
		n.Redis("CLUSTER", "SETSLOT", slot, "NODE", to.Redis("CLUSTER", "MYID"))
	}
	_, v, err = s.Get(t.Context(), key) // MOVED
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Swap(t.Context(), key, []byte("three"), v, time.Hour); err != nil {
		t.Errorf("swap after the slot has moved: %v", err)
	}
	if got, _, err := s.Get(t.Context(), key); err != nil || string(got) != "three" {
		t.Errorf("get: %q, %v", got, err)
	}
}

func mustAdd(t *testing.T, s session.Store, key, value string, ttl time.Duration) {
	t.Helper()
	if err := s.Add(t.Context(), key, []byte(value), ttl); err != nil {
		t.Fatalf("add: %v", err)
	}
}

func TestAStoreMayBeClosedMoreThanOnce(t *testing.T) {
	s := openAt(t, servertest.Redis(t).Addr())
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	}
	if err := s.Ping(t.Context()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("Ping after it: %v", err)
	}
}
