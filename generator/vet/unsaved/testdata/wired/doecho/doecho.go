// Package doecho has handlers behind a middleware of echo that is made of Do, and one before it.
package doecho

import (
	"net/http"

	"example.com/shop/web"
	"github.com/labstack/echo/v4"
)

type app struct{ sessions *web.Sessions }

// A router is one of echo's, or a group of one.
type router struct{}

func (*router) Use(...func(echo.HandlerFunc) echo.HandlerFunc) {}
func (*router) GET(string, echo.HandlerFunc)                   {}

func (a *app) routes(e, p *router) {
	e.Use(a.within)
	e.GET("/", a.home)
	p.GET("/", a.apart)
}

func (a *app) within(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		return a.sessions.Do(c.Response(), c.Request(), func(w http.ResponseWriter, r *http.Request) error {
			c.Response().Writer = w
			return next(c)
		})
	}
}

func (a *app) home(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.AddVisits(1)
	return c.NoContent(http.StatusNoContent)
}

func (a *app) apart(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.AddVisits(1) // want `AddVisits`
	return c.NoContent(http.StatusNoContent)
}
