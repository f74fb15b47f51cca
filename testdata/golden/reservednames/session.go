// Package reservednames has types of packages whose names an import cannot well have.
package reservednames

import (
	errcode "github.com/sessiongen/sessiongen/testdata/golden/dep/err"
	length "github.com/sessiongen/sessiongen/testdata/golden/dep/len"
	val "github.com/sessiongen/sessiongen/testdata/golden/dep/v"
)

//sessiongen:schema
type SessionSchema struct {
	Code   errcode.Code
	Metre  length.Metre
	Value  val.Value
	Values []val.Value
}
