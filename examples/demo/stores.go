package demo

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/file"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// An Open opens the store at a URL, and says where that is.
type Open func(url *url.URL) (store session.Store, where string, err error)

// Stores are the flags that say where sessions are kept: at one of these, or at Default.
type Stores struct {
	Default   string          // a URL as -store takes it; empty is memory:
	Databases map[string]Open // stores that need a driver, by the scheme of their URLs

	url           string
	file          string
	memcached     []string
	redis         string
	redisCluster  []string
	redisSentinel string
}

// Register adds the flags to a program's.
func (f *Stores) Register(flags *flag.FlagSet) {
	set := func(name, usage string, take func(string)) {
		flags.Func(name, usage, func(text string) error {
			if text == "" { // of a variable that is not set, and no wish to lose all sessions with the process
				return errors.New("it is empty")
			}
			take(text)
			return nil
		})
	}
	one := func(to *string) func(string) { return func(text string) { *to = text } }
	more := func(to *[]string) func(string) { return func(text string) { *to = append(*to, text) } }
	set("store", "keep sessions at this `URL`: memory:, file:sessions.db, memcached://host:port,host:port, what -redis takes, or a database's", one(&f.url))
	set("file", "keep sessions in the file at this `path`", one(&f.file))
	set("memcached", "keep sessions on the memcached at this `address`; repeat it for more nodes", more(&f.memcached))
	set("redis", "keep sessions in the Redis at this `address` or URL", one(&f.redis))
	set("redis-cluster", "keep sessions in the Redis Cluster that the node at this `address` belongs to; repeat it for more nodes",
		more(&f.redisCluster))
	set("redis-sentinel", "keep sessions in the Redis that Sentinels watch: `master@address,address`", one(&f.redisSentinel))
}

// Open returns the store and, for the person at the terminal, where it is.
func (f *Stores) Open() (store session.Store, where string, err error) {
	given := 0
	for _, is := range []bool{f.url != "", f.file != "", len(f.memcached) > 0, f.redis != "", len(f.redisCluster) > 0, f.redisSentinel != ""} {
		if is {
			given++
		}
	}
	switch {
	case given > 1:
		return nil, "", errors.New("sessions are kept in one place: choose one of -store, -file, -memcached, -redis, -redis-cluster and -redis-sentinel")
	case f.url != "":
		return f.openURL(f.url)
	case f.file != "":
		store, err = file.Open(f.file)
		where = "in the file " + f.file
	case f.memcached != nil:
		store, err = memcached.New(f.memcached...)
		where = "in memcached at " + strings.Join(f.memcached, ", ")
	case f.redis != "":
		store, err = redis.New(f.redis)
		where = "in Redis at " + withoutPassword(f.redis)
	case f.redisCluster != nil:
		store, err = redis.NewWithOptions(redis.Options{Cluster: true, Addrs: f.redisCluster})
		where = "in the Redis Cluster of " + strings.Join(f.redisCluster, ", ")
	case f.redisSentinel != "":
		master, addrs, ok := strings.Cut(f.redisSentinel, "@")
		if !ok || master == "" {
			return nil, "", errors.New("-redis-sentinel wants master@address,address")
		}
		store, err = redis.NewWithOptions(redis.Options{MasterName: master, Addrs: strings.Split(addrs, ",")})
		where = "in Redis, on the master that the Sentinels at " + addrs + " call " + master
	case f.Default != "":
		return f.openURL(f.Default)
	default:
		store, where = memory.New(), "in memory"
	}
	if err != nil {
		return nil, "", err
	}
	return store, where, nil
}

// Describe says where sessions are kept, and of a store that does not answer why. That is no error: the site starts, and
// says that it is busy until the store is there.
func Describe(ctx context.Context, store session.Store, where string) string {
	text := "Sessions are kept " + where
	if p, ok := store.(interface{ Ping(context.Context) error }); ok {
		if err := p.Ping(ctx); err != nil {
			return text + ", which does not answer: " + strings.ReplaceAll(err.Error(), "\n", "; ")
		}
	}
	return text + "."
}

// openURL returns the store that a URL names.
func (f *Stores) openURL(text string) (session.Store, string, error) {
	scheme, rest, ok := strings.Cut(text, ":")
	scheme = strings.ToLower(scheme)
	rest = strings.TrimPrefix(rest, "//")
	var other Stores
	switch open := f.Databases[scheme]; {
	case open != nil:
		u, err := url.Parse(text)
		if err != nil {
			return nil, "", errors.New("-store: this is no URL") // err has the password in it
		}
		store, where, err := open(u)
		if err != nil {
			return nil, "", fmt.Errorf("-store %s: %w", scheme, err)
		}
		return store, where, nil
	case !ok:
		return nil, "", errors.New("-store wants a URL, as redis://host:port")
	case scheme == "memory":
	case scheme == "file" && rest != "":
		other.file = rest
	case scheme == "memcached" && rest != "":
		other.memcached = strings.Split(rest, ",")
	case scheme == "unix" || scheme == "redis" || scheme == "rediss" || strings.HasPrefix(scheme, "redis-") || strings.HasPrefix(scheme, "rediss-"):
		other.redis = scheme + "://" + rest
	case slices.Contains([]string{"postgres", "postgresql", "mysql", "sqlite"}, scheme):
		return nil, "", fmt.Errorf("-store %s: needs a database driver, which this program does not carry: examples/login/sql does", scheme)
	default:
		return nil, "", fmt.Errorf("-store: no store for %q: memory:, file:PATH, memcached://host:port, redis://host:port; with the drivers of examples/login/sql also postgres://, mysql:// and sqlite:PATH", scheme+":")
	}
	return other.Open()
}

func withoutPassword(address string) string {
	if u, err := url.Parse(address); err == nil {
		return u.Redacted()
	}
	return address
}
