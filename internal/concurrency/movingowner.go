package concurrency

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/migrate"
)

// EndAllHoldsDuringAMove lets people log in at the same time by way of two processes, of which one is at the step
// before the other, and ends all sessions of each of them while they are used. connect returns both stores as one
// more process has them.
func EndAllHoldsDuringAMove(t *testing.T, connect func() (old, next session.Store)) {
	const people, devices = 100, 4
	var managers [processes]*member.Sessions
	for p := range managers {
		old, next := connect()
		store := migrate.New(next, old, 12*time.Hour)
		if p == 0 {
			store = migrate.New(old, next, 12*time.Hour)
		}
		m, err := member.NewSessions(store, Config())
		if err != nil {
			t.Fatal(err)
		}
		managers[p] = m
	}
	races(people, func(i int) {
		id := int64(i + 1)
		var tokens [devices]string
		Together(devices, func(d int) { tokens[d] = logIn(t, managers[d%processes], id) })
		for d, token := range tokens {
			for p, m := range managers {
				if !alive(t, m, token) {
					t.Errorf("person %d, device %d: logged out on process %d", i, d, p)
				}
			}
		}
		Together(devices+1, func(d int) {
			if d == devices {
				all := member.SessionsOf(managers[i%processes], id)
				insist(t, "EndAll", func() error { return all.EndAll(context.Background()) })
				return
			}
			alive(t, managers[d%processes], tokens[d])
		})
		for d, token := range tokens {
			for p, m := range managers {
				if alive(t, m, token) {
					t.Errorf("person %d, device %d: alive on process %d after EndAll", i, d, p)
				}
			}
		}
		if !alive(t, managers[i%processes], logIn(t, managers[(i+1)%processes], id)) {
			t.Errorf("person %d cannot log in again", i)
		}
	})
}

// insist calls f until it succeeds: a move that takes too long on a busy machine is no failure of this test.
func insist(t *testing.T, what string, f func() error) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for {
		err := f()
		if err == nil {
			return
		}
		if !errors.Is(err, session.ErrUnavailable) && !errors.Is(err, session.ErrUnknown) || time.Now().After(deadline) {
			t.Errorf("%s: %v", what, err)
			return
		}
	}
}

// logIn returns the token of a new session of somebody.
func logIn(t *testing.T, m *member.Sessions, id int64) (token string) {
	t.Helper()
	insist(t, "login", func() error {
		s, err := m.Load(Visit(nil))
		if err != nil {
			return err
		}
		s.SetUserID(id)
		err = s.Save()
		token = s.Meta().Token
		return err
	})
	return token
}

func alive(t *testing.T, m *member.Sessions, token string) (yes bool) {
	t.Helper()
	insist(t, "open", func() error {
		s, err := m.Open(context.Background(), token)
		if errors.Is(err, session.ErrGone) {
			return nil
		}
		yes = err == nil && s.HasUserID()
		return err
	})
	return yes
}
