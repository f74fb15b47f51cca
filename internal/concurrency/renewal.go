package concurrency

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func ARequestWithTheIdFromBeforeALoginIsAnonymousAndHarmsNothing(t *testing.T, connect func() session.Store) {
	m := Visitors(t, connect())
	other := Visitors(t, connect())
	for name, late := range map[string]func(*testing.T, *visitor.Session){
		"reads": func(*testing.T, *visitor.Session) {},
		"saves": func(t *testing.T, s *visitor.Session) {
			s.SetColor("late")
			wantGone(t, s.Save())
			s.AddCount(1)
			wantGone(t, s.Save()) // and again
		},
		"renews": func(t *testing.T, s *visitor.Session) {
			s.Renew()
			wantGone(t, s.Save())
		},
		"logs out": func(t *testing.T, s *visitor.Session) {
			if err := s.Destroy(); err != nil {
				t.Error(err)
			}
		},
		"logs out and says so": func(t *testing.T, s *visitor.Session) {
			if err := s.Destroy(); err != nil {
				t.Error(err)
			}
			s.SetNote("you are logged out")
			wantGone(t, s.Save())
		},
	} {
		t.Run(name, func(t *testing.T) {
			old, _ := Begin(t, m, func(s *visitor.Session) { s.SetColor("red") })
			w, r := Visit(old)
			s, err := m.Load(w, r)
			if err != nil {
				t.Fatal(err)
			}
			s.SetUserID("ann")
			if err := s.Save(); err != nil {
				t.Fatal(err)
			}
			token := s.Meta().Token

			w, r = Visit(old)
			s, err = other.Load(w, r)
			if err != nil {
				t.Fatal(err)
			}
			if meta := s.Meta(); !meta.New || s.HasUserID() || s.HasColor() {
				t.Error("not anonymous")
			}
			late(t, s)
			if len(w.Result().Cookies()) > 0 {
				t.Error("it sets a cookie, which displaces the login's")
			}
			if s := Open(t, m, token); s.UserID() != "ann" || s.Color() != "red" || s.HasCount() {
				t.Errorf("the new session has become %v", s)
			}
		})
	}
}

func ALogoutEndsTheSessionThatARenewalWentOnWith(t *testing.T, connect func() session.Store) {
	m, other := Visitors(t, connect()), Visitors(t, connect())
	for _, arrival := range []string{"before the renewal", "after it"} {
		cookie, token := Begin(t, m, func(s *visitor.Session) { s.SetUserID("ann") })
		logout := cookie
		leaving, err := other.Load(Visit(logout))
		if err != nil {
			t.Fatal(err)
		}
		tokens := []string{token}
		for range 3 {
			w, r := Visit(cookie)
			s, err := m.Load(w, r)
			if err != nil {
				t.Fatal(err)
			}
			s.Renew()
			if err := s.Save(); err != nil {
				t.Fatal(err)
			}
			cookie = w.Result().Cookies()[0]
			tokens = append(tokens, s.Meta().Token)
		}
		latest := Open(t, m, tokens[3])
		if arrival == "after it" {
			if leaving, err = other.Load(Visit(logout)); err != nil {
				t.Fatal(err)
			}
		}
		if err := leaving.Destroy(); err != nil {
			t.Error(arrival, err)
		}
		for i, token := range tokens {
			if _, err := m.Open(t.Context(), token); !errors.Is(err, session.ErrGone) {
				t.Errorf("logout that came %s, id %d: %v", arrival, i, err)
			}
		}
		latest.SetColor("late")
		wantGone(t, latest.Save())
	}
}

func wantGone(t *testing.T, err error) {
	t.Helper()
	if !errors.Is(err, session.ErrGone) {
		t.Errorf("%v, want ErrGone", err)
	}
}

func TwoRacingLoginsGiveTwoWholeSessions(t *testing.T, connect func() session.Store) {
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	races(count(5000), func(i int) {
		cookie, before := Begin(t, managers[0], func(s *visitor.Session) {
			s.SetColor("red")
			s.SetNote("welcome")
		})
		var tokens [2]string
		Together(2, func(i int) {
			w, r := Visit(cookie)
			s, err := managers[i].Load(w, r)
			if err != nil {
				t.Error(err)
				return
			}
			user := strconv.Itoa(i)
			s.SetUserID(user)
			s.SetUserName(user)
			s.AppendItems(user)
			if err := s.Save(); err != nil {
				t.Error(err)
			}
			cookies := w.Result().Cookies()
			if len(cookies) != 1 {
				t.Error("a login has set no cookie")
				return
			}
			tokens[i] = cookies[0].Value
		})
		notes := 0
		for i, token := range tokens {
			s := Open(t, managers[0], token)
			got, want := Shown(s), strconv.Itoa(i)
			// If one has loaded after the other had ended the session, it has its own changes alone.
			if got.UserID != want || got.UserName != want || !slices.Equal(got.Items, []string{want}) ||
				got.Color != "red" && got.Color != "" {
				t.Errorf("login %d got %+v", i, got)
			}
			if got.Note != "" {
				notes++
			}
		}
		if notes > 1 {
			t.Error("both sessions have the flash")
		}
		if _, err := managers[1].Open(context.Background(), before); !errors.Is(err, session.ErrGone) {
			t.Error("the session from before the logins:", err)
		}
	})
}

func ALoginKeepsWhatOthersSavedSinceItWasLoaded(t *testing.T, connect func() session.Store) {
	managers := []*visitor.Sessions{Visitors(t, connect()), Visitors(t, connect())}
	races(count(1000), func(int) {
		cookie, token := Begin(t, managers[0], func(s *visitor.Session) { s.AppendItems("first") })
		w, r := Visit(cookie)
		login, err := managers[0].Load(w, r)
		if err != nil {
			t.Error(err)
			return
		}
		login.SetUserID("ann")
		login.AddCount(1)
		other := Open(t, managers[1], token)
		other.AddCount(10)
		other.AppendItems("second")
		if err := other.Save(); err != nil {
			t.Error(err)
		}
		// And some more during the Save itself.
		var kept int64 = 10
		Together(2, func(i int) {
			if i == 0 {
				if err := login.Save(); err != nil {
					t.Error("login:", err)
				}
				return
			}
			for range 3 {
				other.AddCount(100)
				if err := other.Save(); errors.Is(err, session.ErrGone) {
					return
				} else if err != nil {
					t.Error(err)
				}
				kept += 100
			}
		})
		got := Open(t, managers[0], login.Meta().Token).Snapshot()
		if got.UserID != "ann" || got.Count != kept+1 || fmt.Sprint(got.Items) != "[first second]" {
			t.Errorf("the new session has %+v, want a count of %d", got, kept+1)
		}
	})
}
