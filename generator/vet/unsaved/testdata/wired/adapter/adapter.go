// Package adapter has handlers behind the middleware of a framework's adapter, and one before it.
package adapter

import (
	"net/http"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
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
