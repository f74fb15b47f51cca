// Package twofiles has two files with schemas that need functions for the same type.
package twofiles

// An Item is in both.
type Item struct{ Name string }

//sessiongen:schema
type SessionSchema struct {
	Items []Item
	First *Item
}
