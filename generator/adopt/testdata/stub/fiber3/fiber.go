// Package fiber declares what the programs under testdata use of fiber, version 3.
package fiber

import "context"

type Ctx interface {
	Context() context.Context
	FormValue(key string) string
	SendString(s string) error
}

type Handler = func(Ctx) error
