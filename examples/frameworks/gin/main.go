// Command gin is a small site with sessions, in gin: go run ./gin
package main

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
	"github.com/sessiongen/sessiongen/runtime/session"
)

func main() { shop.Serve(site(shop.New())) }

// site is the shop's, in this framework.
func site(sessions *shop.Sessions) http.Handler {
	html := func(c *gin.Context, page string) { c.Data(http.StatusOK, "text/html; charset=utf-8", []byte(page)) }
	form := func(c *gin.Context) { html(c, shop.LoginForm) }

	r := gin.Default()
	r.Use(ginsession.Middleware(sessions))
	guard := ginsession.Require(sessions, (*shop.Session).HasUserName, form)
	r.GET("/", guard, func(c *gin.Context) {
		s := sessions.Must(c.Request) // behind the guard it has been loaded
		s.AddVisits(1)
		html(c, shop.Home(s))
	})
	r.POST("/login", func(c *gin.Context) {
		s, err := ginsession.Get(c, sessions)
		if err != nil {
			_ = c.AbortWithError(session.StatusOf(err), err)
			return
		}
		s.SetUserName(c.PostForm("name")) // a renew field: the session gets a new id
		c.Redirect(http.StatusSeeOther, "/")
	})
	r.POST("/logout", guard, func(c *gin.Context) {
		if err := sessions.Must(c.Request).Destroy(); err != nil {
			_ = c.AbortWithError(session.StatusOf(err), err)
			return
		}
		c.Redirect(http.StatusSeeOther, "/")
	})
	return r
}
