// Package fiber declares what the programs under testdata use of fiber, version 3.
package fiber

type Ctx interface {
	FormValue(key string) string
	SendString(s string) error
}

type Handler = func(Ctx) error
