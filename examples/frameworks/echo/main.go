// Command echo is a small site with sessions, in echo: go run ./echo
package main

import (
	"net/http"

	"github.com/labstack/echo/v5"
	"github.com/labstack/echo/v5/middleware"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
)

func main() { shop.Serve(site(shop.New())) }

// site is the shop's, in this framework.
func site(sessions *shop.Sessions) http.Handler {
	form := func(c *echo.Context) error { return c.HTML(http.StatusOK, shop.LoginForm) }

	e := echo.New()
	e.Use(middleware.Recover(), echosession.Middleware(sessions))
	guard := echosession.Require(sessions, (*shop.Session).HasUserName, form)
	e.GET("/", func(c *echo.Context) error {
		s := sessions.Must(c.Request()) // behind the guard it has been loaded
		s.AddVisits(1)
		return c.HTML(http.StatusOK, shop.Home(s))
	}, guard)
	e.POST("/login", func(c *echo.Context) error {
		s, err := echosession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.SetUserName(c.FormValue("name")) // a renew field: the session gets a new id
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/logout", func(c *echo.Context) error {
		if err := sessions.Must(c.Request()).Destroy(); err != nil {
			return err
		}
		return c.Redirect(http.StatusSeeOther, "/")
	}, guard)
	return e
}
