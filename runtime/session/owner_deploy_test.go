package session_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/fixture/member/former"
	"github.com/sessiongen/sessiongen/internal/fixture/member/moved"
	"github.com/sessiongen/sessiongen/internal/fixture/member/older"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
)

type olderSession = older.Session

// older is the binary from before the schema had an owner, which is also the one after it was taken away.
func (c *club) older() *older.Sessions { return manager(c.t, c.store, c.cfg, older.NewSessions) }

// former is a binary in which the field that says whose a session is renews nothing.
func (c *club) former() *former.Sessions { return manager(c.t, c.store, c.cfg, former.NewSessions) }

// moved is a binary in which another field says whose a session is.
func (c *club) moved() *moved.Sessions { return manager(c.t, c.store, c.cfg, moved.NewSessions) }

func TestASessionFromBeforeThereWereOwnersEntersAtItsNextSave(t *testing.T) {
	for name, save := range map[string]func(*member.Session){
		"a Save":    func(s *member.Session) { s.AddVisits(1) },
		"a renewal": func(s *member.Session) { s.SetEmail("a") },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			g := new(guest)
			visitOf(t, c.older(), g, func(s *older.Session) { s.SetUserID(ann); s.SetCart([]string{"tea"}) })
			s, _ := c.load(g)
			if s.UserID() != ann || s.Meta().Device != "" {
				t.Fatalf("%v, %v", s, s.Meta())
			}
			created := s.Meta().Created
			c.clock.advance(time.Second)
			if got := c.devices(ann); got != nil {
				t.Errorf("listed: %v", got)
			}
			c.visit(g, save)
			s, _ = c.load(g)
			if got := c.devices(ann); len(got) != 1 || got[0] == "" || got[0] != s.Meta().Device {
				t.Errorf("listed: %v, the session is %v", got, s.Meta())
			}
			if s.UserID() != ann || len(s.Cart()) != 1 || !s.Meta().Created.Equal(created) {
				t.Errorf("%v, %v", s, s.Meta())
			}
			must(t, c.of(ann).End(t.Context(), s.Meta().Device))
			c.wantUser(g, 0)
		})
	}
}

func TestAnEndAllEndsWhatWasThereBeforeThereWereOwners(t *testing.T) {
	c := newClub(t)
	before, after := new(guest), new(guest)
	visitOf(t, c.older(), before, func(s *older.Session) { s.SetUserID(ann) })
	under, w := c.load(before)
	renewing, _ := c.load(before)
	clearing, _ := c.load(before)
	c.clock.advance(time.Second)
	must(t, c.of(ann).EndAll(t.Context()))
	c.clock.advance(time.Second)
	visitOf(t, c.older(), after, func(s *older.Session) { s.SetUserID(ann) })
	c.wantUser(before, 0)
	c.wantUser(after, ann)
	under.AddVisits(1)
	if err := under.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("a Save that was under way: %v", err)
	}
	renewing.Renew()
	if err := renewing.Save(); !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
		t.Errorf("a renewal that was under way: %v", err)
	}
	clearing.ClearUserID()
	if err := clearing.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("a logout by hand that was under way: %v", err)
	}
	c.wantUser(after, ann)
}

func TestAnEndOthersEndsWhatIsOnNoRoster(t *testing.T) {
	c := newClub(t)
	before := new(guest)
	visitOf(t, c.older(), before, func(s *older.Session) { s.SetUserID(ann) })
	c.clock.advance(time.Second)
	desk := c.login(ann)
	c.wantUser(before, ann)
	unmarked, _ := c.load(before)
	if err := c.of(ann).EndOthers(t.Context(), unmarked); !errors.Is(err, session.ErrGone) {
		t.Errorf("keep one that is on no roster: %v", err)
	}
	s, _ := c.load(desk)
	must(t, c.of(ann).EndOthers(t.Context(), s))
	c.wantUser(before, 0)
	c.wantUser(desk, ann)
}

// Whatever its schema says, a binary honours what another has made of a session.
func TestABinaryWithoutAnOwnerHonoursIt(t *testing.T) {
	c := newClub(t)
	old := c.older()
	phone, desk := c.login(ann), c.login(ann)
	device := c.device(phone)
	visitOf(t, old, phone, func(s *older.Session) { s.SetCart([]string{"tea"}); s.AddVisits(1) })
	visitOf(t, old, phone, func(s *older.Session) { s.SetEmail("x") })
	if s, _ := c.load(phone); s.Meta().Device != device || s.UserID() != ann || s.Email() != "x" || s.Visits() != 1 {
		t.Errorf("%v, %v", s, s.Meta())
	}
	s, w := loadFrom(t, old, desk)
	must(t, c.of(ann).End(t.Context(), c.device(desk)))
	s.SetEmail("y")
	if err := s.Save(); !errors.Is(err, session.ErrGone) || setsCookie(w.Header()) {
		t.Errorf("a renewal of what has ended: %v", err)
	}
	if s, _ := loadFrom(t, old, desk); s.HasUserID() {
		t.Error("it reads what has ended")
	}

	visitOf(t, old, phone, func(s *older.Session) { s.SetUserID(bob) })
	s, _ = loadFrom(t, old, phone)
	if s.UserID() != bob || s.HasCart() || s.HasEmail() || s.Visits() != 0 {
		t.Errorf("of Ann's there is %v", s)
	}
	if got := c.devices(bob); len(got) != 1 || got[0] == device {
		t.Errorf("Bob's: %v", got)
	}
	if got := c.devices(ann); got != nil {
		t.Errorf("Ann's: %v", got)
	}
	must(t, c.of(bob).EndAll(t.Context()))
	if s, _ := loadFrom(t, old, phone); s.HasUserID() {
		t.Error("it reads what has ended")
	}

	third := c.login(ann)
	s, w = loadFrom(t, old, third)
	must(t, s.Destroy())
	third.keep(w.Result())
	if got := c.devices(ann); got != nil {
		t.Errorf("after a logout: %v", got)
	}
	fourth := c.login(ann)
	visitOf(t, old, fourth, func(s *older.Session) { s.ClearUserID(); s.AddVisits(1) })
	if s, _ := c.load(fourth); s.HasUserID() || s.Visits() != 1 || s.Meta().Device != "" {
		t.Errorf("%v, %v", s, s.Meta())
	}
}

func TestABinaryWhoseFieldRenewsNothingMovesTheSessionAllTheSame(t *testing.T) {
	c := newClub(t)
	old := c.former()
	g := c.login(ann)
	before := g.copy()
	visitOf(t, old, g, func(s *former.Session) { s.SetUserID(bob) })
	c.wantUser(before, 0)
	c.wantUser(g, bob)
	if got := c.devices(bob); len(got) != 1 {
		t.Errorf("Bob's: %v", got)
	}
	visitOf(t, old, g, func(s *former.Session) { s.SetRole("admin") }) // which is a login by its own lights
	if got := c.devices(bob); len(got) != 1 || got[0] != c.device(g) {
		t.Errorf("Bob's: %v", got)
	}
	s, _ := loadFrom(t, old, g)
	must(t, c.of(bob).EndAll(t.Context()))
	s.SetRole("root")
	if err := s.Save(); !errors.Is(err, session.ErrGone) {
		t.Errorf("a change of role after EndAll: %v", err)
	}
	g = c.login(ann)
	visitOf(t, old, g, func(s *former.Session) { s.SetUserID(0); s.SetCart([]string{"x"}) })
	if s, _ := c.load(g); s.HasUserID() || s.Meta().Device != "" || len(s.Cart()) != 1 {
		t.Errorf("%v, %v", s, s.Meta())
	}
}

// A binary with an owner marks a session that one without has loaded.
func TestARenewalFindsThatItsSessionHasAnOwnerByNow(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*older.Session)
		want   error
	}{
		"as the same":  {func(s *older.Session) { s.SetEmail("x") }, nil},
		"as another":   {func(s *older.Session) { s.SetUserID(bob) }, session.ErrConflict},
		"as nobody":    {func(s *older.Session) { s.ClearUserID(); s.AddVisits(1) }, nil},
		"once it died": {func(s *older.Session) { s.SetEmail("x") }, session.ErrGone},
	} {
		t.Run(name, func(t *testing.T) {
			club := newClub(t)
			g := new(guest)
			visitOf(t, club.older(), g, func(s *older.Session) { s.SetUserID(ann) })
			s, w := loadFrom(t, club.older(), g)
			club.clock.advance(time.Second)
			club.visit(g, func(s *member.Session) { s.AddVisits(1) })
			if name == "once it died" {
				club.store.fail(always(errDown, remove), nil)
				must(t, club.of(ann).EndAll(t.Context()))
				club.store.heal()
			}
			before := g.copy()
			c.change(s)
			if err := s.Save(); !errors.Is(err, c.want) {
				t.Fatalf("Save = %v, want %v", err, c.want)
			}
			g.keep(w.Result())
			want := map[string]int64{"as the same": ann, "as another": ann}[name]
			club.wantUser(g, want)
			if n := len(club.devices(ann)); n != min(int(want), 1) {
				t.Errorf("%d are listed", n)
			}
			if c.want == nil {
				club.wantUser(before, 0)
			}
		})
	}
}

func TestTheOwnerMayBeTakenAwayAgain(t *testing.T) {
	c := newClub(t)
	g := c.login(ann)
	old := c.older()
	for range 3 {
		visitOf(t, old, g, func(s *older.Session) { s.AddVisits(1); s.Renew() })
	}
	s, _ := loadFrom(t, old, g)
	if s.UserID() != ann || s.Visits() != 3 {
		t.Errorf("%v", s)
	}
	fresh := new(guest)
	visitOf(t, old, fresh, func(s *older.Session) { s.SetUserID(ann) })
	if s, _ := loadFrom(t, old, fresh); s.UserID() != ann || s.Meta().Device != "" {
		t.Errorf("%v, %v", s, s.Meta())
	}
}

func rotation(secrets ...string) func(*session.Config) {
	return func(cfg *session.Config) {
		cfg.Secrets = nil
		for _, text := range secrets {
			cfg.Secrets = append(cfg.Secrets, fixture.Secret(text))
		}
	}
}

func TestARotationOfSecretsEndsNothingAndHidesNothing(t *testing.T) {
	c := newClub(t, rotation("a"))
	first := c.login(ann)
	both := c.twin(rotation("a", "b"))
	second := both.login(ann)
	moved := c.twin(rotation("b", "a"))
	third := moved.login(ann)
	moved.visit(first, func(s *member.Session) { s.Renew() })
	for _, p := range []*club{both, moved} {
		for i, g := range []*guest{first, second, third} {
			if got := p.user(g); got != ann {
				t.Errorf("login %d is %d", i, got)
			}
		}
		if n := len(p.devices(ann)); n != 3 {
			t.Errorf("%d are listed", n)
		}
	}
	list, err := both.of(ann).List(t.Context())
	must(t, err)
	if got := list[0].Meta().Device; got != moved.device(third) {
		t.Error("the latest login is not the first")
	}
	s, _ := both.load(second)
	must(t, both.of(ann).EndOthers(t.Context(), s))
	moved.wantUser(first, 0)
	moved.wantUser(second, ann)
	moved.wantUser(third, 0)
	fourth := moved.login(ann)
	must(t, both.of(ann).End(t.Context(), moved.device(fourth)))
	moved.wantUser(fourth, 0)
	moved.wantUser(second, ann)
	moved.login(ann)
	must(t, both.of(ann).EndAll(t.Context()))
	if n := len(moved.devices(ann)); n != 0 {
		t.Errorf("%d are listed", n)
	}
	c.twin(rotation("b")).wantUser(third, 0)
}

func TestTheLimitCountsTheRostersOfAllSecrets(t *testing.T) {
	c := newClub(t, rotation("a", "b"))
	moved := c.twin(rotation("b", "a"))
	var all []*guest
	for i := range 12 {
		p := c
		if i%2 == 1 {
			p = moved
		}
		all = append(all, p.login(ann))
		c.clock.advance(time.Second)
	}
	for i, g := range all {
		want := int64(0)
		if i >= 7 {
			want = ann
		}
		if got := c.user(g); got != want {
			t.Errorf("login %d is user %d, want %d", i+1, got, want)
		}
	}
}

// A roster under a secret that is no more could not be reached by an EndAll: its sessions have ended.
func TestASessionOnTheRosterOfADroppedSecretHasEnded(t *testing.T) {
	c := newClub(t, rotation("a"))
	g := c.login(ann)
	moved := c.twin(rotation("b", "a"))
	moved.visit(g, func(s *member.Session) { s.Renew() }) // its token and its record are b's now
	moved.visit(g, func(s *member.Session) { s.AddVisits(1) })
	moved.login(ann) // so that there is a roster under b
	c.twin(rotation("b")).wantUser(g, 0)
	moved.wantUser(g, ann)
}

func TestAChangedLifetimeEndsNobodyBeforeEither(t *testing.T) {
	c := newClub(t)
	idle := func(cfg *session.Config) { cfg.IdleTimeout = session.NoTimeout }
	short := c.twin(idle, func(cfg *session.Config) { cfg.Lifetime = time.Hour })
	long := c.twin(idle, func(cfg *session.Config) { cfg.Lifetime = 3 * time.Hour })
	a, b := short.login(ann), long.login(ann)
	c.clock.advance(59 * time.Minute)
	long.login(ann) // a writer that drops what is past its end
	for _, p := range []*club{short, long} {
		p.wantUser(a, ann)
		p.wantUser(b, ann)
	}
	long.visit(a, func(s *member.Session) { s.AddVisits(1) }) // so that the record alone would live on
	c.clock.advance(2 * time.Minute)
	long.wantUser(a, 0) // it entered with an hour, although nobody has dropped it from the roster
	short.wantUser(b, 0)
	long.wantUser(b, ann)
	short.login(ann)
	long.wantUser(b, ann)
	c.clock.advance(2 * time.Hour)
	long.wantUser(b, 0)
}

// The seat and the user of one number are two owners.
func TestAnOwnerOnAnotherFieldSeesNobodyElsesSessions(t *testing.T) {
	c := newClub(t)
	m := c.moved()
	user, seat := c.login(ann), new(guest)
	visitOf(t, m, seat, func(s *moved.Session) { s.SetSeat(ann) })
	c.wantUser(user, ann)
	list, err := moved.SessionsOf(m, ann).List(t.Context())
	must(t, err)
	if len(list) != 1 || list[0].Seat() != ann || list[0].HasUserID() {
		t.Errorf("the seat's: %v", list)
	}
	s, _ := loadFrom(t, m, user)
	if err := moved.SessionsOf(m, ann).EndOthers(t.Context(), s); !errors.Is(err, session.ErrGone) {
		t.Errorf("keep the user's of the seat's: %v", err)
	}
	if s, _ := loadFrom(t, m, seat); s.Seat() != ann {
		t.Errorf("%v", s)
	}
}

func TestAChangedTypeOfTheOwnerEndsItsSessions(t *testing.T) {
	for _, user := range []int64{5, 300, -5} {
		c := newClub(t)
		g := c.login(user)
		for kind, want := range map[record.Type]bool{record.Int64: false, record.Int32: true, record.Uint64: true, record.String: true} {
			fields := []record.Field{{Name: "UserID", Key: "user_id", Type: kind, Renew: true, Owner: 5}}
			m, err := session.NewManager(c.store, c.cfg, session.Schema[loose]{
				Name: "Session", Identity: "member", Fields: fields, New: newLoose(len(fields)),
				Core: func(x *loose) *session.Core { return &x.core },
			})
			must(t, err)
			s, _ := loadFrom(t, m, g)
			if ended := s.core.Meta().New; ended != want {
				t.Errorf("user %d, read as type %d: ended: %v", user, kind, ended)
			}
		}
		c.wantUser(g, user)
	}
}

// An old binary and a new one serve one browser for a thousand steps, and at each both see what was done.
func TestBinariesWithAndWithoutAnOwnerShareASession(t *testing.T) {
	c := newClub(t)
	old := c.older()
	rng := rand.New(rand.NewPCG(7, 7))
	g := new(guest)
	var want member.SessionSchema
	marked := false // by the new one; what the old one alone has seen of it is nobody's as far as that knows
	for step := range 1000 {
		user, email, add := int64(rng.IntN(3)), fmt.Sprint(step), rng.IntN(20)
		change := func(s interface {
			SetUserID(int64)
			SetEmail(string)
			AddVisits(int64)
		}) {
			switch {
			case add == 0:
				s.SetUserID(user)
			case add < 4:
				s.SetEmail(email)
			default:
				s.AddVisits(1)
			}
		}
		byOld := rng.IntN(2) == 0
		switch {
		case add == 0 && (want.UserID == 0 || byOld && !marked): // what a guest had stays
			want.UserID = user
		case add == 0 && want.UserID != user:
			want = member.SessionSchema{UserID: user}
		case add == 0:
		case add < 4:
			want.Email = email
		default:
			want.Visits++
		}
		if byOld {
			visitOf(t, old, g, func(s *older.Session) { change(s) })
		} else {
			c.visit(g, func(s *member.Session) { change(s) })
		}
		x, _ := c.load(g)
		y, _ := loadFrom(t, old, g)
		if x.UserID() != want.UserID || x.Email() != want.Email || x.Visits() != want.Visits ||
			y.UserID() != want.UserID || y.Email() != want.Email || y.Visits() != want.Visits {
			t.Fatalf("step %d: %v and %v, want %+v", step, x, y, want)
		}
		marked = x.Meta().Device != ""
		if rng.IntN(30) == 0 && want.UserID != 0 && x.Meta().Device != "" {
			if rng.IntN(2) == 0 {
				must(t, c.of(want.UserID).EndAll(t.Context()))
			} else {
				must(t, c.of(want.UserID).End(t.Context(), x.Meta().Device))
			}
			c.wantUser(g, 0)
			if y, _ := loadFrom(t, old, g); y.HasUserID() {
				t.Fatalf("step %d: the old binary reads what has ended", step)
			}
			want, marked = member.SessionSchema{}, false
			g = new(guest)
		}
		c.clock.advance(time.Second)
	}
}

// A roster lists records of one store.
func TestASessionThatHasAnOwnerIsNoPassersByWhateverTheBinaryKnows(t *testing.T) {
	for name, change := range map[string]func(*former.Session){
		"a renewal": func(s *former.Session) { s.Renew() },
		"a login":   func(s *former.Session) { s.SetUserID(bob) },
	} {
		t.Run(name, func(t *testing.T) {
			c := newClub(t)
			passers := newFaultyStore(t, c.clock.Now)
			pools := session.Pools(passers, c.store)
			members := manager(t, pools, c.cfg, member.NewSessions)
			careless := manager(t, pools, c.cfg, former.NewSessions)
			g := new(guest)
			visitOf(t, members, g, func(s *member.Session) { s.SetUserID(ann) })
			want := visitOf(t, careless, g, change).UserID()
			if s, _ := loadFrom(t, members, g); s.UserID() != want {
				t.Errorf("the browser is user %d, want %d", s.UserID(), want)
			}
			if len(passers.records) != 0 {
				t.Errorf("%d records are among the passers-by", len(passers.records))
			}
		})
	}
}
