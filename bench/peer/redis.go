package peer

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"net/http"

	"github.com/alexedwards/scs/redisstore"
	"github.com/boj/redistore"
	redigo "github.com/gomodule/redigo/redis"
	"github.com/gorilla/sessions"
	goredis "github.com/redis/go-redis/v9"

	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// OursOnRedis returns sessiongen on a Redis.
func OursOnRedis(addr string, shape Shape) ([]Contender, error) {
	store, err := redis.NewWithOptions(redis.Options{
		Addrs: []string{addr}, PoolSize: poolSize, Timeout: clientTime, IOBudget: clientTime,
	})
	if err != nil {
		return nil, err
	}
	return OursIn(store, shape)
}

// The least compare-and-swap: it tells a version by the first bytes of the value.
const (
	redisSwap     = `if redis.call('GETRANGE', KEYS[1], 0, 15) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) return 1`
	redisSwapSize = 16
)

// BareRedis is the floor on Redis, with values as long as sessiongen's: go-redis alone. swaps says how a W writes: by
// the least compare-and-swap, which on Redis is a script, or by a Set that overwrites whatever is there.
func BareRedis(addr string, size int, swaps bool) Contender {
	client := goredis.NewClient(&goredis.Options{
		Addr: addr, PoolSize: poolSize, MaxIdleConns: poolSize,
		DialTimeout: clientTime, ReadTimeout: clientTime, WriteTimeout: clientTime,
	})
	ctx := context.Background()
	sum := sha1.Sum([]byte(redisSwap))
	name := hex.EncodeToString(sum[:])
	put := func(key string, value []byte) error { return client.Set(ctx, key, value, idleTimeout).Err() }
	swap := func(key string, value []byte) error {
		return client.EvalSha(ctx, name, []string{key}, value[:redisSwapSize], value, idleTimeout.Milliseconds()).Err()
	}
	c := floor("bare go-redis", size+redisSwapSize,
		func(key string, size int) error {
			if err := client.ScriptLoad(ctx, redisSwap).Err(); err != nil {
				return err
			}
			return put(key, make([]byte, size))
		},
		func(key string) error { return client.Get(ctx, key).Err() },
		func(key string) error {
			value, err := client.Get(ctx, key).Bytes()
			switch {
			case err != nil:
				return err
			case swaps:
				return swap(key, value)
			}
			return put(key, value)
		}, nil)
	c.Login = nil
	if !swaps {
		c.Name = "bare go-redis, Set"
	}
	return c
}

func redigoPool(addr string) *redigo.Pool {
	return &redigo.Pool{MaxIdle: poolSize, Dial: func() (redigo.Conn, error) {
		return redigo.Dial("tcp", addr, redigo.DialConnectTimeout(clientTime),
			redigo.DialReadTimeout(clientTime), redigo.DialWriteTimeout(clientTime))
	}}
}

// SCSOnRedis returns scs on its own store for Redis.
func SCSOnRedis(addr string, shape Shape) Contender {
	return scsIn("scs, redisstore", redisstore.New(redigoPool(addr)), shape, false)
}

// GorillaOnRedis returns gorilla/sessions on boj/redistore, as its README has it.
func GorillaOnRedis(addr string, shape Shape) (Contender, error) {
	store, err := redistore.NewRediStoreWithPool(redigoPool(addr), secret)
	if err != nil {
		return Contender{}, err
	}
	store.SetMaxLength(1 << 20)
	store.SetMaxAge(int(lifetime.Seconds()))
	store.Options.Secure, store.Options.HttpOnly, store.Options.SameSite = true, true, http.SameSiteLaxMode
	c := gorillaIn("gorilla, redistore", store, shape, func(*sessions.Session) error { return nil })
	c.Login = nil
	return c, nil
}
