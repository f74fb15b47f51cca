// Package adapters has handlers of frameworks behind their adapters, which save.
package adapters

import (
	"context"
	"net/http"
	"time"

	"connectrpc.com/connect"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/gofiber/fiber/v3"
	"github.com/labstack/echo/v5"
	"github.com/sessiongen/sessiongen/runtime/adapter/connectsession"
	"github.com/sessiongen/sessiongen/runtime/adapter/echosession"
	"github.com/sessiongen/sessiongen/runtime/adapter/fibersession"
	"github.com/sessiongen/sessiongen/runtime/adapter/ginsession"
)

type app struct{ sessions *web.Sessions }

func (a *app) gin() http.Handler {
	form := func(c *gin.Context) { c.String(http.StatusUnauthorized, "log in") }
	r := gin.New()
	r.Use(ginsession.Middleware(a.sessions))
	r.GET("/", ginsession.Require(a.sessions, (*web.Session).HasUserID, form), func(c *gin.Context) {
		s := a.sessions.Must(c.Request)
		s.AddVisits(1)
		c.String(http.StatusOK, s.UserName())
	})
	r.POST("/login", func(c *gin.Context) {
		s, err := ginsession.Get(c, a.sessions)
		if err != nil {
			_ = c.AbortWithError(http.StatusServiceUnavailable, err)
			return
		}
		s.SetUserName(c.PostForm("name"))
		c.Redirect(http.StatusSeeOther, "/")
	})
	return r
}

func (a *app) echo() http.Handler {
	e := echo.New()
	e.Use(echosession.Middleware(a.sessions))
	guard := echosession.Require(a.sessions, (*web.Session).HasUserID, func(c *echo.Context) error {
		return c.Redirect(http.StatusSeeOther, "/login")
	})
	e.GET("/", a.echoHome, guard)
	e.POST("/login", func(c *echo.Context) error {
		s, err := echosession.Get(c, a.sessions)
		if err != nil {
			return err
		}
		s.SetUserName(c.FormValue("name"))
		return c.Redirect(http.StatusSeeOther, "/")
	})
	e.POST("/legacy", func(c *echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request()) // that of the middleware
		if err != nil {
			return err
		}
		s.AddVisits(1)
		return c.NoContent(http.StatusNoContent)
	})
	return e
}

func (a *app) echoHome(c *echo.Context) error {
	s := a.sessions.Must(c.Request())
	s.AddVisits(1)
	return c.String(http.StatusOK, s.UserName())
}

func (a *app) fiber() *fiber.App {
	app := fiber.New()
	app.Use(fibersession.Middleware(a.sessions))
	guard := fibersession.Require(a.sessions, (*web.Session).HasUserID, func(c fiber.Ctx) error { return c.SendString("log in") })
	app.Get("/", guard, func(c fiber.Ctx) error {
		s, err := fibersession.Get(c, a.sessions)
		if err != nil {
			return err
		}
		if err := c.SendString(s.UserName()); err != nil {
			return err
		}
		s.SetUserName(c.FormValue("name")) // fiber sends nothing before the handler returns
		return nil
	})
	app.Post("/legacy", fibersession.Handler(http.HandlerFunc(a.legacy)))
	return app
}

func (a *app) legacy(w http.ResponseWriter, r *http.Request) {
	if s, err := a.sessions.Load(w, r); err == nil { // that of the middleware
		s.AddVisits(1)
	}
}

type item struct{ SKU string }

func (a *app) connect(mux *http.ServeMux) {
	withSession := connect.WithInterceptors(connectsession.Middleware(a.sessions))
	guard := connect.WithInterceptors(connectsession.Require(a.sessions, (*web.Session).HasUserID, func(context.Context) error {
		return http.ErrNoCookie
	}))
	mux.Handle("/add", connect.NewUnaryHandler("/add", a.add, withSession, guard))
	mux.Handle("/watch", connect.NewServerStreamHandler("/watch", a.watch, withSession))
}

func (a *app) add(ctx context.Context, req *connect.Request[item]) (*connect.Response[item], error) {
	s, err := connectsession.Get(ctx, a.sessions)
	if err != nil {
		return nil, err
	}
	s.AppendCart(web.Item{SKU: req.Msg.SKU, Qty: 1})
	return connect.NewResponse(req.Msg), nil
}

func (a *app) watch(ctx context.Context, req *connect.Request[item], stream *connect.ServerStream[item]) error {
	s, err := connectsession.Get(ctx, a.sessions)
	if err != nil {
		return err
	}
	s.AddVisits(1)
	return stream.Send(&item{s.UserName()})
}

// A timeout for some routes stands within the session.
func (a *app) timely(mux *http.ServeMux) http.Handler {
	r := echo.New()
	mux.Handle("/slow", http.TimeoutHandler(r, time.Second, ""))
	return a.sessions.Middleware(mux)
}
