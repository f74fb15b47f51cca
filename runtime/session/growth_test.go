package session_test

import (
	"fmt"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/member"
	"github.com/sessiongen/sessiongen/internal/growth"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// BenchmarkGrowth compares requests that save n operations with requests that set the whole that they make: medians of
// what a request's session costs, in turns, so that both see the same machine. Where there is a conflict, another process
// writes before each Save, which replays its operations then. The metric "times-whole" is to be at most 4. What the
// operations cost without a Save around them, package record's benchmark of this name says.
func BenchmarkGrowth(b *testing.B) {
	store, cfg := memory.New(), session.Config{Secrets: [][]byte{fixture.Secret("growth")}, SaveTimeout: time.Minute}
	sessions, err := member.NewSessions(store, cfg)
	if err != nil {
		b.Fatal(err)
	}
	others, err := member.NewSessions(store, cfg) // of another process: it waits for no lock of this one
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{10, 100, 1000, 10_000} {
		list, dict := make([]string, n), make(map[string]string, n)
		for i := range list {
			list[i] = fmt.Sprintf("preference-%d", (i*7919)%n)
			dict[list[i]] = "value"
		}
		for _, c := range []struct {
			name        string
			whole, each func(*member.Session)
		}{
			{"append", func(s *member.Session) { s.SetCart(list) }, func(s *member.Session) {
				for _, text := range list {
					s.AppendCart(text)
				}
			}},
			{"put", func(s *member.Session) { s.SetPrefs(dict) }, func(s *member.Session) {
				for _, key := range list {
					s.PutPrefs(key, "value")
				}
			}},
		} {
			compare := func(b *testing.B, timed func(change func(*member.Session)) time.Duration) {
				growth.Compare(b, n, func() time.Duration { return timed(c.whole) }, func() time.Duration { return timed(c.each) })
			}
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				compare(b, func(change func(*member.Session)) time.Duration { return timeRequest(b, sessions, change) })
			})
			b.Run(fmt.Sprintf("%s, conflict/%d", c.name, n), func(b *testing.B) {
				compare(b, func(change func(*member.Session)) time.Duration { return timeConflict(b, sessions, others, change) })
			})
		}
	}
}

// timeRequest returns what a request takes that creates a session with what change does.
func timeRequest(b *testing.B, sessions *member.Sessions, change func(*member.Session)) time.Duration {
	b.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest("POST", "https://shop.example/", nil)
	began := time.Now()
	s, err := sessions.Load(w, r)
	if err != nil {
		b.Fatal(err)
	}
	change(s)
	if err := s.Save(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if err := s.Destroy(); err != nil {
		b.Fatal(err)
	}
	return took
}

// timeConflict returns what change and its Save take where another process has saved since the session was loaded.
func timeConflict(b *testing.B, sessions, others *member.Sessions, change func(*member.Session)) time.Duration {
	b.Helper()
	open := func(m *member.Sessions, token string) *member.Session {
		s, err := m.Open(b.Context(), token)
		if err != nil {
			b.Fatal(err)
		}
		return s
	}
	visit := func(s *member.Session) {
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			b.Fatal(err)
		}
	}
	first, err := sessions.Load(httptest.NewRecorder(), httptest.NewRequest("POST", "https://shop.example/", nil))
	if err != nil {
		b.Fatal(err)
	}
	visit(first)
	token := first.Meta().Token
	s := open(sessions, token)
	visit(open(others, token))
	began := time.Now()
	change(s)
	if err := s.Save(); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	if s.Visits() != 2 {
		b.Fatalf("%d visits: there was no conflict", s.Visits())
	}
	if err := s.Destroy(); err != nil {
		b.Fatal(err)
	}
	return took
}
