package peer

import (
	"encoding/gob"
	"net/http"
	"time"

	"github.com/alexedwards/scs/v2"
	"github.com/alexedwards/scs/v2/memstore"

	"github.com/sessiongen/sessiongen/bench/model"
)

// RegisterGob tells encoding/gob the types that go into maps of values.
func RegisterGob() {
	gob.Register([]model.Item{})
	gob.Register(time.Time{})
}

// SCS returns github.com/alexedwards/scs on a memcached, with its default codec. With an IdleTimeout it writes at each
// request.
func SCS(addr string, shape Shape, idle bool) Contender {
	s := newStore(addr)
	name := "scs"
	if idle {
		name = "scs, IdleTimeout"
	}
	c := scsIn(name, s, shape, idle)
	c.Size = s.lastSize
	return c
}

// SCSInMemory returns scs on the memory store that comes with it.
func SCSInMemory(shape Shape) Contender {
	return scsIn("scs, memory store", memstore.NewWithCleanupInterval(0), shape, false)
}

func scsIn(name string, store scs.Store, shape Shape, idle bool) Contender {
	m := scs.New()
	m.Store = store
	m.Lifetime = lifetime
	m.Cookie.Secure = true
	m.Cookie.Persist = false
	if idle {
		m.IdleTimeout = idleTimeout
	}
	handle := func(f func(r *http.Request) bool) http.Handler {
		return m.LoadAndSave(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if !f(r) {
				fail(w, nil)
				return
			}
			answer(w)
		}))
	}
	put := func(r *http.Request, values map[string]any) bool {
		for key, value := range values {
			m.Put(r.Context(), key, value)
		}
		return true
	}
	return Contender{
		Name: name,
		Read: func(want string) http.Handler {
			return handle(func(r *http.Request) bool { return m.GetString(r.Context(), "name") == want })
		},
		Write: handle(func(r *http.Request) bool {
			ctx := r.Context()
			m.Put(ctx, "visits", m.GetInt64(ctx, "visits")+1)
			return m.GetString(ctx, "name") != ""
		}),
		Create:    handle(func(r *http.Request) bool { return put(r, shape.values()) }),
		Anonymous: handle(func(r *http.Request) bool { return put(r, shape.anonymous()) }),
		Login: handle(func(r *http.Request) bool {
			return m.RenewToken(r.Context()) == nil && put(r, shape.login())
		}),
		Forge: forgeEnd,
		Size:  func() int { return 0 },
	}
}
