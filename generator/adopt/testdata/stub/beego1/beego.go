// Package beego declares what the programs under testdata use of beego, version 1.
package beego

type Controller struct{}

func (c *Controller) SetSession(name any, value any) {}
func (c *Controller) GetSession(name any) any        { return nil }
func (c *Controller) DelSession(name any)            {}
