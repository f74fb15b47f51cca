//go:build unix

package redis_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/servertest"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/redis"
)

// site is one visitor of a site whose sessions live in server.
type site struct {
	sessions *fixture.Sessions
	log      bytes.Buffer
	cookies  []*http.Cookie
}

func newSite(t *testing.T, s session.Store, saveTimeout time.Duration) *site {
	t.Helper()
	v := new(site)
	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	var err error
	v.sessions, err = fixture.NewSessions(s, session.Config{
		Secrets: [][]byte{secret}, SaveTimeout: saveTimeout, Logger: slog.New(slog.NewTextHandler(&v.log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// visit loads the visitor's session, changes it and saves it.
func (v *site) visit(t *testing.T, change func(*fixture.Session)) (*fixture.Session, error) {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	s, err := v.sessions.Load(w, r)
	if err != nil {
		t.Fatalf("load: %v", err)
	}
	change(s)
	err = s.Save()
	if set := w.Result().Cookies(); len(set) > 0 {
		v.cookies = set
	}
	return s, err
}

func TestARedisWithoutScriptsRefusesASaveAtOnceAndPingSaysWhy(t *testing.T) {
	for name, server := range map[string]*servertest.Server{
		"EVALSHA renamed away": servertest.Redis(t, "--rename-command", "EVALSHA", ""),
		"EVAL renamed away":    servertest.Redis(t, "--rename-command", "EVAL", ""),
		"no right to EVALSHA":  servertest.Redis(t, "--user", "default", "on", "nopass", "~*", "+@all", "-evalsha"),
		"no right to EVAL":     servertest.Redis(t, "--user", "default", "on", "nopass", "~*", "+@all", "-eval"),
	} {
		t.Run(name, func(t *testing.T) {
			store := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
			const saveTimeout = time.Hour // a save that tries until then does not end
			v := newSite(t, store, saveTimeout)
			if _, err := v.visit(t, func(s *fixture.Session) { s.SetLastSeen(time.Now()) }); err != nil {
				t.Fatalf("a new session needs no script: %v", err)
			}
			_, err := v.visit(t, func(s *fixture.Session) { s.AddVisits(1) })
			if !errors.Is(err, session.ErrUnavailable) || errors.Is(err, session.ErrUnknown) {
				t.Errorf("save: %v, want session.ErrUnavailable alone", err)
			}
			err = store.Ping(t.Context())
			if !errors.Is(err, session.ErrUnavailable) || !strings.Contains(strings.ToLower(err.Error()), "eval") {
				t.Errorf("ping: %v, want what is missing", err)
			}
		})
	}
}

func TestARedisThatIsBusyWithAScriptRefuses(t *testing.T) {
	server := servertest.Redis(t, "--lua-time-limit", "1")
	store := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
	mustAdd(t, store, "k", "one", time.Hour)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = server.TryRedis("EVAL", "while true do end", "0")
	}()
	servertest.Eventually(t, "it is busy", func() bool {
		_, err := server.TryRedis("GET", "k")
		return err != nil && strings.HasPrefix(err.Error(), "BUSY")
	})
	refuses(t, store, "BUSY")
	server.Redis("SCRIPT", "KILL")
	<-ended
}

// foreignValues are commands that put under KEY what is no record.
func foreignValues() map[string][]string {
	return map[string][]string{
		"nothing":      {"SET", "KEY", ""},
		"too short":    {"SET", "KEY", "x"},
		"one too few":  {"SET", "KEY", strings.Repeat("x", 15)},
		"just as long": {"SET", "KEY", strings.Repeat("x", 16)},
		"other bytes":  {"SET", "KEY", strings.Repeat("foreign", 100)},
		"a number":     {"SET", "KEY", "12345678901"},
		"a list":       {"RPUSH", "KEY", "a", "b"},
		"a hash":       {"HSET", "KEY", "a", "b"},
	}
}

// Whoever put it there: it is no record, and its session has ended, as it has in memcached.
func TestAValueThatIsNoRecordIsASessionThatHasEnded(t *testing.T) {
	server := servertest.Redis(t)
	for name, command := range foreignValues() {
		t.Run(name, func(t *testing.T) {
			server.Redis("FLUSHALL")
			store := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
			v := newSite(t, store, time.Minute)
			if _, err := v.visit(t, func(s *fixture.Session) { s.SetUserName("Ann") }); err != nil {
				t.Fatal(err)
			}
			key := server.Redis("KEYS", "*")
			replace(server, key, command)
			_, err := v.visit(t, func(s *fixture.Session) {
				if s.HasUserName() || !s.Meta().New {
					t.Errorf("the session goes on: %v", s)
				}
				s.SetUserName("Bea")
			})
			if err != nil {
				t.Errorf("save: %v", err)
			}
			if !strings.Contains(v.log.String(), "has ended") {
				t.Errorf("not logged: %q", v.log.String())
			}
			if s, _ := v.visit(t, func(*fixture.Session) {}); s.UserName() != "Bea" {
				t.Errorf("the next session is %v", s)
			}
			if got := server.Redis("TYPE", key); got == "none" {
				t.Error("what was there is gone")
			}

			// Whoever goes on under the same key writes over it, once.
			_, version, err := store.Get(t.Context(), key)
			if err != nil {
				t.Fatalf("get: %v", err)
			}
			if err := store.Add(t.Context(), key, []byte("one"), time.Hour); !errors.Is(err, session.ErrExists) {
				t.Errorf("add: %v", err)
			}
			if err := store.Swap(t.Context(), key, []byte("one"), version, time.Hour); err != nil {
				t.Errorf("swap: %v", err)
			}
			if err := store.Swap(t.Context(), key, []byte("two"), version, time.Hour); !errors.Is(err, session.ErrStale) {
				t.Errorf("second swap: %v", err)
			}
			if got, _, err := store.Get(t.Context(), key); err != nil || string(got) != "one" {
				t.Errorf("get: %q, %v", got, err)
			}
			if err := store.Delete(t.Context(), key); err != nil {
				t.Errorf("delete: %v", err)
			}
			if err := store.Swap(t.Context(), key, []byte("two"), version, time.Hour); !errors.Is(err, session.ErrNotFound) {
				t.Errorf("swap of what is gone: %v", err)
			}
		})
	}
}

// A request that had loaded its session learns of it too, and no call takes it for an outage.
func TestAValueThatIsNoRecordEndsASessionThatIsLoaded(t *testing.T) {
	server := servertest.Redis(t)
	store := open(t, patient(redis.Options{Addrs: []string{server.Addr()}}))
	v := newSite(t, store, time.Minute)
	calls := map[string]func(*fixture.Session) error{
		"save":  func(s *fixture.Session) error { s.AddVisits(1); return s.Save() },
		"renew": func(s *fixture.Session) error { s.Renew(); return s.Save() },
		"count": func(s *fixture.Session) error { _, err := s.CountVisits(1); return err },
	}
	for name, command := range foreignValues() {
		for call, do := range calls {
			t.Run(call+" over "+name, func(t *testing.T) {
				key, loaded := v.begin(t, server)
				replace(server, key, command)
				if err := do(loaded); !errors.Is(err, session.ErrGone) {
					t.Errorf("%v, want session.ErrGone", err)
				}
			})
		}
		t.Run("take and destroy over "+name, func(t *testing.T) {
			key, loaded := v.begin(t, server)
			replace(server, key, command)
			if err := store.Touch(t.Context(), key, time.Hour); err != nil {
				t.Errorf("touch: %v", err)
			}
			if notice, ok := loaded.TakeNotice(); ok {
				t.Errorf("take: %q", notice)
			}
			if err := loaded.Destroy(); err != nil {
				t.Errorf("destroy: %v", err)
			}
		})
	}
}

// begin gives the visitor the only session that there is, and returns its key and the session as a request loads it.
func (v *site) begin(t *testing.T, server *servertest.Server) (key string, loaded *fixture.Session) {
	t.Helper()
	server.Redis("FLUSHALL")
	v.cookies = nil
	if _, err := v.visit(t, func(s *fixture.Session) { s.SetUserName("Ann"); s.SetNotice("hello") }); err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest("GET", "/", nil)
	for _, c := range v.cookies {
		r.AddCookie(c)
	}
	loaded, err := v.sessions.Load(httptest.NewRecorder(), r)
	if err != nil || !loaded.HasUserName() {
		t.Fatalf("load: %v, %v", loaded, err)
	}
	return server.Redis("KEYS", "*"), loaded
}

// replace puts what command says under key.
func replace(server *servertest.Server, key string, command []string) {
	server.Redis("DEL", key)
	server.Redis(append([]string{command[0], key}, command[2:]...)...)
}
