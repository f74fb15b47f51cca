// Package shop has the schema and the page that the sites of all frameworks share.
package shop

import (
	"crypto/rand"
	"fmt"
	"html"
	"log"
	"net/http"

	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

// New returns the sessions of a site for development: in memory, over plain http, under a secret that ends with the
// process.
func New() *Sessions {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it cannot fail
	sessions, err := NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret}, Cookie: session.Cookie{Insecure: true},
	})
	if err != nil {
		log.Fatal(err)
	}
	return sessions
}

// LoginForm is the page for visitors who have not logged in.
const LoginForm = `<!doctype html><title>Shop</title><form method="post" action="/login">
<input name="name" placeholder="Your name" required maxlength="16"> <button>Log in</button></form>`

// Home is the page of a visitor.
func Home(s *Session) string {
	return fmt.Sprintf(`<!doctype html><title>Shop</title><p>Hello, %s. You have been here %d times.</p>
<form method="post" action="/logout"><button>Log out</button></form>`, html.EscapeString(s.UserName()), s.Visits())
}

// Addr is where the sites listen.
const Addr = "127.0.0.1:8080"

// Serve serves a site, and says where. Posts from other sites are refused.
func Serve(site http.Handler) {
	log.Print("http://", Addr)
	log.Fatal(http.ListenAndServe(Addr, http.NewCrossOriginProtection().Handler(site)))
}
