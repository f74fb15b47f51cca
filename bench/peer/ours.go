package peer

import (
	"context"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sessiongen/sessiongen/bench/model"
	"github.com/sessiongen/sessiongen/bench/web"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memcached"
)

// Names of sessiongen's own contenders.
const (
	Ours           = "sessiongen"
	OursMiddleware = "sessiongen, Middleware"
	OursObserved   = "sessiongen, observed"
	OursOwned      = "sessiongen, with an owner"
)

// OursOn returns sessiongen on a memcached, once called with Load and once with Middleware and Get.
func OursOn(addr string, shape Shape) ([]Contender, error) {
	store, err := connect(addr)
	if err != nil {
		return nil, err
	}
	return OursIn(store, shape)
}

// OursIn is OursOn in any store.
func OursIn(store session.Store, shape Shape) ([]Contender, error) {
	cfg := config()
	if shape == Two {
		m, err := web.NewSmalls(store, cfg)
		if err != nil {
			return nil, err
		}
		return pair(m, filler[web.Small]{
			visitor: func(s *web.Small) { s.SetVisits(model.SmallSample().Visits) },
			login:   func(s *web.Small) { s.SetName(model.Name) },
		}), nil
	}
	return nine(store, cfg)
}

func nine(store session.Store, cfg session.Config) ([]Contender, error) {
	m, err := web.NewSessions(store, cfg)
	if err != nil {
		return nil, err
	}
	return pair(m, filler[web.Session]{
		visitor: func(s *web.Session) { fillVisitor(s, model.Sample()) },
		login: func(s *web.Session) {
			s.SetUserID(model.Sample().UserID)
			s.SetName(model.Name)
		},
	}), nil
}

// ObservedOn is OursOn with nine fields and an Observer that does nothing.
func ObservedOn(addr string) (Contender, error) {
	store, err := connect(addr)
	if err != nil {
		return Contender{}, err
	}
	cfg := config()
	cfg.Observer = blind{}
	all, err := nine(store, cfg)
	if err != nil {
		return Contender{}, err
	}
	observed := all[0]
	observed.Name = OursObserved
	return observed, nil
}

type blind struct{}

func (blind) Observe(context.Context, session.Event) {}

// OwnedOn returns sessiongen on a memcached, with nine fields of which one says whose the session is. Each login is
// another user's.
func OwnedOn(addr string) (Contender, error) {
	store, err := connect(addr)
	if err != nil {
		return Contender{}, err
	}
	m, err := web.NewOwneds(store, config())
	if err != nil {
		return Contender{}, err
	}
	var user atomic.Int64
	owned := pair(m, filler[web.Owned]{
		visitor: func(s *web.Owned) { fillVisitor(s, model.Sample()) },
		login: func(s *web.Owned) {
			s.SetUserID(model.Sample().UserID + user.Add(1))
			s.SetName(model.Name)
		},
	})[0]
	owned.Name = OursOwned
	return owned, nil
}

func config() session.Config {
	return session.Config{
		Secrets: [][]byte{secret}, IdleTimeout: idleTimeout, Lifetime: lifetime, SaveTimeout: 2 * clientTime,
		Logger: slog.New(slog.DiscardHandler),
	}
}

func connect(addr string) (*memcached.Store, error) {
	return memcached.NewWithOptions(memcached.Options{
		Addrs: []string{addr}, PoolSize: poolSize, Timeout: clientTime, IOBudget: clientTime,
	})
}

// A visitor is a session of nine fields.
type visitor interface {
	SetRoles([]string)
	SetLastSeen(time.Time)
	SetCart([]web.Item)
	SetCSRF([]byte)
	SetVisits(int64)
	SetNotice(string)
	SetLang(string)
}

func fillVisitor(s visitor, v model.Session) {
	s.SetRoles(v.Roles)
	s.SetLastSeen(v.LastSeen)
	s.SetCart(Items(v.Cart))
	s.SetCSRF(v.CSRF)
	s.SetVisits(v.Visits)
	s.SetNotice(v.Notice)
	s.SetLang(v.Lang)
}

// Items are the cart's lines in the schema's own type.
func Items(cart []model.Item) []web.Item {
	items := make([]web.Item, len(cart))
	for i, item := range cart {
		items[i] = web.Item(item)
	}
	return items
}

// typed is what both generated sessions have in common.
type typed[S any] interface {
	*S
	Name() string
	AddVisits(int64)
	Save() error
	Meta() session.Meta
}

// filler sets the sample's fields.
type filler[S any] struct{ visitor, login func(*S) }

func pair[S any, P typed[S]](m *session.Manager[S], fill filler[S]) []Contender {
	var size atomic.Int64
	saving := func(change func(P)) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := m.Load(w, r)
			if err != nil {
				fail(w, err)
				return
			}
			change(s)
			if err := P(s).Save(); err != nil {
				fail(w, err)
				return
			}
			answer(w)
		})
	}
	getting := func(use func(P) bool) http.Handler {
		return m.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := m.Get(r)
			if err != nil || !use(s) {
				fail(w, err)
				return
			}
			answer(w)
		}))
	}
	visit := func(s P) bool {
		if s.Name() == "" {
			return false
		}
		s.AddVisits(1)
		return true
	}
	byLoad := Contender{
		Name: Ours,
		Read: func(want string) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				s, err := m.Load(w, r)
				if err != nil || P(s).Name() != want {
					fail(w, err)
					return
				}
				answer(w)
			})
		},
		Write: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := m.Load(w, r)
			if err != nil || !visit(s) {
				fail(w, err)
				return
			}
			if err := P(s).Save(); err != nil {
				fail(w, err)
				return
			}
			answer(w)
		}),
		Create: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			s, err := m.Load(w, r)
			if err != nil {
				fail(w, err)
				return
			}
			fill.visitor(s)
			fill.login(s)
			if err := P(s).Save(); err != nil {
				fail(w, err)
				return
			}
			size.Store(int64(P(s).Meta().Size))
			answer(w)
		}),
		Anonymous: saving(func(s P) { fill.visitor(s) }),
		Login:     saving(func(s P) { fill.login(s) }),
		Forge:     forgeEnd,
		Size:      func() int { return int(size.Load()) },
	}
	inside := byLoad
	inside.Name = OursMiddleware
	inside.Read = func(want string) http.Handler { return getting(func(s P) bool { return s.Name() == want }) }
	inside.Write = getting(visit)
	inside.Login = getting(func(s P) bool {
		fill.login(s)
		return true
	})
	return []Contender{byLoad, inside}
}

// forgeEnd changes a cookie's signature, which ends its value.
func forgeEnd(cookie string) string {
	const place = 5 // from the end: a whole character of the signature, not what fills up its last one
	i := len(cookie) - place
	return cookie[:i] + strings.Map(func(r rune) rune {
		if r == 'A' {
			return 'B'
		}
		return 'A'
	}, cookie[i:i+1]) + cookie[i+1:]
}
