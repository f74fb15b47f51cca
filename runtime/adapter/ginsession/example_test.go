package ginsession_test

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"

	"github.com/gin-gonic/gin"

	// A package with a schema, as sessiongen leaves it.
	web "github.com/sessiongen/sessiongen/internal/fixture"

	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/session"
	"github.com/sessiongen/sessiongen/runtime/store/memory"
)

func Example() {
	sessions := newSessions()
	toLogin := func(c *gin.Context) { c.String(http.StatusUnauthorized, "Who are you?") }

	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	r.Use(gin.Recovery(), ginsession.Middleware(sessions))

	r.GET("/login", func(c *gin.Context) {
		s, err := ginsession.Get(c, sessions)
		if err != nil {
			_ = c.AbortWithError(session.StatusOf(err), err)
			return
		}
		s.SetUserName(c.Query("name")) // a renew field: the session gets a new id
		c.Redirect(http.StatusSeeOther, "/account")
	})
	r.GET("/account", ginsession.Require(sessions, (*web.Session).HasUserName, toLogin), func(c *gin.Context) {
		s := sessions.Must(c.Request) // behind Require it has been loaded
		c.String(http.StatusOK, "Hello, %s.", s.UserName())
	})

	browse(r, "/account", "/login?name=Ann")
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
