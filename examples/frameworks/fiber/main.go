// Command fiber is a small site with sessions, in fiber: go run ./fiber
package main

import (
	"net/http"

	"github.com/gofiber/fiber/v3"
	"github.com/gofiber/fiber/v3/middleware/adaptor"
	recoverer "github.com/gofiber/fiber/v3/middleware/recover"

	"github.com/sessiongen/sessiongen/examples/frameworks/shop"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
)

func main() { shop.Serve(site(shop.New())) }

// site is the shop's, as a handler of net/http, which the other sites are. One of its own calls app.Listen.
func site(sessions *shop.Sessions) http.Handler { return adaptor.FiberApp(app(sessions)) }

// app is the shop's, in this framework.
func app(sessions *shop.Sessions) *fiber.App {
	html := func(c fiber.Ctx, page string) error { return c.Type("html", "utf-8").SendString(page) }
	form := func(c fiber.Ctx) error { return html(c, shop.LoginForm) }

	app := fiber.New()
	app.Use(recoverer.New(), fibersession.Middleware(sessions))
	guard := fibersession.Require(sessions, (*shop.Session).HasUserName, form)
	app.Get("/", guard, func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.AddVisits(1)
		return html(c, shop.Home(s))
	})
	app.Post("/login", func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err != nil {
			return err
		}
		s.SetUserName(c.FormValue("name")) // a renew field: the session gets a new id
		return c.Redirect().Status(fiber.StatusSeeOther).To("/")
	})
	app.Post("/logout", func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, sessions)
		if err == nil {
			err = s.Destroy()
		}
		if err != nil {
			return err
		}
		return c.Redirect().Status(fiber.StatusSeeOther).To("/")
	})
	return app
}
