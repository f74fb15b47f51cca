// Package maps has maps by strings and integers of each kind of value.
package maps

// A Lang is a key under a name.
type Lang string

// An ID is a key under a name.
type ID int32

// Texts are a map under a name.
type Texts map[Lang]string

// A Point is a struct in a map.
type Point struct{ X, Y int }

//sessiongen:schema
type SessionSchema struct {
	Prefs  map[string]string
	Texts  Texts
	ByID   map[ID]Point
	ByNum  map[int]string
	ByByte map[uint8]bool
	ByBig  map[uint64]int64
	Lists  map[string][]string
	Deep   map[string]map[int]Point
	Refs   map[string]*Point
	Sets   map[Lang]struct{}
}
