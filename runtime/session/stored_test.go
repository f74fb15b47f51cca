package session_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/record"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/token"
)

func TestARecordThatCannotBeReadIsANewSessionAndALine(t *testing.T) {
	random := make([]byte, 300)
	for i := range random {
		random[i] = byte(rand.N(256))
	}
	for name, change := range map[string]func(value []byte) []byte{
		"empty":          func([]byte) []byte { return nil },
		"one byte":       func(v []byte) []byte { return v[:1] },
		"truncated":      func(v []byte) []byte { return v[:len(v)-1] },
		"longer":         func(v []byte) []byte { return append(bytes.Clone(v), 0) },
		"random":         func([]byte) []byte { return random },
		"other version":  func(v []byte) []byte { v = bytes.Clone(v); v[0]++; return v },
		"other secret":   func(v []byte) []byte { v = bytes.Clone(v); v[1]++; return v },
		"last byte":      func(v []byte) []byte { v = bytes.Clone(v); v[len(v)-1] ^= 1; return v },
		"nonce":          func(v []byte) []byte { v = bytes.Clone(v); v[13] ^= 1; return v },
		"two megabytes":  func([]byte) []byte { return make([]byte, 2<<20) },
		"somebody's map": func([]byte) []byte { return []byte("\x81\xa1k\xa1v") },
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			old := g.token()
			loaded, _ := s.load(g)
			s.store.damage(change)
			s.visit(g, func(x *fixture.Session) {
				if x.HasVisits() || !x.Meta().New {
					t.Errorf("it sees %v", x)
				}
				x.AddVisits(5)
			})
			if g.token() == old {
				t.Error("the id was adopted")
			}
			if log := s.logs.String(); !strings.Contains(log, "level=WARN") {
				t.Errorf("logged: %q", log)
			}
			loaded.AddVisits(1)
			loaded.TakeNotice()
			if err := loaded.Save(); !errors.Is(err, session.ErrGone) {
				t.Errorf("a request that had loaded it before: Save = %v", err)
			}
		})
	}
}

func TestTheReplyOfAnotherKeyIsAskedForOnceMoreOnAFreshConnection(t *testing.T) {
	for _, c := range []struct {
		name   string
		wrong  int // replies
		visits int64
	}{{"once", 1, 2}, {"twice", 2, 0}} {
		t.Run(c.name, func(t *testing.T) {
			s := newLab(t)
			a, b := s.known(), s.known()
			s.visit(b, func(x *fixture.Session) { x.AddVisits(1) })
			s.store.trips()
			wrong := c.wrong
			s.store.reply = func(key string, value []byte) []byte {
				if wrong == 0 {
					return value
				}
				wrong--
				for k, r := range s.store.records {
					if k != key {
						return bytes.Clone(r.value)
					}
				}
				return nil
			}
			if got := s.fields(b); got.Visits != c.visits {
				t.Errorf("%d visits, want %d", got.Visits, c.visits)
			}
			wantTrips(t, s.store, get, get)
			if s.store.resets != 1 {
				t.Errorf("the connections were dropped %d times", s.store.resets)
			}
			if logged := strings.Contains(s.logs.String(), "WARN"); logged != (c.wrong == 2) {
				t.Errorf("logged: %s", s.logs)
			}
			s.store.heal()
			if got := s.fields(a); got.Visits != 1 {
				t.Errorf("the other session: %+v", got)
			}
		})
	}
}

// On a connection whose replies have shifted, "no such record" may be about another request's.
func TestAMissIsAskedForOnceMoreBeforeASessionEnds(t *testing.T) {
	for _, c := range []struct {
		name   string
		misses int
		visits int64
	}{{"once", 1, 1}, {"twice", 2, 0}} {
		t.Run(c.name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			s.store.trips()
			misses := c.misses
			s.store.fail(nil, func(call, _ string) error {
				if call != get || misses == 0 {
					return nil
				}
				misses--
				return session.ErrNotFound
			})
			if got := s.fields(g); got.Visits != c.visits {
				t.Errorf("%d visits, want %d", got.Visits, c.visits)
			}
			wantTrips(t, s.store, get, get)
			if s.store.resets != 0 {
				t.Error("the connections were dropped")
			}
		})
	}
}

// A loose session has the fields that a test gives it: a binary of another version of the fixture.
type loose struct {
	core  session.Core
	slots [8]record.Slot
}

func newLoose(fields int) func() (*loose, *session.Core, []record.Slot) {
	return func() (*loose, *session.Core, []record.Slot) {
		x := new(loose)
		return x, &x.core, x.slots[:fields]
	}
}

func looseSessions(t *testing.T, s *lab, fields ...record.Field) *session.Manager[loose] {
	t.Helper()
	m, err := session.NewManager(s.store, s.config(), session.Schema[loose]{
		Name: "Session", Identity: fixtureIdentity,
		Fields: fields,
		New:    newLoose(len(fields)),
		Core:   func(x *loose) *session.Core { return &x.core },
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func (g *guest) change(t *testing.T, m *session.Manager[loose], f func(*session.Core)) {
	t.Helper()
	x, err := m.Open(t.Context(), g.token())
	if err != nil {
		t.Fatal(err)
	}
	f(&x.core)
	if err := x.core.Save(); err != nil {
		t.Fatal(err)
	}
}

func TestAStoredFieldThatDoesNotFitIsAbsentReportedOnceAndKept(t *testing.T) {
	s := newLab(t)
	g := s.known()
	older := looseSessions(t, s, record.Field{Name: "LastSeen", Key: "last_seen", Type: record.String})
	g.change(t, older, func(c *session.Core) { c.SetString(0, "yesterday, S3CRET") })

	s.visit(g, func(x *fixture.Session) {
		for range 3 {
			if x.HasLastSeen() || !x.LastSeen().IsZero() {
				t.Errorf("it reads as %v", x.LastSeen())
			}
		}
		_ = x.String()
		x.AddVisits(1)
	})
	if log := s.logs.String(); strings.Count(log, "last_seen") != 1 || strings.Contains(log, "S3CRET") {
		t.Errorf("logged: %s", log)
	}
	g.change(t, older, func(c *session.Core) {
		if v := c.String(0); v != "yesterday, S3CRET" {
			t.Errorf("another binary's Save made it %q", v)
		}
	})
	at := s.clock.Now()
	s.visit(g, func(x *fixture.Session) { x.SetLastSeen(at) })
	if got := s.fields(g).LastSeen; !got.Equal(at) {
		t.Errorf("after it was set it is %v", got)
	}
}

func TestFieldsAndMembersThatABinaryDoesNotKnowSurviveIt(t *testing.T) {
	s := newLab(t)
	g := s.known()
	newer := looseSessions(t, s,
		record.Field{Name: "Coupon", Key: "coupon", Type: record.String},
		record.Field{Name: "Ship", Key: "ship", Type: record.Other, Check: (*record.Reader).Skip},
	)
	type address struct{ city, planet string }
	write := func(w *record.Writer, a address) {
		w.Map(3)
		w.Key("city")
		w.String(a.city)
		w.Key("planet")
		w.String(a.planet)
		w.Key("zip")
		w.String("")
	}
	read := func(r *record.Reader) (a address) {
		for range r.Struct() {
			switch r.Key() {
			case "city":
				a.city = r.String()
			case "planet":
				a.planet = r.String()
			default:
				r.Skip()
			}
		}
		return a
	}
	g.change(t, newer, func(c *session.Core) {
		c.SetString(0, "10 %")
		record.Set(&c.Fields, 1, address{"Rome", "Mars"}, write)
	})
	s.visit(g, func(x *fixture.Session) { x.SetShip(&fixture.Address{City: "Paris"}); x.AddVisits(1) })
	s.visit(g, func(x *fixture.Session) { x.SetUserID(7) })
	g.change(t, newer, func(c *session.Core) {
		if v := c.String(0); v != "10 %" {
			t.Errorf("the unknown field is %q", v)
		}
		if a := record.Get(&c.Fields, 1, read); a != (address{"Paris", "Mars"}) {
			t.Errorf("the struct is %+v", a)
		}
	})
}

// A record that opens and has the wrong things in it was written by a binary with another format.
func TestASealedRecordOfAnotherFormatIsANewSessionAndALine(t *testing.T) {
	deep := append(bytes.Repeat([]byte{0x91}, 200_000), 0xc0)
	for name, plain := range map[string][]byte{
		"nothing":                {},
		"a header alone":         make([]byte, 9),
		"unknown kind":           append([]byte{9}, make([]byte, 20)...),
		"short tombstone":        append([]byte{1}, make([]byte, 15)...),
		"fields that are no map": append(make([]byte, 9), 0xc0),
		"fewer pairs than said":  append(make([]byte, 9), 0x82, 0xa1, 'k', 0xc0),
		"more bytes than said":   append(make([]byte, 9), 0x80, 0xc0),
		"a giant count":          append(make([]byte, 9), 0xdf, 0xff, 0xff, 0xff, 0xff),
		"keys out of order":      append(make([]byte, 9), 0x82, 0xa1, 'b', 0xc0, 0xa1, 'a', 0xc0),
		"a key twice":            append(make([]byte, 9), 0x82, 0xa1, 'b', 0xc0, 0xa1, 'b', 0xc0),
		"a key that is a number": append(make([]byte, 9), 0x81, 1, 1),
		"nested without end":     append(append(make([]byte, 9), 0x81, 0xa1, 'k'), deep...),
		"a broken envelope":      append(make([]byte, 9), 0x81, 0xa5, 'c', 'o', 'u', 'n', 't', 0xd4, 'S', 0),
		"a broken envelope here": append(make([]byte, 9), 0x81, 0xa6, 'v', 'i', 's', 'i', 't', 's', 0xd4, 'S', 0),
	} {
		t.Run(name, func(t *testing.T) {
			s := newLab(t)
			g := s.known()
			ring, err := token.NewRing(fixtureIdentity, "__Host-session", s.config().Secrets)
			if err != nil {
				t.Fatal(err)
			}
			created := binary.BigEndian.AppendUint64(nil, uint64(s.clock.Now().UnixNano()))
			if len(plain) >= 9 {
				copy(plain[1:9], created)
			}
			loaded, _ := s.load(g)
			for key, r := range s.store.records {
				r.value = ring.Seal(nil, key, plain)
				r.version++
				s.store.records[key] = r
			}
			got := s.fields(g)
			if name == "a broken envelope" || name == "nested without end" { // nobody here has that field, and so nobody looks
				return
			}
			if got.Visits != 0 {
				t.Errorf("it sees %+v", got)
			}
			if log := s.logs.String(); !strings.Contains(log, "level=WARN") {
				t.Errorf("logged: %q", log)
			}
			loaded.AddVisits(1)
			if err := loaded.Save(); !errors.Is(err, session.ErrGone) {
				t.Errorf("a request that had loaded it before: Save = %v", err)
			}
		})
	}
}
