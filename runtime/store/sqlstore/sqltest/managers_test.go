//go:build unix

package sqltest

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/internal/fixture/visitor"
	"github.com/sessiongen/sessiongen/runtime/session"
)

// managers tests the store under Managers, as two processes would use it: each has a pool, and so locks, of its
// own, and between the two compare-and-swap decides.
func managers() []test {
	return []test{
		{name: "of many requests of a session nothing is lost and nothing is there twice", run: merges},
		{name: "of logins during saves none loses what was saved", run: loginsDuringSaves},
		{name: "of races between Save and Destroy no session comes back", run: endings},
	}
}

func processes(t *testing.T, d *database) [2]*visitor.Sessions {
	t.Helper()
	var both [2]*visitor.Sessions
	for i := range both {
		m, err := visitor.NewSessions(d.store(t), session.Config{
			Secrets:     [][]byte{fixture.Secret("s")},
			Cookie:      session.Cookie{Insecure: true},
			SaveTimeout: patient,
			Logger:      slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		both[i] = m
	}
	return both
}

// load is the session of a request with the cookie, or without one.
func load(t *testing.T, m *visitor.Sessions, cookie *http.Cookie) (*visitor.Session, *httptest.ResponseRecorder) {
	t.Helper()
	w, r := httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil)
	if cookie != nil {
		r.AddCookie(cookie)
	}
	s, err := m.Load(w, r)
	if err != nil {
		t.Error(err)
		return new(visitor.Session), w
	}
	return s, w
}

// begin creates a session and returns its cookie.
func begin(t *testing.T, m *visitor.Sessions, set func(*visitor.Session)) *http.Cookie {
	t.Helper()
	s, w := load(t, m, nil)
	set(s)
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
	return w.Result().Cookies()[0]
}

func together(n int, f func(i int)) {
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { f(i) })
	}
	wg.Wait()
}

func merges(t *testing.T, d *database) {
	const requests, times = 32, 5
	both := processes(t, d)
	cookie := begin(t, both[0], func(s *visitor.Session) { s.SetNote("once") })
	var taken atomic.Int64
	together(requests, func(i int) {
		for n := range times {
			s, _ := load(t, both[i%2], cookie)
			s.AddCount(1)
			s.AppendItems(fmt.Sprint(i, "/", n))
			s.PutMarks(fmt.Sprint(i), fmt.Sprint(n))
			if _, ok := s.TakeNote(); ok {
				taken.Add(1)
			}
			if err := s.Save(); err != nil {
				t.Errorf("Save: %v", err)
			}
		}
	})
	s, _ := load(t, both[1], cookie)
	items := make(map[string]int)
	for _, item := range s.Items() {
		items[item]++
	}
	if s.Count() != requests*times || len(items) != requests*times || len(s.Items()) != len(items) {
		t.Errorf("counted %d, appended %d, %d of them different; want %d", s.Count(), len(s.Items()), len(items), requests*times)
	}
	for i := range requests {
		if got, _ := s.LookupMarks(fmt.Sprint(i)); got != fmt.Sprint(times-1) {
			t.Errorf("mark %d is %q", i, got)
		}
	}
	if taken.Load() != 1 {
		t.Errorf("the note was taken %d times", taken.Load())
	}
}

func loginsDuringSaves(t *testing.T, d *database) {
	both := processes(t, d)
	for range 30 {
		cookie := begin(t, both[0], func(s *visitor.Session) { s.SetColor("red") })
		saver, _ := load(t, both[0], cookie)
		login, w := load(t, both[1], cookie)
		var saved error
		together(2, func(i int) {
			if i == 0 {
				saver.AddCount(1)
				saved = saver.Save()
				return
			}
			login.SetUserName("ada")
			if err := login.Save(); err != nil {
				t.Errorf("login: %v", err)
			}
		})
		if saved != nil && !errors.Is(saved, session.ErrGone) {
			t.Errorf("Save: %v", saved)
		}
		cookies := w.Result().Cookies()
		if len(cookies) != 1 {
			t.Fatalf("%d cookies", len(cookies))
		}
		s, _ := load(t, both[0], cookies[0])
		if s.UserName() != "ada" || s.Color() != "red" || (s.Count() == 1) != (saved == nil) {
			t.Errorf("after the login: %v, where the other save said %v", s, saved)
		}
	}
}

func endings(t *testing.T, d *database) {
	both := processes(t, d)
	for range 50 {
		cookie := begin(t, both[0], func(s *visitor.Session) { s.AddCount(1) })
		saver, _ := load(t, both[0], cookie)
		ender, _ := load(t, both[1], cookie)
		together(2, func(i int) {
			if i == 1 {
				if err := ender.Destroy(); err != nil {
					t.Errorf("Destroy: %v", err)
				}
				return
			}
			saver.AddCount(1)
			if err := saver.Save(); err != nil && !errors.Is(err, session.ErrGone) {
				t.Errorf("Save: %v", err)
			}
		})
		saver.AddCount(1)
		if err := saver.Save(); !errors.Is(err, session.ErrGone) {
			t.Errorf("a Save after the end: %v", err)
		}
		if s, _ := load(t, both[0], cookie); !s.Meta().New || s.HasCount() {
			t.Error("it came back")
		}
	}
}
