// Package foreignembedded embeds structs of another package, one of which embeds what cannot be named here.
package foreignembedded

import "github.com/sessiongen/sessiongen/testdata/golden/dep/base"

// A Visit is a struct with foreign fields.
type Visit struct {
	base.Model
	*base.Trace
	Path string
}

//sessiongen:schema
type SessionSchema struct {
	base.Model
	*base.Trace
	Last Visit
}
