// Package generics has instantiated generic types, its own and another package's.
package generics

import "github.com/sessiongen/sessiongen/testdata/golden/dep/item"

// A Pair is two values.
type Pair[A, B any] struct {
	First  A
	Second B
}

// A List is a slice of anything.
type List[E any] []E

// A Dict is a map of anything.
type Dict[V any] map[string]V

// An Opt is a pointer or nothing.
type Opt[T any] struct{ *T2[T] }

// T2 is embedded in Opt.
type T2[T any] struct{ Value T }

//sessiongen:schema
type SessionSchema struct {
	Pair   Pair[string, int]
	Nested Pair[Pair[bool, bool], []item.Item]
	List   List[item.Item]
	Dict   Dict[item.Box[int]]
	Box    item.Box[Pair[string, int]]
	Boxes  []item.Box[*item.Item]
	Opt    Opt[string]
}
