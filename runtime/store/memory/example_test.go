package memory_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// Sessions of a demo or a test: they end with the process.
func Example() {
	secret, err := session.Secret("2145934afc3d8d5e172d250130c7a829801129ee8526fa942c416e58135a1698") // of go tool sessiongen secret
	if err != nil {
		panic(err)
	}
	sessions, err := web.NewSessions(memory.New(), session.Config{Secrets: [][]byte{secret}})
	if err != nil {
		panic(err)
	}
	w := httptest.NewRecorder()
	sessions.Handle(func(w http.ResponseWriter, r *http.Request, s *web.Session) error {
		s.AddVisits(1)
		_, err := fmt.Fprintf(w, "visit %d", s.Visits())
		return err
	}).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Body)
	// Output: visit 1
}
