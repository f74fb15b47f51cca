// Package fiber declares what the programs under testdata use of fiber, version 2.
package fiber

import "context"

type Ctx struct{}

func (c *Ctx) UserContext() context.Context { return nil }
func (c *Ctx) FormValue(key string) string { return "" }
func (c *Ctx) SendString(s string) error   { return nil }

type Handler = func(*Ctx) error
