package session_test

import (
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

const day = 24 * time.Hour

// The times of the tests: each of the three differs from the others in both.
var (
	ruleTimes       = session.Timeouts{Idle: 30 * time.Minute, Lifetime: 12 * time.Hour}
	anonymousTimes  = session.Timeouts{Idle: 5 * time.Minute, Lifetime: 2 * time.Hour}
	rememberedTimes = session.Timeouts{Idle: 14 * day, Lifetime: 30 * day}
)

func withAnonymous(c *session.Config) { c.Anonymous = anonymousTimes }

// termOf returns the timeouts by which the guest's session lives, as its Meta tells.
func (s *lab) termOf(g *guest) (session.Timeouts, session.Meta) {
	s.t.Helper()
	x, _ := s.load(g)
	m := x.Meta()
	for _, known := range []session.Timeouts{ruleTimes, anonymousTimes, rememberedTimes} {
		ends := m.Created.Add(known.Lifetime)
		if idle := s.clock.Now().Add(known.Idle); idle.Before(ends) {
			ends = idle
		}
		if m.Expires.Equal(ends) {
			return known, m
		}
	}
	s.t.Errorf("a session that lives by no timeouts of the test: %v", m)
	return session.Timeouts{}, m
}

func login(x *fixture.Session)           { x.SetUserID(7) }
func loginRemembered(x *fixture.Session) { x.SetUserID(7); x.Remember(true) }
func visitOnce(x *fixture.Session)       { x.AddVisits(1) }

func TestWhichTimeoutsHoldIsDecidedAtCreationAndRenewal(t *testing.T) {
	type step struct {
		name      string
		change    func(*fixture.Session)
		want      session.Timeouts
		restarted bool // Created
	}
	for name, steps := range map[string][]step{
		"a passer-by": {
			{"creation", visitOnce, anonymousTimes, true},
			{"Save", visitOnce, anonymousTimes, false},
			{"Renew", func(x *fixture.Session) { x.Renew() }, anonymousTimes, false},
			{"Remember without a login", func(x *fixture.Session) { x.Remember(true) }, anonymousTimes, false},
			{"login after that", login, ruleTimes, true},
			{"Save", visitOnce, ruleTimes, false},
			{"change of privilege", func(x *fixture.Session) { x.SetUserID(8) }, ruleTimes, false},
			{"logout by clearing", func(x *fixture.Session) { x.ClearUserID() }, anonymousTimes, true},
			{"login that is remembered", loginRemembered, rememberedTimes, true},
		},
		"who is remembered": {
			{"creation by a login", loginRemembered, rememberedTimes, true},
			{"Save", visitOnce, rememberedTimes, false},
			{"Renew", func(x *fixture.Session) { x.Renew() }, rememberedTimes, false},
			{"change of privilege", func(x *fixture.Session) { x.SetUserName("Ann") }, rememberedTimes, false},
			{"Remember again", func(x *fixture.Session) { x.Remember(true) }, rememberedTimes, false},
			{"taking it back", func(x *fixture.Session) { x.Remember(false) }, ruleTimes, true},
			{"taking it back again", func(x *fixture.Session) { x.Remember(false) }, ruleTimes, false},
			{"Remember, logged in", func(x *fixture.Session) { x.Remember(true) }, rememberedTimes, true},
			{"logout by clearing", func(x *fixture.Session) { x.ClearUserID(); x.ClearUserName() }, anonymousTimes, true},
			{"login that says nothing", login, ruleTimes, true},
			{"second thoughts", func(x *fixture.Session) { x.Remember(true); x.Remember(false) }, ruleTimes, false},
		},
		"a counter that comes before the login": {
			{"login and Count", func(x *fixture.Session) {
				loginRemembered(x)
				if _, err := x.CountVisits(1); err != nil {
					t.Error(err)
				}
				if m := x.Meta(); m.Expires.Sub(m.Created) != anonymousTimes.Idle {
					t.Errorf("what Count has created, before the login, lives until %v", m)
				}
			}, rememberedTimes, true},
		},
		"a login after a logout of the same request": {
			{"login", loginRemembered, rememberedTimes, true},
			{"logout and login", func(x *fixture.Session) {
				x.Remember(true)
				if err := x.Destroy(); err != nil {
					t.Error(err)
				}
				x.SetUserID(8)
			}, ruleTimes, true},
			{"logout and a visit", func(x *fixture.Session) {
				if err := x.Destroy(); err != nil {
					t.Error(err)
				}
				x.AddVisits(1)
			}, anonymousTimes, true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, withAnonymous)
			g := new(guest)
			var created time.Time
			for _, step := range steps {
				s.clock.advance(time.Second)
				s.visit(g, step.change)
				if step.restarted {
					created = s.clock.Now()
				}
				got, m := s.termOf(g)
				if got != step.want || m.Remembered != (step.want == rememberedTimes) {
					t.Errorf("%s: %v, want %v", step.name, m, step.want)
				}
				if !m.Created.Equal(created) {
					t.Errorf("%s: created %v, want %v", step.name, m.Created, created)
				}
			}
		})
	}
}

func TestALoginThatComesTooLateIsRememberedIfItSaysSo(t *testing.T) {
	for _, says := range []bool{true, false} {
		t.Run(strconv.FormatBool(says), func(t *testing.T) {
			s := newLab(t, withAnonymous)
			g := s.known()
			x, w := s.load(g)
			s.twin().visit(g.copy(), loginRemembered) // another tab was faster
			x.SetUserID(8)
			if says {
				x.Remember(true)
			}
			if err := x.Save(); err != nil {
				t.Fatal(err)
			}
			g.keep(w.Result())
			want := ruleTimes
			if says {
				want = rememberedTimes
			}
			if got, m := s.termOf(g); got != want {
				t.Errorf("%v, want %v", m, want)
			}
		})
	}
}

func TestPastItsLifetimeASessionIsRefusedWithoutIO(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fixture.Session)
		times  session.Timeouts
	}{
		"anonymous":  {visitOnce, anonymousTimes},
		"the rule":   {login, ruleTimes},
		"remembered": {loginRemembered, rememberedTimes},
	} {
		t.Run(name, func(t *testing.T) {
			noIdle := func(c *session.Config) {
				c.IdleTimeout = session.NoTimeout
				c.Anonymous = session.Timeouts{Idle: session.NoTimeout, Lifetime: anonymousTimes.Lifetime}
				c.Remembered.Idle = session.NoTimeout
			}
			s := newLab(t, noIdle)
			g := new(guest)
			s.visit(g, c.change)
			held, _ := s.load(g)
			s.clock.advance(c.times.Lifetime - 1)
			if x, _ := s.load(g); x.Meta().New {
				t.Error("it has ended before its Lifetime")
			}
			s.clock.advance(1)
			s.store.trips()
			if x, _ := s.load(g); !x.Meta().New {
				t.Errorf("alive past its Lifetime: %v", x.Meta())
			}
			if _, err := s.sessions.Open(t.Context(), g.token()); !errors.Is(err, session.ErrInvalidToken) {
				t.Errorf("Open: %v", err)
			}
			held.AddVisits(1)
			if err := held.Save(); !errors.Is(err, session.ErrGone) {
				t.Errorf("Save of who held it: %v", err)
			}
			wantTrips(t, s.store)
		})
	}
}

// What the store says of its end goes by the record: it is no use that the token would allow more.
func TestTheStoreForgetsASessionAfterTheIdleThatHolds(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*fixture.Session)
		times  session.Timeouts
	}{
		"anonymous":  {visitOnce, anonymousTimes},
		"the rule":   {login, ruleTimes},
		"remembered": {loginRemembered, rememberedTimes},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, withAnonymous)
			g := new(guest)
			s.visit(g, c.change)
			tenth := c.times.Idle / 10
			for _, step := range []struct {
				after time.Duration
				want  []string
			}{
				{tenth - 1, []string{get}},
				{1, []string{get, touch}},
				{tenth - 1, []string{get}},
				{c.times.Idle - tenth, []string{get, touch}}, // one moment before its end
				{c.times.Idle, []string{get, get}},
			} {
				s.clock.advance(step.after)
				s.store.trips()
				s.load(g)
				wantTrips(t, s.store, step.want...)
			}
			if x, _ := s.load(g); !x.Meta().New {
				t.Errorf("alive after its Idle: %v", x.Meta())
			}
		})
	}
}

// A rolling deploy: the two configs disagree about the times, and not about who is remembered.
func TestWhoIsRememberedStaysSoOverConfigsAndSecrets(t *testing.T) {
	old := fixture.Secret("o")
	before := newLab(t, withAnonymous, func(c *session.Config) { c.Secrets = [][]byte{old} })
	plain := before.twin(func(c *session.Config) { c.Secrets = [][]byte{old, fixture.Secret("k")} })
	after := before.twin(withAnonymous, func(c *session.Config) {
		c.Secrets = [][]byte{fixture.Secret("k"), old}
		c.Remembered = session.Timeouts{Idle: 20 * day, Lifetime: 60 * day}
	})
	g := new(guest)
	before.visit(g, loginRemembered)
	created := before.clock.Now()
	for i, s := range []*lab{plain, after, plain, after} {
		before.clock.advance(time.Hour)
		for _, change := range []func(*fixture.Session){visitOnce, func(x *fixture.Session) { x.Renew() }} {
			s.visit(g, change)
			if x, _ := s.load(g); !x.Meta().Remembered || x.UserID() != 7 || !x.Meta().Created.Equal(created) {
				t.Errorf("server %d: %v, %v", i, x, x.Meta())
			}
		}
	}
	// What Config says now counts for sessions that are there, too.
	before.clock.advance(25 * day)
	if x, _ := plain.load(g); !x.Meta().New {
		t.Errorf("25 idle days of 14: %v", x.Meta())
	}
	passer := new(guest)
	before.visit(passer, visitOnce)
	before.clock.advance(anonymousTimes.Idle - time.Second)
	if x, _ := plain.load(passer); x.Meta().Expires.Sub(before.clock.Now()) != ruleTimes.Idle {
		t.Errorf("where Anonymous is not set the rule holds: %v", x.Meta())
	}
}

// Only binaries of different make can disagree: the session lives by its record, and the token bounds it too.
func TestWhereTokenAndRecordDisagreeTheShorterLifetimeCounts(t *testing.T) {
	ring, err := token.NewRing(fixtureIdentity, "__Host-session", newLab(t).config().Secrets)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(*fixture.Session)
		says   token.Flags
		record session.Timeouts
		lives  time.Duration
	}{
		"remembered, as the rule":      {loginRemembered, 0, rememberedTimes, ruleTimes.Lifetime},
		"remembered, as anonymous":     {loginRemembered, token.Anonymous, rememberedTimes, anonymousTimes.Lifetime},
		"remembered, as both":          {loginRemembered, token.Anonymous | token.Remembered, rememberedTimes, anonymousTimes.Lifetime},
		"the rule, as remembered":      {login, token.Remembered, ruleTimes, ruleTimes.Lifetime},
		"anonymous, as remembered":     {visitOnce, token.Remembered, anonymousTimes, anonymousTimes.Lifetime},
		"the rule, and unknown things": {login, 0xf3, ruleTimes, ruleTimes.Lifetime},
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t, withAnonymous)
			g := new(guest)
			s.visit(g, c.change)
			claims, _ := ring.Verify(g.token())
			claims.Flags = c.says
			g.cookies["__Host-session"] = ring.Sign(claims)
			if got, m := s.termOf(g); got != c.record || m.Token != g.token() {
				t.Errorf("%v, want %v", m, c.record)
			}
			end := s.clock.Now().Add(c.lives)
			for step := c.record.Idle / 2; s.clock.Now().Add(step).Before(end); s.clock.advance(step) {
				if x, _ := s.load(g); x.Meta().New {
					t.Fatalf("ended %v before its time", end.Sub(s.clock.Now()))
				}
			}
			s.clock.advance(end.Sub(s.clock.Now()) - 1)
			if x, _ := s.load(g); x.Meta().New {
				t.Error("ended a moment before its time")
			}
			s.clock.advance(1)
			if x, _ := s.load(g); !x.Meta().New {
				t.Errorf("alive after its time: %v", x.Meta())
			}
		})
	}
}

// The manager tries a failed logout again for as long as the record can live, which is longer than the rule here.
func TestAFailedLogoutOfWhoIsRememberedIsTriedForAsLongAsItLives(t *testing.T) {
	short := func(c *session.Config) { c.IdleTimeout, c.Lifetime = time.Second, time.Second }
	s := newLab(t, short)
	g := new(guest)
	s.visit(g, loginRemembered)
	x, _ := s.load(g)
	s.store.fail(always(errDown, get, swap, remove), nil)
	if err := x.Destroy(); err == nil {
		t.Fatal("Destroy succeeded")
	}
	if until := s.sessions.UnendedUntil(); time.Until(until) < 13*day {
		t.Errorf("it is tried until %v", until)
	}
	s.store.heal()
}
