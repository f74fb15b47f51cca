// Package dotimport has types that its source imports under no name of their own.
package dotimport

import (
	_ "embed"

	//lint:ignore ST1001 that is what this schema is about
	. "github.com/sessiongen/sessiongen/testdata/golden/dep/item"
)

//sessiongen:schema
type SessionSchema struct {
	Item Item
	Box  Box[Item]
}
