package middleware

import (
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// holdsHandlers reports whether a value of the type can have handlers in it: a function, something that serves, a
// list or a table of such.
func holdsHandlers(t types.Type) bool {
	t = element(t)
	if t == nil {
		return false
	}
	if _, ok := t.Underlying().(*types.Signature); ok {
		return true
	}
	return known.Serves(t) || known.IsRouter(t) || known.IsChain(t)
}

// isMiddleware reports whether a value of the type makes handlers of handlers: a function, a chain, a list of these.
func isMiddleware(t types.Type) bool {
	if known.IsChain(t) {
		return true
	}
	t = element(t)
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	return ok && sig.Results().Len() == 1 && holdsHandlers(sig.Results().At(0).Type())
}

// element returns the type of the elements of a list or a table, and any other type as it is.
func element(t types.Type) types.Type {
	for range 8 { // enough for people; a bound against type T []T
		if t == nil || known.IsChain(t) {
			return t
		}
		switch u := t.Underlying().(type) {
		case *types.Slice:
			t = u.Elem()
		case *types.Array:
			t = u.Elem()
		case *types.Map:
			t = u.Elem()
		default:
			return t
		}
	}
	return nil
}
