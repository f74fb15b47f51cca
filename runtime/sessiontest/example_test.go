package sessiontest_test

import (
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/sessiongen/sessiongen/internal/fixture"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/sessiontest"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// visits is the handler under test: it counts.
func visits(sessions *fixture.Sessions) http.Handler {
	return sessions.Handle(func(w http.ResponseWriter, _ *http.Request, s *fixture.Session) error {
		s.AddVisits(1)
		_, err := fmt.Fprintf(w, "Welcome back, %s.", s.UserName())
		return err
	})
}

func Example() {
	var t *testing.T // the test's

	secret := make([]byte, 32)
	_, _ = rand.Read(secret)
	sessions, err := fixture.NewSessions(memory.New(), session.Config{Secrets: [][]byte{secret}})
	if err != nil {
		t.Fatal(err)
	}

	// A visitor comes back, logged in and with six visits.
	r := sessiontest.Request(t, sessions, httptest.NewRequest("GET", "/", nil), func(s *fixture.Session) {
		s.SetUserName("Ann")
		s.SetVisits(6)
	})
	w := httptest.NewRecorder()
	visits(sessions).ServeHTTP(w, r)

	if got := w.Body.String(); got != "Welcome back, Ann." {
		t.Errorf("the page says %q", got)
	}
	if s := sessiontest.Read(t, sessions, w.Result()); s.Visits() != 7 {
		t.Errorf("%d visits, want 7", s.Visits())
	}
}
