package session_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

func TestARosterThatIsMissingOrDoesNotOpenHasEndedItsSessions(t *testing.T) {
	for name, change := range map[string]func(c *club, key string){
		"missing": func(c *club, key string) { delete(c.store.records, key) },
		"damaged": func(c *club, key string) { c.store.records[key].value[50] ^= 1 },
		"empty": func(c *club, key string) {
			c.store.records[key] = faultyRecord{version: 1 << 40, end: c.clock.Now().Add(time.Hour)}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := c.login(ann)
			other := c.login(bob)
			c.store.mu.Lock()
			change(c, c.rosterKey(g))
			c.store.mu.Unlock()
			c.wantUser(g, 0)
			c.wantUser(other, bob)
			again := c.login(ann)
			c.wantUser(again, ann)
			c.wantUser(g, 0)
		})
	}
}

// ring is that of the club's sessions.
func (c *club) ring() *token.Ring {
	c.t.Helper()
	ring, err := token.NewRing("member", "__Host-session", c.cfg.Secrets)
	must(c.t, err)
	return ring
}

// rosterKey is where the store has the roster of a browser's session.
func (c *club) rosterKey(g *guest) string {
	c.t.Helper()
	ring := c.ring()
	claims, ok := ring.Verify(g.token())
	if !ok || claims.Roster == (token.Roster{}) {
		c.t.Fatalf("the token names no roster: %v", claims)
	}
	return ring.RosterKey(c.cfg.KeyPrefix, claims.Roster)
}

func TestARosterThatCannotBeAskedIsAnOutage(t *testing.T) {
	for name, set := range map[string]func(c *club, key string){
		"down": func(c *club, key string) {
			c.store.before = func(_, k string) error {
				if k == key {
					return errDown
				}
				return nil
			}
		},
		"lying": func(c *club, key string) {
			c.store.reply = func(k string, value []byte) []byte {
				if k != key {
					return value
				}
				for other, r := range c.store.records {
					if other != key {
						return slices.Clone(r.value)
					}
				}
				return value
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := c.login(ann)
			s, _ := c.load(g)
			key := c.rosterKey(g)
			set(c, key)
			if _, err := c.members.Load(httptest.NewRecorder(), g.request()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Load = %v", err)
			}
			if _, err := c.members.Open(t.Context(), g.token()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("Open = %v", err)
			}
			if _, err := c.of(ann).List(t.Context()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("List = %v", err)
			}
			if err := c.of(ann).EndAll(t.Context()); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("EndAll = %v", err)
			}
			if err := c.of(ann).EndOthers(t.Context(), s); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("EndOthers = %v", err)
			}
			fresh, w := c.load(new(guest))
			fresh.SetUserID(ann)
			if err := fresh.Save(); !errors.Is(err, session.ErrUnavailable) || setsCookie(w.Header()) {
				t.Errorf("a login: %v", err)
			}
			s.SetEmail("x")
			if err := s.Save(); !errors.Is(err, session.ErrUnavailable) {
				t.Errorf("a renewal: %v", err)
			}
			c.store.reply = nil
			c.store.heal()
			c.wantUser(g, ann)
			if n := len(c.devices(ann)); n != 1 {
				t.Errorf("%d devices", n)
			}
		})
	}
}

func TestAListIsWholeOrAnError(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.login(ann)
	s, _ := c.load(g)
	key := c.members.StoreKey(s)
	c.store.fail(func(_, k string) error {
		if k == key {
			return errDown
		}
		return nil
	}, nil)
	if _, err := c.of(ann).List(t.Context()); !errors.Is(err, session.ErrUnavailable) {
		t.Errorf("List = %v", err)
	}
}

func TestWhatIsListedTakesOneTripAndOnlyItIsTouched(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	c.clock.advance(10 * time.Minute)
	c.store.trips()
	c.wantUser(g, ann)
	wantTrips(t, c.store, get, get, touch)
	c.wantUser(g, ann)
	wantTrips(t, c.store, get, get)
	c.visit(g, func(s *member.Session) { s.AddVisits(1) })
	wantTrips(t, c.store, get, get, swap)

	c.clock.advance(10 * time.Minute)
	c.store.fail(always(errDown, remove), nil)
	must(t, c.of(ann).EndAll(t.Context()))
	c.store.heal()
	c.store.trips()
	c.wantUser(g, 0)
	wantTrips(t, c.store, get, get)
}

func TestATokenNamesItsRoster(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	if n := len("__Host-session=") + len(g.token()); n >= 160 {
		t.Errorf("a cookie of %d bytes", n)
	}
	visitor := new(guest)
	c.visit(visitor, func(s *member.Session) { s.AddVisits(1) })
	if n := len(visitor.token()); n != token.Size {
		t.Errorf("a token of %d bytes for a visitor without an account", n)
	}
	ring := c.ring()
	claims, _ := ring.Verify(g.token())
	claims.Roster[0] ^= 1
	forged := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
	c.wantUser(forged, 0) // a record whose roster is another than its token's
	claims.Roster = token.Roster{}
	bare := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
	c.store.trips()
	c.wantUser(bare, ann)
	wantTrips(t, c.store, get, get)
	must(t, c.of(ann).EndAll(t.Context()))
	c.wantUser(bare, 0)
}

// Who could write to the store and knew a secret, or a binary with a fault, might list a session anywhere.
func TestOnlyTheRosterOfItsOwnRecordKeepsASessionAlive(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	ring := c.ring()
	claims, _ := ring.Verify(g.token())
	s, _ := c.load(g)
	sum := token.SumOf(c.members.StoreKey(s))
	plain := append([]byte{3, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8}, sum[:]...)
	plain = append(plain, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0)
	must(t, c.of(ann).EndOthers(t.Context(), s))
	for name, roster := range map[string]token.Roster{"its own": claims.Roster, "another": {1, 2, 3}} {
		key := ring.RosterKey("", roster)
		_ = c.store.Delete(t.Context(), key)
		must(t, c.store.Add(t.Context(), key, ring.Seal(nil, key, plain), time.Hour))
		claims.Roster = roster
		bare := &guest{cookies: map[string]string{"__Host-session": ring.Sign(claims)}}
		if got, want := c.user(bare) == ann, name == "its own"; got != want {
			t.Errorf("listed on %s roster: %v", name, got)
		}
	}
}

func TestARosterGoesByHalfAKilobyteForTenSessions(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	more := c.ring().Overhead() - token.Overhead // in FIPS 140 mode
	if n := len(c.store.records[c.rosterKey(g)].value); n > 120+more {
		t.Errorf("a roster of one takes %d bytes", n)
	}
	for range 4 {
		g = c.login(ann)
	}
	if n := len(c.store.records[c.rosterKey(g)].value); n > 330+more {
		t.Errorf("a roster of five takes %d bytes", n)
	}
}

func TestMiddlewareAnswersAnOutageOfTheRosterWith503(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	key := c.rosterKey(g)
	c.store.fail(func(_, k string) error {
		if k == key {
			return errDown
		}
		return nil
	}, nil)
	w := httptest.NewRecorder()
	c.members.Handle(func(w http.ResponseWriter, r *http.Request, s *member.Session) error {
		t.Error("the handler ran")
		return nil
	}).ServeHTTP(w, g.request())
	if w.Code != http.StatusServiceUnavailable || setsCookie(w.Header()) {
		t.Errorf("status %d, %v", w.Code, w.Header())
	}
}
