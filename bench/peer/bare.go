package peer

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"net/http"
	"time"

	"github.com/bradfitz/gomemcache/memcache"

	"github.com/sessiongen/sessiongen/runtime/session"
)

// Bare is the floor: the client's calls alone, on a value as long as sessiongen's, with the whole Cookie header for the
// key. It knows no names and takes any cookie for good.
func Bare(addr string, size int) Contender {
	client := memcache.New(addr)
	client.MaxIdleConns = poolSize
	client.Timeout = clientTime
	return floor("bare gomemcache", size,
		func(key string, size int) error {
			return client.Set(&memcache.Item{Key: key, Value: make([]byte, size), Expiration: exptime})
		},
		func(key string) error {
			_, err := client.Get(key)
			return err
		},
		func(key string) error {
			item, err := client.Get(key)
			if err != nil {
				return err
			}
			return client.CompareAndSwap(item)
		},
		func(key, next string) error {
			item, err := client.Get(key)
			if err != nil {
				return err
			}
			if err := client.Add(&memcache.Item{Key: next, Value: item.Value, Expiration: exptime}); err != nil {
				return err
			}
			return client.CompareAndSwap(item)
		})
}

const exptime = int32(idleTimeout / time.Second)

// BareStore is the floor of sessiongen's store in memory: its calls alone.
func BareStore(store session.Store, size int) Contender {
	ctx := context.Background()
	return floor("bare memory store", size,
		func(key string, size int) error { return store.Add(ctx, key, make([]byte, size), idleTimeout) },
		func(key string) error {
			_, _, err := store.Get(ctx, key)
			return err
		},
		func(key string) error {
			value, v, err := store.Get(ctx, key)
			if err != nil {
				return err
			}
			return store.Swap(ctx, key, value, v, idleTimeout)
		},
		func(key, next string) error {
			value, v, err := store.Get(ctx, key)
			if err != nil {
				return err
			}
			if err := store.Add(ctx, next, value, idleTimeout); err != nil {
				return err
			}
			return store.Swap(ctx, key, value, v, idleTimeout)
		})
}

func floor(name string, size int, add func(key string, size int) error, get, swap func(key string) error, renew func(key, next string) error) Contender {
	key := func(r *http.Request) string {
		if cookie := r.Header["Cookie"]; len(cookie) > 0 {
			return cookie[0]
		}
		return ""
	}
	handler := func(do func(r *http.Request) error) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if err := do(r); err != nil {
				fail(w, err)
				return
			}
			answer(w)
		})
	}
	const keySize = 43 // as long as sessiongen's
	create := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		key := rand.Text() + rand.Text()[:keySize-26]
		if err := add(key, size); err != nil {
			fail(w, err)
			return
		}
		w.Header().Set("Set-Cookie", key)
		answer(w)
	})
	return Contender{
		Name:      name,
		Read:      func(string) http.Handler { return handler(func(r *http.Request) error { return get(key(r)) }) },
		Write:     handler(func(r *http.Request) error { return swap(key(r)) }),
		Create:    create,
		Anonymous: create,
		Login:     handler(func(r *http.Request) error { return renew(key(r), key(r)[1:]+"n") }),
		Size:      func() int { return size },
	}
}

// HMAC is the floor of a forged cookie: one HMAC-SHA256, keyed anew, over as many bytes as sessiongen signs, and its
// comparison.
func HMAC() Contender {
	signed := make([]byte, 43)
	sum := make([]byte, sha256.Size)
	return Contender{
		Name: "hmac.New and verify",
		Read: func(string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				h := hmac.New(sha256.New, secret)
				h.Write(signed)
				if hmac.Equal(h.Sum(nil), sum) {
					fail(w, nil)
					return
				}
				answer(w)
			})
		},
	}
}

// Nothing is a handler without any session.
func Nothing() Contender {
	h := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answer(w) })
	return Contender{Name: "no session", Read: func(string) http.Handler { return h }, Write: h, Create: h}
}
