// Package web declares what the programs under testdata use of beego's controllers.
package web

import (
	"github.com/beego/beego/v2/server/web/context"
	"github.com/beego/beego/v2/server/web/session"
)

type Controller struct{ Ctx *context.Context }

func (c *Controller) SetSession(name any, value any) error { return nil }
func (c *Controller) GetSession(name any) any              { return nil }
func (c *Controller) DelSession(name any) error            { return nil }
func (c *Controller) SessionRegenerateID() error           { return nil }
func (c *Controller) DestroySession() error                { return nil }
func (c *Controller) StartSession() session.Store          { return nil }
func (c *Controller) GetString(key string) string          { return "" }
