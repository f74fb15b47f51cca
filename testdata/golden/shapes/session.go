// Package shapes has structs at places that have a name, and at places that have none.
package shapes

// A Leaf has no structs within.
type Leaf struct{ Name string }

// A Branch has some.
type Branch struct {
	Left   Leaf
	Right  *Leaf
	ByName map[string]Leaf
	Row    []Leaf
	Depth  int
}

//sessiongen:schema
type SessionSchema struct {
	Leaf     Leaf
	Branch   Branch
	Ptr      **Branch
	Branches map[string]Branch
	Deep     map[string]map[int]*Leaf
	Row      []Branch
	Pair     [2]Leaf
	Numbers  map[string]int
}
