// Package pointers has pointers, whose nil is not the zero value.
package pointers

// A Point is a struct behind a pointer.
type Point struct{ X, Y int }

// A Ref is a pointer under a name.
type Ref *Point

//sessiongen:schema
type SessionSchema struct {
	Name   *string
	Age    *int
	Point  *Point
	Twice  **Point
	List   *[]string
	Map    *map[string]int
	Array  *[2]int
	Ref    Ref
	Points []*Point
	In     struct{ Maybe *bool }
}
