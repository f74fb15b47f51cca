package inspect_test

import (
	"log"
	"net/http"

	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/inspect"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// The page for the site's staff. Whoever is not logged in is sent to the login.
func Example() {
	sessions, err := web.NewSessions(memory.New(), session.Config{Secrets: [][]byte{web.Secret("example")}})
	if err != nil {
		log.Fatal(err)
	}
	mux := http.NewServeMux()
	staff := sessions.Require((*web.Session).HasUserID, http.RedirectHandler("/login", http.StatusSeeOther))
	mux.Handle("/debug/session", staff(inspect.New(sessions, inspect.Options{})))
	_ = http.Server{Addr: ":8080", Handler: sessions.Middleware(mux)}
}

// A listener of its own, which nobody reaches but who is on the machine.
func ExampleNew() {
	sessions, err := web.NewSessions(memory.New(), session.Config{Secrets: [][]byte{web.Secret("example")}})
	if err != nil {
		log.Fatal(err)
	}
	debug := http.NewServeMux()
	debug.Handle("/session", inspect.New(sessions, inspect.Options{Last: 2000}))
	go func() { log.Print(http.ListenAndServe("localhost:6060", debug)) }()
}
