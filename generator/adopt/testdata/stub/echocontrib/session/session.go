// Package session declares what the programs under testdata use of github.com/labstack/echo-contrib/session.
package session

import (
	"github.com/gorilla/sessions"
	"github.com/labstack/echo/v4"
)

func Get(name string, c echo.Context) (*sessions.Session, error) { return nil, nil }
func Middleware(store sessions.Store) echo.MiddlewareFunc        { return nil }
