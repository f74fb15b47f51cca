package known

import "go/types"

// Serves reports whether a value of the type is a handler.
func Serves(t types.Type) bool { return hasMethod(t, "ServeHTTP", true) }

// IsRouter reports whether a value of the type is given middleware, as routers and groups of routes are.
func IsRouter(t types.Type) bool { return hasMethod(t, "Use", true) }

// IsChain reports whether a value of the type is a chain of middleware.
func IsChain(t types.Type) bool { return hasMethod(t, "Then", true) }

// RegistersByDefault reports whether a function registers handlers with http.DefaultServeMux.
func RegistersByDefault(fn *types.Func) bool {
	name := Name(fn)
	return name == "net/http.Handle" || name == "net/http.HandleFunc"
}

// IsTimeoutHandler reports whether a function is http.TimeoutHandler.
func IsTimeoutHandler(fn *types.Func) bool { return Name(fn) == "net/http.TimeoutHandler" }
