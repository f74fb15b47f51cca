// Package internalpkg has a type of an internal package.
package internalpkg

import "github.com/sessiongen/sessiongen/testdata/golden/internalpkg/internal/hidden"

//sessiongen:schema
type SessionSchema struct {
	Thing hidden.Thing
	None  *hidden.Thing
}
