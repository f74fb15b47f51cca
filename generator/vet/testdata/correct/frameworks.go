package correct

import (
	"errors"
	"net/http"

	"example.com/shop/helpers"
	"example.com/shop/web"
	"github.com/gin-gonic/gin"
	"github.com/labstack/echo/v4"
)

func (a *app) ginTheme(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	var form struct{ Theme string }
	s.SetLastSeen(s.LastSeen())
	if err := c.ShouldBind(&form); err != nil {
		c.JSON(http.StatusBadRequest, gin.H{"error": err.Error()})
		return
	}
	s.SetTheme(form.Theme)
	if err := s.Save(); err != nil {
		_ = c.AbortWithError(http.StatusServiceUnavailable, err)
		return
	}
	c.JSON(http.StatusOK, gin.H{"theme": s.Theme()})
}

func (a *app) ginMiddleware() gin.HandlerFunc {
	return func(c *gin.Context) {
		s, err := a.sessions.Load(c.Writer, c.Request)
		if err != nil {
			c.AbortWithStatus(http.StatusServiceUnavailable)
			return
		}
		c.Set("session", s)
		s.AddVisits(1)
		c.Next()
	}
}

func ginUser(c *gin.Context) {
	s := c.MustGet("session").(*web.Session)
	s.AppendCart(web.Item{SKU: c.Param("sku"), Qty: 1})
	if err := s.Save(); err != nil {
		c.AbortWithStatusJSON(http.StatusServiceUnavailable, gin.H{"error": "try again"})
		return
	}
	c.Redirect(http.StatusSeeOther, "/cart")
}

func (a *app) ginGuard(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil || !s.HasUserID() {
		c.Redirect(http.StatusSeeOther, "/login")
		c.Abort()
		return
	}
	c.Next()
}

func (a *app) ginStatus(c *gin.Context) {
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	c.Status(http.StatusCreated)
	c.Header("X-Theme", s.Theme())
	s.SetTheme(c.Query("theme"))
	if err := s.Save(); err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
	}
}

type bodyWriter struct{ gin.ResponseWriter }

// ginHeldBack replaces the context's writer: nothing is known of what goes through it.
func (a *app) ginHeldBack(c *gin.Context) {
	c.Writer = &bodyWriter{c.Writer}
	s, err := a.sessions.Load(c.Writer, c.Request)
	if err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
		return
	}
	c.Next()
	s.AddVisits(1)
	if err := s.Save(); err != nil {
		c.AbortWithStatus(http.StatusServiceUnavailable)
	}
}

func (a *app) echoTheme(c echo.Context) error {
	s, err := a.sessions.Load(c.Response(), c.Request())
	if err != nil {
		return err
	}
	s.SetTheme(c.FormValue("theme"))
	if c.FormValue("theme") == "pink" {
		return echo.NewHTTPError(http.StatusBadRequest, "not pink")
	}
	if c.FormValue("theme") == "blue" {
		return c.String(http.StatusUnprocessableEntity, "not blue")
	}
	if s.UserID() == 0 {
		return echo.ErrUnauthorized
	}
	if s.UserName() == "" {
		return errors.New("who?")
	}
	if s.Theme() == "" {
		return helpers.NotFound("theme")
	}
	if err := s.Save(); err != nil {
		return err
	}
	return c.Redirect(http.StatusSeeOther, "/")
}

func (a *app) echoSaves(c echo.Context) error {
	s, err := a.sessions.Load(c.Response().Writer, c.Request())
	if err != nil {
		return echo.NewHTTPError(http.StatusServiceUnavailable).Unwrapped(err)
	}
	s.AddVisits(1)
	return s.Save()
}

func (a *app) echoMiddleware(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := a.sessions.Load(c.Response(), c.Request())
		if err != nil {
			return err
		}
		s.AddVisits(1)
		if err := s.Save(); err != nil {
			return err
		}
		c.Set("session", s)
		return next(c)
	}
}

func echoCart(c echo.Context) error {
	s, ok := c.Get("session").(*web.Session)
	if !ok {
		return c.NoContent(http.StatusInternalServerError)
	}
	var it web.Item
	if err := c.Bind(&it); err != nil {
		return err
	}
	s.AppendCart(it)
	if err := s.Save(); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, s.Cart())
}
