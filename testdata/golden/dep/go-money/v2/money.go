// Package money has a path that ends in neither its name nor anything like it.
package money

// An Amount is in cents.
type Amount int64
