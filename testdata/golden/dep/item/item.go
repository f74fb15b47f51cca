// Package item has the name of another package.
package item

// An Item is one line of an order.
type Item struct {
	SKU string
	Qty int
}

// A Box holds one value of any type.
type Box[T any] struct {
	Value T
	Label string `session:"l"`
}
