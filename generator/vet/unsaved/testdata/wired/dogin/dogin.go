// Package dogin has handlers behind a middleware of gin that is made of Do, and one before it.
package dogin

import (
	"net/http"

	"example.com/shop/web"
	"github.com/gin-gonic/gin"
)

type app struct{ sessions *web.Sessions }

func (a *app) routes() http.Handler {
	r := gin.New()
	r.Use(a.within)
	r.GET("/", a.home)
	q := gin.New()
	q.Use(func(c *gin.Context) {
		err := a.sessions.Do(c.Writer, c.Request, func(w http.ResponseWriter, r *http.Request) error {
			c.Request = r
			c.Next()
			return nil
		})
		if err != nil {
			c.AbortWithStatus(http.StatusServiceUnavailable)
		}
	})
	q.GET("/", a.other)
	p := gin.New()
	p.GET("/", a.apart)
	return r
}

func (a *app) within(c *gin.Context) {
	err := a.sessions.Do(c.Writer, c.Request, func(w http.ResponseWriter, r *http.Request) error {
		c.Request = r
		c.Next()
		return nil
	})
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
	}
}

func (a *app) home(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) other(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.AddVisits(1)
	}
}

func (a *app) apart(c *gin.Context) {
	if s, err := a.sessions.Load(c.Writer, c.Request); err == nil {
		s.AddVisits(1) // want `AddVisits`
	}
}
