package session_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func TestABadConfigIsAnErrorThatNamesTheField(t *testing.T) {
	for _, c := range []struct {
		field string
		edit  func(*session.Config)
	}{
		{"Secrets", func(c *session.Config) { c.Secrets = nil }},
		{"Secrets", func(c *session.Config) { c.Secrets = [][]byte{bytes.Repeat([]byte("S"), 31)} }},
		{"Secrets", func(c *session.Config) { c.Secrets = append(c.Secrets, []byte("S")) }},
		{"Secrets", func(c *session.Config) { c.Secrets = [][]byte{make([]byte, 32)} }},
		{"Secrets", func(c *session.Config) { c.Secrets = append(c.Secrets, c.Secrets[0]) }},
		{"IdleTimeout", func(c *session.Config) { c.IdleTimeout = -1 }},
		{"IdleTimeout", func(c *session.Config) { c.IdleTimeout = 30 }},
		{"IdleTimeout", func(c *session.Config) { c.IdleTimeout = time.Second - 1 }},
		{"IdleTimeout", func(c *session.Config) { c.Cookie.Persistent = true }},
		{"IdleTimeout", func(c *session.Config) { c.Lifetime, c.Cookie.Persistent = 30*24*time.Hour, true }},
		{"Lifetime", func(c *session.Config) { c.Lifetime = 12 }},
		{"Lifetime", func(c *session.Config) { c.Lifetime = -1 }},
		{"Anonymous.Idle", func(c *session.Config) { c.Anonymous.Idle = 30 }},
		{"Anonymous.Lifetime", func(c *session.Config) { c.Anonymous.Lifetime = -1 }},
		{"Anonymous.Idle", func(c *session.Config) { // no more than the rule's has anybody set it
			c.Lifetime, c.Anonymous.Lifetime, c.Cookie.Persistent = 20*time.Minute, time.Hour, true
		}},
		{"Remembered.Idle", func(c *session.Config) { c.Remembered.Idle = 30 }},
		{"Remembered.Idle", func(c *session.Config) { c.Remembered.Idle = 29 * time.Minute }},
		{"Remembered.Idle", func(c *session.Config) { c.IdleTimeout, c.Remembered.Idle = session.NoTimeout, 11*time.Hour }},
		{"Remembered.Lifetime", func(c *session.Config) { c.Remembered.Lifetime = 11 * time.Hour }},
		{"SaveTimeout", func(c *session.Config) { c.SaveTimeout = -1 }},
		{"SaveTimeout", func(c *session.Config) { c.SaveTimeout = 1000 }}, // nanoseconds, and somebody meant milliseconds
		{"MaxSize", func(c *session.Config) { c.MaxSize = -1 }},
		{"KeyPrefix", func(c *session.Config) { c.KeyPrefix = "my shop" }},
		{"KeyPrefix", func(c *session.Config) { c.KeyPrefix = "shöp" }},
		{"KeyPrefix", func(c *session.Config) { c.KeyPrefix = "shop\n" }},
		{"KeyPrefix", func(c *session.Config) { c.KeyPrefix = "shop\x7f" }},
		{"KeyPrefix", func(c *session.Config) { c.KeyPrefix = strings.Repeat("p", 250-42) }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name = "a b" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name = "a=b" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name = "a;b" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name = strings.Repeat("n", 44) }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name, c.Cookie.Domain = "__Host-s", "example.org" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name, c.Cookie.Path = "__Host-s", "/shop" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name, c.Cookie.Path = "__HOST-s", "/shop" }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name, c.Cookie.Insecure = "__Host-s", true }},
		{"Cookie.Name", func(c *session.Config) { c.Cookie.Name, c.Cookie.Insecure = "__secure-s", true }},
		{"Cookie.SameSite", func(c *session.Config) { c.Cookie.SameSite, c.Cookie.Insecure = http.SameSiteNoneMode, true }},
		{"Cookie.SameSite", func(c *session.Config) { c.Cookie.SameSite = 99 }},
		{"Cookie.Partitioned", func(c *session.Config) { c.Cookie.Partitioned, c.Cookie.Insecure = true, true }},
		{"Cookie.Partitioned", func(c *session.Config) { c.Cookie.Partitioned = true }},
		{"Cookie.Partitioned", func(c *session.Config) {
			c.Cookie.Partitioned, c.Cookie.SameSite = true, http.SameSiteStrictMode
		}},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "shop" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a;b" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a/../b" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/./b" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/%2e%2e/x" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/%2E/x" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/.%2e" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a/%2E." }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a%zz" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a b" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/a?b" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/süd" }},
		{"Cookie.Path", func(c *session.Config) { c.Cookie.Path = "/" + strings.Repeat("a", 1024) }},
		{"Domain", func(c *session.Config) { c.Cookie.Domain = "exa mple.org" }},
		{"Cookie.Domain", func(c *session.Config) { c.Cookie.Domain = "example.org." }},
		{"Cookie.Domain", func(c *session.Config) { c.Cookie.Domain = "localhost" }},
		{"Cookie.Domain", func(c *session.Config) { c.Cookie.Domain = ".org" }},
	} {
		s := newLab(t)
		m, err := fixture.NewSessions(s.store, s.config(c.edit))
		if err == nil || m != nil || !strings.Contains(err.Error(), c.field) {
			t.Errorf("%s: error %v", c.field, err)
			continue
		}
		if strings.Contains(err.Error(), "SSS") || strings.Contains(err.Error(), "kkk") {
			t.Errorf("the error shows a secret: %v", err)
		}
	}
	if _, err := fixture.NewSessions(nil, newLab(t).config()); err == nil {
		t.Error("no Store is accepted")
	}
}

func TestAPathMayHaveDotsThatBrowsersKeep(t *testing.T) {
	for _, path := range []string{"/.well-known", "/%2ewell-known", "/a.%2eb", "/...", "/%252e%252e", "/a%20b/"} {
		s := newLab(t)
		if _, err := fixture.NewSessions(s.store, s.config(func(c *session.Config) { c.Cookie.Path = path })); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestTimeoutsThatNobodySetFollowTheRule(t *testing.T) {
	type times = session.Timeouts
	for name, c := range map[string]struct {
		edit                  func(*session.Config)
		anonymous, remembered times
	}{
		"nothing": {
			func(*session.Config) {}, times{30 * time.Minute, 12 * time.Hour}, times{14 * day, 30 * day},
		},
		"a short rule": {
			func(c *session.Config) { c.IdleTimeout, c.Lifetime = time.Second, time.Minute },
			times{time.Second, time.Minute}, times{14 * day, 30 * day},
		},
		"a long rule": {
			func(c *session.Config) { c.IdleTimeout, c.Lifetime = 20*day, 60*day }, times{20 * day, 60 * day}, times{20 * day, 60 * day},
		},
		"a rule without an idle timeout": {
			func(c *session.Config) { c.IdleTimeout, c.Lifetime = session.NoTimeout, 20*day },
			times{20 * day, 20 * day}, times{20 * day, 30 * day},
		},
		"one of two": {
			func(c *session.Config) { c.Anonymous.Idle, c.Remembered.Lifetime = time.Minute, 90*day },
			times{time.Minute, 12 * time.Hour}, times{14 * day, 90 * day},
		},
		"anonymous sessions that live longer": { // a cart, say
			func(c *session.Config) { c.Anonymous = times{20 * day, 20 * day} }, times{20 * day, 20 * day}, times{14 * day, 30 * day},
		},
		"no more than Lifetime allows": {
			func(c *session.Config) { c.Anonymous.Idle, c.Remembered.Idle = session.NoTimeout, session.NoTimeout },
			times{12 * time.Hour, 12 * time.Hour}, times{30 * day, 30 * day},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, c.edit)
			for _, kind := range []struct {
				change func(*fixture.Session)
				want   times
			}{{visitOnce, c.anonymous}, {loginRemembered, c.remembered}} {
				g := new(guest)
				s.visit(g, kind.change)
				x, _ := s.load(g)
				if got := x.Meta().Expires.Sub(s.clock.Now()); got != kind.want.Idle {
					t.Errorf("idle for %v, want %v", got, kind.want.Idle)
				}
				for left := kind.want.Lifetime - 1; left > 0; left -= min(left, kind.want.Idle-1) {
					s.clock.advance(min(left, kind.want.Idle-1))
					x, _ = s.load(g)
				}
				if got := x.Meta().Expires.Sub(s.clock.Now()); got != 1 {
					t.Errorf("a moment before the end of its Lifetime of %v: %v left", kind.want.Lifetime, got)
				}
			}
		})
	}
}

func TestASchemaWithoutAnIdentityIsRefused(t *testing.T) {
	s := newLab(t)
	m, err := session.NewManager(s.store, s.config(), session.Schema[loose]{Name: "Session"})
	if err == nil || m != nil || !strings.Contains(err.Error(), "go generate") {
		t.Errorf("%v, %v", m, err)
	}
}

func TestKeyPrefixesStandBeforeEveryKeyAndMayFillAMemcachedKey(t *testing.T) {
	prefix := strings.Repeat("p", 250-43)
	s := newLab(t, func(c *session.Config) { c.KeyPrefix = prefix })
	s.known()
	for key := range s.store.records {
		if !strings.HasPrefix(key, prefix) || len(key) > 250 {
			t.Errorf("key %q", key)
		}
	}
}

func TestTheCookieSaysWhatTheConfigSays(t *testing.T) {
	for _, c := range []struct {
		name string
		edit func(*session.Cookie)
		want string // after the value
	}{
		{"__Host-session", func(*session.Cookie) {}, "; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"__Secure-session", func(c *session.Cookie) { c.Domain = "example.org" },
			"; Path=/; Domain=example.org; HttpOnly; Secure; SameSite=Lax"},
		{"__Secure-session", func(c *session.Cookie) { c.Path = "/shop" }, "; Path=/shop; HttpOnly; Secure; SameSite=Lax"},
		{"session", func(c *session.Cookie) { c.Insecure = true }, "; Path=/; HttpOnly; SameSite=Lax"},
		{"__Host-session", func(c *session.Cookie) { c.SameSite = http.SameSiteStrictMode },
			"; Path=/; HttpOnly; Secure; SameSite=Strict"},
		{"__Host-session", func(c *session.Cookie) { c.SameSite, c.Partitioned = http.SameSiteNoneMode, true },
			"; Path=/; HttpOnly; Secure; SameSite=None; Partitioned"},
		{"__Host-session", func(c *session.Cookie) { c.Persistent = true },
			"; Path=/; Max-Age=7200; HttpOnly; Secure; SameSite=Lax"},
		{"mine", func(c *session.Cookie) { c.Name = "mine" }, "; Path=/; HttpOnly; Secure; SameSite=Lax"},
	} {
		s := newLab(t, func(cfg *session.Config) {
			cfg.IdleTimeout, cfg.Lifetime = time.Hour, 2*time.Hour
			c.edit(&cfg.Cookie)
		})
		g := new(guest)
		resp := s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
		line := resp.Header.Get("Set-Cookie")
		value := g.cookies[c.name]
		if line != c.name+"="+value+c.want {
			t.Errorf("Set-Cookie: %s\nwant      %s=…%s", line, c.name, c.want)
		}
		if n := len(c.name) + 1 + len(value); n >= 128 || value == "" {
			t.Errorf("name and value have %d bytes", n)
		}
		x, w := s.load(g)
		if err := x.Destroy(); err != nil {
			t.Fatal(err)
		}
		expiry := w.Result().Cookies()[0]
		set := resp.Cookies()[0]
		if expiry.Name != set.Name || expiry.Path != set.Path || expiry.Domain != set.Domain || expiry.MaxAge >= 0 ||
			expiry.Secure != set.Secure || expiry.SameSite != set.SameSite || expiry.Partitioned != set.Partitioned {
			t.Errorf("the cookie is set by %s\nand expired by %s", set, expiry)
		}
	}
}

func TestAPersistentCookieLivesAtMostAsLongAsBrowsersKeepOne(t *testing.T) {
	s := newLab(t, func(c *session.Config) {
		c.IdleTimeout, c.Lifetime, c.Cookie.Persistent = session.NoTimeout, 1000*24*time.Hour, true
	})
	resp := s.visit(new(guest), func(x *fixture.Session) { x.AddVisits(1) })
	if line := resp.Header.Get("Set-Cookie"); !strings.Contains(line, "; Max-Age=34560000;") {
		t.Errorf("Set-Cookie: %s", line)
	}
}

func TestAPersistentCookieMayEndBeforeTheDefaultIdleTimeout(t *testing.T) {
	newLab(t, func(c *session.Config) { c.Lifetime, c.Cookie.Persistent = 10*time.Minute, true }).known()
}

func TestWithoutAnIdleTimeoutASessionLivesForItsLifetime(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.IdleTimeout, c.Lifetime = session.NoTimeout, 30*24*time.Hour })
	g := s.known()
	start := s.clock.Now()
	s.clock.advance(29 * 24 * time.Hour)
	x, _ := s.load(g)
	if x.Visits() != 1 || !x.Meta().Expires.Equal(start.Add(30*24*time.Hour)) {
		t.Errorf("%v, %v", x, x.Meta())
	}
	s.clock.advance(25 * time.Hour)
	if got := s.fields(g); got.Visits != 0 {
		t.Errorf("past its Lifetime: %v", got)
	}
}

func TestAPersistentCookieLivesForTheRestOfLifetime(t *testing.T) {
	s := newLab(t, func(c *session.Config) {
		c.IdleTimeout, c.Lifetime, c.Cookie.Persistent = session.NoTimeout, time.Hour, true
	})
	g := s.known()
	s.clock.advance(20*time.Minute + time.Second/2)
	resp := s.visit(g, func(x *fixture.Session) { x.Renew() })
	if line := resp.Header.Get("Set-Cookie"); !strings.Contains(line, "; Max-Age=2399;") {
		t.Errorf("Set-Cookie: %s", line)
	}
	resp = s.visit(g, func(x *fixture.Session) { x.SetUserID(7) }) // a login starts anew
	if line := resp.Header.Get("Set-Cookie"); !strings.Contains(line, "; Max-Age=3600;") {
		t.Errorf("Set-Cookie: %s", line)
	}
}

func TestTheCookieIsCalledAfterTheWrapper(t *testing.T) {
	for wrapper, want := range map[string]string{
		"Session":      "__Host-session",
		"AdminSession": "__Host-admin-session",
		"ÜberSession":  "__Host-ber-session",
		"HTTPSession":  "__Host-http-session",
		"X":            "__Host-x",
		"My_Session":   "__Host-my-session",
		"Shop2Session": "__Host-shop2-session",
	} {
		s := newLab(t)
		m, err := session.NewManager(s.store, s.config(), session.Schema[loose]{
			Name: wrapper, Identity: "example.com/shop.Session",
			Fields: []record.Field{{Name: "A", Key: "a", Type: record.Bool}},
			New:    newLoose(1),
		})
		if err != nil {
			t.Errorf("%s: %v", wrapper, err)
			continue
		}
		w := httptest.NewRecorder()
		x, err := m.Load(w, httptest.NewRequest("GET", "/", nil))
		if err != nil {
			t.Fatal(err)
		}
		x.core.SetBool(0, true)
		if err := x.core.Save(); err != nil {
			t.Fatal(err)
		}
		if got := w.Result().Cookies()[0].Name; got != want {
			t.Errorf("the cookie of %s is called %s, want %s", wrapper, got, want)
		}
	}
}

func TestDefaults(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	m := x.Meta()
	if got := m.Expires.Sub(s.clock.Now()); got != 30*time.Minute {
		t.Errorf("IdleTimeout is %v", got)
	}
	for range 100 {
		s.clock.advance(25 * time.Minute)
		if s.fields(g).Visits == 0 {
			break
		}
	}
	if got := s.clock.Now().Sub(m.Created); got < 12*time.Hour || got > 12*time.Hour+25*time.Minute {
		t.Errorf("Lifetime is about %v", got)
	}
	x, _ = s.load(new(guest))
	x.SetNotice(strings.Repeat("x", 1<<20))
	e, ok := errors.AsType[*session.SizeError](x.Save())
	if !ok || e.Max != 1<<20-1<<10 {
		t.Errorf("MaxSize: %+v", e)
	}
}

func TestTheDefaultAnswerToAnErrorSaysWhetherTryingAgainHelps(t *testing.T) {
	s := newLab(t)
	for err, status := range map[error]int{
		session.ErrUnavailable:                    http.StatusServiceUnavailable,
		session.ErrUnknown:                        http.StatusServiceUnavailable,
		session.ErrConflict:                       http.StatusServiceUnavailable,
		session.ErrLateSave:                       http.StatusInternalServerError,
		errors.New("S3CRET of the handler's own"): http.StatusInternalServerError,
		&session.SizeError{Size: 2, Max: 1}:       http.StatusInternalServerError,
		&session.FieldError{Err: errors.New("x")}: http.StatusInternalServerError,
	} {
		h := s.sessions.Handle(func(http.ResponseWriter, *http.Request, *fixture.Session) error { return err })
		w := httptest.NewRecorder()
		h.ServeHTTP(w, new(guest).request())
		if w.Code != status || strings.Contains(w.Body.String(), "S3CRET") {
			t.Errorf("%v: %d %s", err, w.Code, w.Body)
		}
	}
	if log := s.logs.String(); strings.Count(log, "level=ERROR") != 7 {
		t.Errorf("logged: %s", log)
	}
}
