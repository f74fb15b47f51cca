// Package twoschemas has two schemas in one file that share a type.
package twoschemas

// An Item is in both.
type Item struct{ Name string }

//sessiongen:schema
type SessionSchema struct {
	Items []Item
	User  string
}

// An AdminSession is what AdminData becomes.
//
//sessiongen:schema AdminSession
type AdminData struct {
	Last  Item
	Items []Item
	Root  bool
}
