package concurrency

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// An undeletingStore is a store as a process has it that dies before it has ended any record.
type undeletingStore struct{ session.Store }

var errDies = fmt.Errorf("it has died: %w", session.ErrUnavailable)

func (undeletingStore) Delete(context.Context, string) error { return errDies }

func members(t *testing.T, store session.Store, cfg session.Config) *member.Sessions {
	t.Helper()
	m, err := member.NewSessions(store, cfg)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// membersOf returns the managers of two processes, and of one that never gets to ending a record.
func membersOf(t *testing.T, connect func() session.Store) (m [2]*member.Sessions, dying *member.Sessions) {
	for i := range m {
		m[i] = members(t, connect(), Config())
	}
	return m, members(t, undeletingStore{connect()}, Config())
}

// someUsers returns the first of some million users whom no other test has: the store may be a database that stays.
func someUsers() int64 { return 1 + rand.Int64N(1<<40)<<20 }

// A tab is a browser's request under way.
type tab struct {
	s *member.Session
	w *httptest.ResponseRecorder
}

func (x *tab) token() string {
	if cookies := x.w.Result().Cookies(); len(cookies) > 0 && cookies[0].MaxAge >= 0 {
		return cookies[0].Value
	}
	return ""
}

func openTab(t *testing.T, m *member.Sessions, token string) *tab {
	w, r := Visit(nil)
	if token != "" {
		r.Header.Set("Cookie", "session="+token)
	}
	s, err := m.Load(w, r)
	if err != nil {
		panic(fmt.Sprintf("Load: %v", err)) // there is nothing to go on with
	}
	return &tab{s, w}
}

// loggedIn is a browser in which a user has logged in.
func loggedIn(t *testing.T, m *member.Sessions, user int64) string {
	x := openTab(t, m, "")
	x.s.SetUserID(user)
	x.s.SetCart([]string{fmt.Sprint(user)})
	if err := x.s.Save(); err != nil {
		t.Errorf("login: %v", err)
	}
	return x.token()
}

// userOf is who a token is, for each of some processes: 0 for nobody.
func userOf(t *testing.T, token string, m ...*member.Sessions) int64 {
	users := make([]int64, 0, 2)
	for _, m := range m {
		users = append(users, openTab(t, m, token).s.UserID())
	}
	if users[0] != users[len(users)-1] {
		t.Errorf("the processes do not agree: %v", users)
	}
	return users[0]
}

// AnEndAllEndsWhateverItRacesWith runs so many races of each kind.
func AnEndAllEndsWhateverItRacesWith(n int) func(t *testing.T, connect func() session.Store) {
	return func(t *testing.T, connect func() session.Store) { endAllRaces(t, connect, n) }
}

func endAllRaces(t *testing.T, connect func() session.Store, n int) {
	m, dying := membersOf(t, connect)
	from := someUsers()
	for number, op := range []struct {
		name string
		do   func(*member.Session) error
	}{
		{"a login", nil},
		{"a renewal", func(s *member.Session) error { s.SetEmail("a"); return s.Save() }},
		{"a Save", func(s *member.Session) error { s.AddVisits(1); return s.Save() }},
		{"a Take", func(s *member.Session) error { s.TakeNotice(); return nil }},
		{"a Count", func(s *member.Session) error { _, err := s.CountVisits(1); return err }},
		{"a Destroy", func(s *member.Session) error { return s.Destroy() }},
	} {
		t.Run(op.name, func(t *testing.T) {
			races(count(n), func(i int) {
				user := from + int64(number*n+i)
				phone, desk := loggedIn(t, m[0], user), loggedIn(t, m[1], user)
				token := phone
				if op.do == nil {
					token = ""
				}
				x := openTab(t, m[0], token)
				x.s.SetNotice("x")
				if op.name == "a Take" {
					if err := x.s.Save(); err != nil {
						t.Error(err)
					}
				}
				ender := m[1]
				if i%2 == 1 {
					ender = dying
				}
				Together(2, func(n int) {
					if n == 0 {
						if err := member.SessionsOf(ender, user).EndAll(context.Background()); err != nil {
							t.Errorf("EndAll: %v", err)
						}
						return
					}
					do := op.do
					if do == nil {
						do = func(s *member.Session) error { s.SetUserID(user); return s.Save() }
					}
					if err := do(x.s); err != nil && (op.do == nil || !errors.Is(err, session.ErrGone)) {
						t.Errorf("%s: %v", op.name, err)
					}
				})
				for _, token := range []string{phone, desk} {
					if got := userOf(t, token, m[0], m[1]); got != 0 {
						t.Errorf("race %d: user %d is in", i, got)
					}
				}
				if op.do != nil {
					if token := x.token(); token != "" && userOf(t, token, m[0], m[1]) != 0 {
						t.Errorf("race %d: it goes on under a new id", i)
					}
					if list, err := member.SessionsOf(m[0], user).List(context.Background()); len(list) > 0 || err != nil {
						t.Errorf("race %d: %d are listed, %v", i, len(list), err)
					}
				}
				if later := loggedIn(t, m[0], user); userOf(t, later, m[1], m[0]) != user {
					t.Errorf("race %d: a login that came after is out", i)
				}
			})
		})
	}
}

// ALoginAsAnotherIsWholeWhateverItRacesWith: Ann's browser becomes Bob's, while Ann's sessions come to an end in some
// way.
func ALoginAsAnotherIsWholeWhateverItRacesWith(t *testing.T, connect func() session.Store) {
	m, _ := membersOf(t, connect)
	from := someUsers()
	for number, op := range []struct {
		name string
		do   func(t *testing.T, m *member.Sessions, ann int64, phone, desk, deskDevice string) error
	}{
		{"the end of Ann's other device", func(_ *testing.T, m *member.Sessions, ann int64, _, _, device string) error {
			return member.SessionsOf(m, ann).End(context.Background(), device)
		}},
		{"Ann's logout", func(t *testing.T, m *member.Sessions, _ int64, phone, _, _ string) error {
			return openTab(t, m, phone).s.Destroy()
		}},
		{"Ann's EndAll", func(_ *testing.T, m *member.Sessions, ann int64, _, _, _ string) error {
			return member.SessionsOf(m, ann).EndAll(context.Background())
		}},
		{"Ann's renewal", func(t *testing.T, m *member.Sessions, _ int64, phone, _, _ string) error {
			s := openTab(t, m, phone).s
			s.SetEmail("ann@b")
			if err := s.Save(); !errors.Is(err, session.ErrGone) {
				return err
			}
			return nil
		}},
	} {
		t.Run(op.name, func(t *testing.T) {
			races(count(100), func(i int) {
				ann, bob := from+int64(10_000*number+2*i), from+int64(10_000*number+2*i+1)
				phone, desk := loggedIn(t, m[0], ann), loggedIn(t, m[1], ann)
				device := openTab(t, m[1], desk).s.Meta().Device
				x := openTab(t, m[0], phone)
				Together(2, func(n int) {
					if n == 0 {
						if err := op.do(t, m[1], ann, phone, desk, device); err != nil {
							t.Errorf("%s: %v", op.name, err)
						}
						return
					}
					x.s.SetUserID(bob)
					if err := x.s.Save(); err != nil {
						t.Errorf("login: %v", err)
					}
				})
				s := openTab(t, m[1], x.token()).s
				if got := s.Snapshot(); got.UserID != bob || got.Cart != nil || got.Email != "" {
					t.Errorf("race %d: Bob has %+v", i, got)
				}
				if got := userOf(t, phone, m[0], m[1]); got != 0 {
					t.Errorf("race %d: the old id is user %d", i, got)
				}
				list, err := member.SessionsOf(m[0], ann).List(context.Background())
				if err != nil {
					t.Error(err)
				}
				for _, s := range list {
					if s.Meta().Device != device {
						t.Errorf("race %d: Ann's roster has the browser", i)
					}
				}
			})
		})
	}
}

// OfManyLoginsAtOnceTheLatestFiveLive: each of 64 either works or has been pushed out by a later one.
func OfManyLoginsAtOnceTheLatestFiveLive(t *testing.T, connect func() session.Store) {
	from := someUsers()
	var stores []session.Store
	for range 8 {
		stores = append(stores, connect())
	}
	for n, c := range []struct {
		name    string
		secrets [2][]string // of every other process
	}{
		{"one secret", [2][]string{{"a"}, {"a"}}},
		{"the second secret at hand", [2][]string{{"a", "b"}, {"a", "b"}}},
		{"in the midst of a rotation", [2][]string{{"a", "b"}, {"b", "a"}}},
		{"the second secret in use", [2][]string{{"b", "a"}, {"b", "a"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var m []*member.Sessions
			for i, store := range stores {
				cfg := Config()
				cfg.Secrets = nil
				for _, text := range c.secrets[i%2] {
					cfg.Secrets = append(cfg.Secrets, fixture.Secret(text))
				}
				m = append(m, members(t, store, cfg))
			}
			for trial := range int64(count(10)) {
				user := from + int64(n)*1000 + trial
				tokens := make([]string, 64)
				Together(len(tokens), func(i int) { tokens[i] = loggedIn(t, m[i%len(m)], user) })
				list, err := member.SessionsOf(m[0], user).List(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				var listed []string
				for _, s := range list {
					listed = append(listed, s.Meta().Device)
				}
				live := 0
				for i, token := range tokens {
					x := openTab(t, m[i%len(m)], token)
					if x.s.UserID() == 0 {
						continue
					}
					live++
					if got := x.s.Snapshot(); got.UserID != user || len(got.Cart) != 1 || !slices.Contains(listed, x.s.Meta().Device) {
						t.Errorf("login %d is broken: %+v", i, got)
					}
					x.s.SetEmail("still here")
					if err := x.s.Save(); err != nil {
						t.Errorf("login %d cannot renew: %v", i, err)
					}
					if got := userOf(t, x.token(), m[0], m[1]); got != user {
						t.Errorf("login %d is lost with its renewal", i)
					}
				}
				if live != 5 || len(listed) != 5 {
					t.Errorf("%d live and %d are listed, want 5", live, len(listed))
				}
			}
		})
	}
}

// OfManyRenewalsAtOnceOneIsAcknowledgedAndLives: renewals of one session that race with each other and with another's
// login lock nobody out.
func OfManyRenewalsAtOnceOneIsAcknowledgedAndLives(t *testing.T, connect func() session.Store) {
	from := someUsers()
	var m []*member.Sessions
	for range 8 {
		m = append(m, members(t, connect(), Config()))
	}
	for trial := range int64(count(50)) {
		user := from + trial
		phone := loggedIn(t, m[0], user)
		device := openTab(t, m[0], phone).s.Meta().Device
		tabs := make([]*tab, 16)
		for i := range tabs {
			tabs[i] = openTab(t, m[i%len(m)], phone)
		}
		Together(len(tabs)+1, func(i int) {
			if i == len(tabs) {
				loggedIn(t, m[0], user)
				return
			}
			tabs[i].s.Renew()
			if err := tabs[i].s.Save(); err != nil && !errors.Is(err, session.ErrGone) {
				t.Errorf("renewal: %v", err)
			}
		})
		live := 0
		for _, x := range tabs {
			if x.token() != "" {
				live++
				s := openTab(t, m[1], x.token()).s
				if s.UserID() != user || s.Meta().Device != device {
					t.Errorf("what was acknowledged is %v", s)
				}
			}
		}
		if live != 1 {
			t.Errorf("%d renewals were acknowledged", live)
		}
		if list, err := member.SessionsOf(m[2], user).List(context.Background()); err != nil || len(list) != 2 {
			t.Errorf("%d are listed, %v", len(list), err)
		}
	}
}
