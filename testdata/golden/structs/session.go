// Package structs has structs within structs, with keys of their own and fields that are left out.
package structs

// An Order holds others.
type Order struct {
	Number int64 `session:"no"`
	Ship   Address
	Bill   *Address
	Lines  []Line
	Empty  Nothing
	cache  string `session:"-"`
	Hidden string `session:"-"`
}

// An Address is in an Order twice.
type Address struct {
	Zip, City string
}

// A Line is in a list.
type Line struct {
	Zeta  string `session:"a"`
	Alpha string `session:"z"`

	Longest int `session:"key_that_fits_a_one_byte_header"`
	Longer  int `session:"key_too_long_for_one_byte_header"`
}

// Nothing has no fields.
type Nothing struct{}

//sessiongen:schema
type SessionSchema struct {
	Order   Order
	Address Address
	Nothing Nothing
}

// Cached keeps the unexported field in use.
func (o Order) Cached() string { return o.cache }
