package echosession_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func Example() {
	sessions := newSessions()
	toLogin := func(c *echo.Context) error { return echo.NewHTTPError(http.StatusUnauthorized, "Who are you?") }

	e := echo.New()
	e.Use(middleware.Recover(), echosession.Middleware(sessions))

	e.GET("/login", func(c *echo.Context) error {
		s, err := echosession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.SetUserName(c.QueryParam("name")) // a renew field: the session gets a new id
		return c.Redirect(http.StatusSeeOther, "/account")
	})
	e.GET("/account", func(c *echo.Context) error {
		s := sessions.Must(c.Request()) // behind Require it has been loaded
		return c.String(http.StatusOK, "Hello, "+s.UserName()+".")
	}, echosession.Require(sessions, (*web.Session).HasUserName, toLogin))

	browse(e, "/account", "/login?name=Ann")
	// Output:
	// /account: 401 {"message":"Who are you?"}
	//
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
