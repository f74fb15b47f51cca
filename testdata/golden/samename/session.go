// Package samename has types of two packages with one name.
package samename

import (
	"github.com/sessiongen/sessiongen/testdata/golden/dep/item"
	other "github.com/sessiongen/sessiongen/testdata/golden/dep/other/item"
)

// An ItemItem takes the name that a reader of item.Item might have.
type ItemItem struct{ Name string }

//sessiongen:schema
type SessionSchema struct {
	One   item.Item
	Two   other.Item
	Three ItemItem
	Kinds []other.Kind
}
