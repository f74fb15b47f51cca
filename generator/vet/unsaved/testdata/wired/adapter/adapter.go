// Package adapter has handlers behind the middleware of a framework's adapter, and one before it.
package adapter

import (
	"net/http"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
)

type app struct{ sessions *web.Sessions }

func (a *app) routes() http.Handler {
	r := gin.New()
	r.Use(ginsession.Middleware(a.sessions))
	r.GET("/", a.home)
	r.POST("/", ginsession.Require(a.sessions, (*web.Session).HasUserID, a.login), a.post)
	p := gin.New()
	p.GET("/", a.apart)
	return r
}

func (a *app) home(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) post(c *gin.Context) {
	s, err := ginsession.Get(c, a.sessions)
	if err != nil {
		return
	}
	c.JSON(http.StatusOK, nil)
	s.AddVisits(1)
}

func (a *app) login(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.SetNotice("Log in, please")
	}
}

func (a *app) apart(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.AddVisits(1) // want `AddVisits`
	}
}

func (a *app) echo() *echo.Echo {
	inner, outer := echo.New(), echo.New()
	inner.Use(echosession.Middleware(a.sessions))
	inner.POST("/", func(c *echo.Context) error {
		if s, err := a.sessions.Load(c.Response(), c.Request()); err == nil {
			s.AddVisits(1)
		}
		return nil
	})
	outer.POST("/", func(c *echo.Context) error {
		if s, err := a.sessions.Load(c.Response(), c.Request()); err == nil {
			s.AddVisits(1) // want `AddVisits`
		}
		return nil
	})
	return inner
}

func (a *app) fiber() *fiber.App {
	inner, outer := fiber.New(), fiber.New()
	inner.Use(fibersession.Middleware(a.sessions))
	inner.Post("/", fibersession.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, err := a.sessions.Load(w, r); err == nil {
			s.AddVisits(1)
		}
	})))
	outer.Post("/", fibersession.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s, err := a.sessions.Load(w, r); err == nil {
			s.AddVisits(1) // want `AddVisits`
		}
	})))
	return inner
}
