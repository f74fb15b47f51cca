package session_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

func TestACookieThatIsNotOursCostsNoIOAndGivesANewSession(t *testing.T) {
	s := newLab(t)
	valid := s.known().token()
	other := s.twin(func(c *session.Config) { c.Secrets = [][]byte{fixture.Secret("x")} })
	theirs := other.known().token()
	namesake := s.twin(func(c *session.Config) { c.Cookie.Name = "another" })
	g := new(guest)
	namesake.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	s.store.trips()
	binary := make([]byte, 300)
	for i := range binary {
		binary[i] = byte(rand.N(256))
	}
	for name, value := range map[string]string{
		"empty":                           "",
		"garbage":                         "garbage",
		"binary":                          string(binary),
		"one character changed":           "B" + valid[1:],
		"one character less":              valid[1:],
		"one character more":              valid + "A",
		"padded":                          valid + "=",
		"quoted once too often":           `""` + valid + `""`,
		"with half a quote":               `"` + valid,
		"huge":                            strings.Repeat("A", 1<<20),
		"signed with another secret":      theirs,
		"signed for another cookie":       g.cookies["another"],
		"the right length and other bits": strings.Repeat("A", len(valid)),
	} {
		x, w := s.load(&guest{extra: []string{"__Host-session=" + value}})
		if x.HasVisits() || !x.Meta().New || setsCookie(w.Header()) {
			t.Errorf("%s: %v, %v", name, x, w.Header())
		}
	}
	wantTrips(t, s.store)
	if s.logs.String() != "" {
		t.Errorf("logged: %s", s.logs)
	}
}

func TestACookieIsRefusedWithoutIOOnceItsLifetimeIsOver(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.IdleTimeout, c.Lifetime = time.Hour, 2*time.Hour })
	g := s.known()
	s.clock.advance(50 * time.Minute)
	s.fields(g)
	s.clock.advance(50 * time.Minute)
	if got := s.fields(g); got.Visits != 1 {
		t.Fatalf("idle for 50 minutes: %+v", got)
	}
	s.clock.advance(20*time.Minute - 1)
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("just before the end of its lifetime: %+v", got)
	}
	s.clock.advance(1)
	s.store.trips()
	if got := s.fields(g); got.Visits != 0 {
		t.Errorf("after its lifetime: %+v", got)
	}
	wantTrips(t, s.store)
}

func TestAnIDIsNeverAdoptedOrReused(t *testing.T) {
	s := newLab(t)
	g := s.known()
	old := g.token()
	s.store.evict()
	s.visit(g, func(x *fixture.Session) {
		if x.HasVisits() || !x.Meta().New {
			t.Errorf("it sees %v", x)
		}
		x.AddVisits(1)
	})
	if g.token() == old {
		t.Error("the new session has the id of the evicted one")
	}
	if got := s.fields(&guest{cookies: map[string]string{"__Host-session": old}}); got.Visits != 0 {
		t.Errorf("the evicted id shows %+v", got)
	}
}

func TestAReadOnlyRequestIsOneRoundTripAndTouchesOncePerTenthOfIdleTimeout(t *testing.T) {
	s := newLab(t, func(c *session.Config) { c.IdleTimeout = 30 * time.Minute })
	g := s.known()
	step := func(d time.Duration, want ...string) {
		t.Helper()
		s.clock.advance(d)
		s.fields(g)
		wantTrips(t, s.store, want...)
	}
	step(0, get)
	step(2*time.Minute, get)
	step(time.Minute-1, get)
	step(1, get, touch)
	step(time.Second, get)
	step(2*time.Minute, get)
	step(59*time.Second, get, touch)
	s.visit(g, func(x *fixture.Session) { x.AddVisits(1) }) // writing slides the expiry too
	s.store.trips()
	step(179*time.Second, get)
	step(time.Second, get, touch)

	other := s.twin() // a process that has not seen the session
	other.fields(g)
	wantTrips(t, s.store, get, touch)
	other.fields(g)
	wantTrips(t, s.store, get)
}

func TestASessionLivesForNineTenthsToAllOfIdleTimeoutAfterItsLastRequest(t *testing.T) {
	for _, last := range []time.Duration{0, time.Minute, 3*time.Minute - 1, 3 * time.Minute, 4 * time.Minute} {
		for _, idle := range []time.Duration{27 * time.Minute, 30*time.Minute + 1} {
			s := newLab(t, func(c *session.Config) { c.IdleTimeout = 30 * time.Minute })
			g := s.known()
			s.clock.advance(last)
			s.fields(g)
			s.clock.advance(idle - 1)
			if alive := s.fields(g).Visits == 1; alive != (idle < 30*time.Minute) {
				t.Errorf("%v after a last request at %v: alive is %v", idle, last, alive)
			}
		}
	}
}

func TestATouchThatFailsIsLoggedAndTriedAgain(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.clock.advance(5 * time.Minute)
	s.store.fail(always(errDown, touch), nil)
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("%+v", got)
	}
	if !strings.Contains(s.logs.String(), "level=WARN") {
		t.Errorf("logged: %s", s.logs)
	}
	s.store.heal()
	s.store.trips()
	s.fields(g)
	wantTrips(t, s.store, get, touch)
}

func TestATouchThatMissesIsTriedAgain(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.clock.advance(5 * time.Minute)
	s.store.fail(once(touch, session.ErrNotFound), nil)
	s.fields(g)
	s.store.trips()
	if got := s.fields(g); got.Visits != 1 {
		t.Errorf("%+v", got)
	}
	wantTrips(t, s.store, get, touch)
}

func TestASessionThatEndsBetweenGetAndTouchIsNew(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.clock.advance(5 * time.Minute)
	s.store.fail(meanwhile(touch, s.store.evict), nil)
	if x, _ := s.load(g); x.HasVisits() || !x.Meta().New {
		t.Errorf("it sees %v", x)
	}
}

func TestAnOutageIsAnErrorAndNeverALogout(t *testing.T) {
	s := newLab(t)
	g := s.known()
	for _, err := range []error{errDown, errTimeout, context.DeadlineExceeded} {
		s.store.fail(always(err, get), nil)
		w := httptest.NewRecorder()
		x, got := s.sessions.Load(w, g.request())
		if x != nil || !errors.Is(got, session.ErrUnavailable) || !errors.Is(got, err) {
			t.Errorf("Load = %v, %v", x, got)
		}
		if setsCookie(w.Header()) {
			t.Errorf("a cookie was set: %v", w.Header())
		}
	}
}

func TestAResponseWhoseSessionWasLookedAtSaysVaryCookie(t *testing.T) {
	s := newLab(t)
	g := s.known()
	for _, c := range []struct{ before, want []string }{
		{nil, []string{"Cookie"}},
		{[]string{"Accept-Encoding"}, []string{"Accept-Encoding", "Cookie"}},
		{[]string{"Accept, cookie"}, []string{"Accept, cookie"}},
		{[]string{"*"}, []string{"*"}},
	} {
		w := httptest.NewRecorder()
		for _, v := range c.before {
			w.Header().Add("Vary", v)
		}
		for range 2 {
			if _, err := s.sessions.Load(w, g.request()); err != nil {
				t.Fatal(err)
			}
		}
		if got := w.Header()["Vary"]; strings.Join(got, "|") != strings.Join(c.want, "|") {
			t.Errorf("Vary is %q, want %q", got, c.want)
		}
		if got := w.Header().Get("Cache-Control"); got != "" {
			t.Errorf("a response without the cookie says Cache-Control: %s", got)
		}
	}
}

func TestAResponseThatSetsTheCookieIsNotStored(t *testing.T) {
	s := newLab(t)
	x, w := s.load(new(guest))
	w.Header().Set("Cache-Control", "public, max-age=60")
	x.AddVisits(1)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	if got := w.Header()["Cache-Control"]; len(got) != 1 || got[0] != "no-store" {
		t.Errorf("Cache-Control is %q", got)
	}
}

func TestTwoManagersNeverReadEachOthersSessions(t *testing.T) {
	s := newLab(t)
	admin := s.twin(func(c *session.Config) { c.Cookie.Name = "__Host-admin" })
	g := new(guest)
	s.visit(g, func(x *fixture.Session) { x.AddVisits(1) })
	admin.visit(g, func(x *fixture.Session) {
		if x.HasVisits() {
			t.Errorf("it sees %v", x)
		}
		x.AddVisits(100)
	})
	if a, b := s.fields(g).Visits, admin.fields(g).Visits; a != 1 || b != 100 {
		t.Errorf("%d and %d visits, want 1 and 100", a, b)
	}
	// Neither by the other's token, nor by the other's record under the own key.
	if got := admin.fields(&guest{cookies: map[string]string{"__Host-admin": g.token()}}); got.Visits != 0 {
		t.Errorf("%+v", got)
	}
	if _, err := admin.sessions.Open(t.Context(), g.token()); !errors.Is(err, session.ErrInvalidToken) {
		t.Errorf("Open = %v", err)
	}
	values := make(map[string][]byte)
	for k, r := range s.store.records {
		values[k] = r.value
	}
	s.store.reply = func(key string, value []byte) []byte {
		for k, v := range values {
			if k != key {
				return bytes.Clone(v)
			}
		}
		return value
	}
	if got := s.fields(g); got.Visits != 0 {
		t.Errorf("another manager's record was read: %+v", got)
	}
}

func TestARotationOfSecretsLosesNobody(t *testing.T) {
	s := newLab(t)
	old, fresh := fixture.Secret("k"), fixture.Secret("f")
	g := s.known()
	for i, secrets := range [][][]byte{{old, fresh}, {fresh, old}, {fresh}} {
		process := s.twin(func(c *session.Config) { c.Secrets = secrets })
		process.visit(g, func(x *fixture.Session) {
			if got := x.Visits(); got != int64(i+1) {
				t.Errorf("step %d: %d visits", i, got)
			}
			x.AddVisits(1)
			if i == 1 { // only a new cookie is signed with the new secret
				x.Renew()
			}
		})
	}
}

func TestOpenWorksOutsideARequest(t *testing.T) {
	s := newLab(t)
	g := s.known()
	x, _ := s.load(g)
	token := x.Meta().Token
	if token != g.token() {
		t.Errorf("Meta().Token is not the cookie's value")
	}
	ctx, cancel := context.WithCancel(t.Context())
	job, err := s.sessions.Open(ctx, token)
	if err != nil {
		t.Fatal(err)
	}
	cancel() // bounds Open alone
	job.AddVisits(1)
	if err := job.Save(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Visits != 2 {
		t.Errorf("%+v", got)
	}
	for name, change := range map[string]func(){"Renew": job.Renew, "login": func() { job.SetUserID(1) }} {
		change()
		if err := job.Save(); !errors.Is(err, session.ErrLateSave) {
			t.Errorf("%s: Save = %v, want ErrLateSave", name, err)
		}
	}
	if err := job.Destroy(); err != nil {
		t.Fatal(err)
	}
	if got := s.fields(g); got.Visits != 0 {
		t.Errorf("it outlived Destroy: %+v", got)
	}
	job.SetNotice("a new one")
	if err := job.Save(); !errors.Is(err, session.ErrLateSave) {
		t.Errorf("Save of a new session = %v, want ErrLateSave", err)
	}
}

func TestOpenSaysWhatIsWrong(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.store.trips()
	for _, token := range []string{"", "x", g.token() + "x", strings.Repeat("A", len(g.token()))} {
		if _, err := s.sessions.Open(t.Context(), token); !errors.Is(err, session.ErrInvalidToken) {
			t.Errorf("Open(%q) = %v, want ErrInvalidToken", token, err)
		}
	}
	wantTrips(t, s.store)
	s.store.fail(always(errDown, get), nil)
	if _, err := s.sessions.Open(t.Context(), g.token()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("in an outage: %v", err)
	}
	s.store.heal()
	old := g.token()
	s.visit(g, func(x *fixture.Session) { x.Renew() })
	if _, err := s.sessions.Open(t.Context(), old); !errors.Is(err, session.ErrGone) {
		t.Errorf("of a renewed session: %v, want ErrGone", err)
	}
	s.store.evict()
	if _, err := s.sessions.Open(t.Context(), g.token()); !errors.Is(err, session.ErrGone) {
		t.Errorf("of an evicted session: %v, want ErrGone", err)
	}
	s.clock.advance(13 * time.Hour)
	if _, err := s.sessions.Open(t.Context(), g.token()); !errors.Is(err, session.ErrInvalidToken) {
		t.Errorf("after its lifetime: %v, want ErrInvalidToken", err)
	}
}

func TestOpenTouchesAsLoadDoes(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.clock.advance(5 * time.Minute)
	if _, err := s.sessions.Open(t.Context(), g.token()); err != nil {
		t.Fatal(err)
	}
	wantTrips(t, s.store, get, touch)
}

func TestWhatATokenSaysBeyondThisBinaryIsKept(t *testing.T) {
	s := newLab(t)
	ring, err := token.NewRing(fixtureIdentity, "__Host-session", s.config().Secrets)
	if err != nil {
		t.Fatal(err)
	}
	g := s.known()
	claims, ok := ring.Verify(g.token())
	if !ok || claims.Flags != token.Anonymous || claims.Roster != (token.Roster{}) {
		t.Fatalf("%v, %v", claims, ok)
	}
	claims.Flags = 0x81 | token.Anonymous
	g.cookies["__Host-session"] = ring.Sign(claims)

	x, _ := s.load(g)
	if x.Visits() != 1 || x.Meta().Token != g.token() {
		t.Errorf("%v, %v", x, x.Meta())
	}
	s.visit(g, func(x *fixture.Session) { x.Renew() })
	renewed, ok := ring.Verify(g.token())
	if !ok || renewed.ID == claims.ID || renewed.Flags != claims.Flags {
		t.Errorf("renewed: %v, %v", renewed, ok)
	}
	x, w := s.load(g)
	if err := x.Destroy(); err != nil {
		t.Fatal(err)
	}
	x.AddVisits(1)
	if err := x.Save(); err != nil {
		t.Fatal(err)
	}
	g.keep(w.Result())
	if fresh, ok := ring.Verify(g.token()); !ok || fresh.Flags != token.Anonymous || fresh.Roster != (token.Roster{}) {
		t.Errorf("after a logout: %v, %v", fresh, ok)
	}
}

func TestSchemasOfOneCookieAndOneSecretShareNoSessions(t *testing.T) {
	s := newLab(t)
	g := s.known()
	s.store.trips()
	m, err := session.NewManager(s.store, s.config(), session.Schema[loose]{
		Name: "Session", Identity: "example.com/other.Session",
		Fields: []record.Field{{Name: "Visits", Key: "visits", Type: record.Int}},
		New:    newLoose(1),
		Core:   func(x *loose) *session.Core { return &x.core },
	})
	if err != nil {
		t.Fatal(err)
	}
	x, err := m.Load(httptest.NewRecorder(), g.request())
	if err != nil || x.core.Has(0) || !x.core.Meta().New {
		t.Errorf("%v, %v", x.core.Meta(), err)
	}
	if _, err := m.Open(t.Context(), g.token()); !errors.Is(err, session.ErrInvalidToken) {
		t.Errorf("Open: %v", err)
	}
	wantTrips(t, s.store)
}
