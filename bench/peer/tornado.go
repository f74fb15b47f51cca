package peer

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"

	"github.com/bradfitz/gomemcache/memcache"
	"github.com/tinylib/msgp/msgp"

	"github.com/sessiongen/sessiongen/bench/model"
)

var errWrongValue = errors.New("wrong value")

// Tornado returns the protocol of the Python project that sessiongen grew out of, in Go: each request opens a
// connection, gets the session and writes the same bytes back to slide its expiry (replace); a save is a set. Values
// are in the fastest codec at hand, msgp's generated one, not in pickle, so that what is measured is the protocol. It
// renews nothing, so it has no Login.
func Tornado(addr string, shape Shape) Contender {
	t := &tornado{server: new(memcache.ServerList)}
	if err := t.server.SetServers(addr); err != nil {
		panic(err) // the address of a server that has just been started
	}
	size := newStore(addr)
	c := Contender{Name: "Tornado protocol", Forge: forgeEnd, Size: size.lastSize}
	if shape == Two {
		serve(&c, t, size, model.SmallSample(), func(v *model.Small) (*string, *int64) { return &v.Name, &v.Visits })
	} else {
		serve(&c, t, size, model.Sample(), func(v *model.Session) (*string, *int64) { return &v.Name, &v.Visits })
	}
	return c
}

type codec[V any] interface {
	*V
	msgp.Marshaler
	msgp.Unmarshaler
}

func serve[V any, P codec[V]](c *Contender, t *tornado, made *store, sample V, fields func(*V) (name *string, visits *int64)) {
	c.Read = func(want string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			var v V
			conn, _, err := t.load(r, P(&v))
			conn.close()
			if name, _ := fields(&v); err != nil || *name != want {
				fail(w, err)
				return
			}
			answer(w)
		})
	}
	c.Write = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var v V
		conn, id, err := t.load(r, P(&v))
		defer conn.close()
		name, visits := fields(&v)
		if err != nil || *name == "" {
			fail(w, err)
			return
		}
		*visits++
		value, err := P(&v).MarshalMsg(nil)
		if err == nil {
			err = conn.client.Set(&memcache.Item{Key: id, Value: value, Expiration: exptime})
		}
		if err != nil {
			fail(w, err)
			return
		}
		answer(w)
	})
	c.Create = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var random [16]byte
		_, _ = rand.Read(random[:]) // never fails: see crypto/rand
		id := hex.EncodeToString(random[:])
		value, err := P(&sample).MarshalMsg(nil)
		if err == nil {
			err = made.set(id, value, idleTimeout)
		}
		if err != nil {
			fail(w, err)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "session", Value: id + "." + signature(id)})
		answer(w)
	})
}

type tornado struct{ server *memcache.ServerList }

// tornadoConn is a connection for one request; the zero one is none.
type tornadoConn struct{ client *memcache.Client }

func (c tornadoConn) close() {
	if c.client != nil {
		_ = c.client.Close()
	}
}

// load fills v with the request's session, if there is one.
func (t *tornado) load(r *http.Request, v msgp.Unmarshaler) (tornadoConn, string, error) {
	cookie, err := r.Cookie("session")
	if err != nil {
		return tornadoConn{}, "", nil
	}
	id, sum, _ := strings.Cut(cookie.Value, ".")
	if !hmac.Equal([]byte(sum), []byte(signature(id))) {
		return tornadoConn{}, "", nil
	}
	conn := tornadoConn{memcache.NewFromSelector(t.server)}
	conn.client.Timeout = clientTime
	item, err := conn.client.Get(id)
	if err != nil {
		return conn, id, err
	}
	item.Expiration = exptime
	if err := conn.client.Replace(item); err != nil {
		return conn, id, err
	}
	_, err = v.UnmarshalMsg(item.Value)
	return conn, id, err
}

func signature(id string) string {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(id))
	return hex.EncodeToString(h.Sum(nil))
}
