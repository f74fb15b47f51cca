// Package slices has lists of each kind of element.
package slices

// A Tag is an element under a name.
type Tag string

// Tags are a list under a name.
type Tags []Tag

// A Point is a struct in a list.
type Point struct{ X, Y int }

//sessiongen:schema
type SessionSchema struct {
	Names  []string
	Tags   Tags
	Points []Point
	Refs   []*Point
	Grid   [][]int
	Groups []Tags
	Trios  [][3]int
	Maps   []map[string]int
	Bools  []bool
}
