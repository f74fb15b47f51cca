package fibersession_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func Example() {
	sessions := newSessions()
	toLogin := func(fiber.Ctx) error { return fiber.NewError(fiber.StatusUnauthorized, "Who are you?") }

	app := fiber.New()
	app.Use(recoverer.New(), fibersession.Middleware(sessions))

	app.Get("/login", func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.SetUserName(c.Query("name")) // a renew field: the session gets a new id
		return c.Redirect().Status(fiber.StatusSeeOther).To("/account")
	})
	app.Get("/account", fibersession.Require(sessions, (*web.Session).HasUserName, toLogin), func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err != nil {
			return err
		}
		return c.SendString("Hello, " + s.UserName() + ".")
	})

	browse(adaptor.FiberApp(app), "/account", "/login?name=Ann")
	// Output:
	// /account: 401 Who are you?
	// /login?name=Ann: 200 Hello, Ann.
}

func newSessions() *web.Sessions {
	secret := make([]byte, 32)
	rand.Read(secret) // in production: the same on every server, from `go tool sessiongen secret`
	sessions, err := web.NewSessions(memory.New(), session.Config{
		Secrets: [][]byte{secret},
		Cookie:  session.Cookie{Insecure: true}, // the examples have no certificate
	})
	if err != nil {
		panic(err)
	}
	return sessions
}

// browse asks a site for pages, one after another, as a browser that keeps its cookies, and prints the answers.
func browse(site http.Handler, paths ...string) {
	server := httptest.NewServer(site)
	defer server.Close()
	jar, _ := cookiejar.New(nil)
	browser := &http.Client{Jar: jar}
	for _, path := range paths {
		resp, err := browser.Get(server.URL + path)
		if err != nil {
			panic(err)
		}
		page, _ := io.ReadAll(resp.Body)
		resp.Body.Close()
		fmt.Printf("%s: %d %s\n", path, resp.StatusCode, page)
	}
}
