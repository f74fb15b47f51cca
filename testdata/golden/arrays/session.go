// Package arrays has arrays, whose length is part of their type.
package arrays

// A Key is an array under a name.
type Key [16]byte

// A Cell is a struct in an array.
type Cell struct{ Mark string }

//sessiongen:schema
type SessionSchema struct {
	Key    Key
	Pair   [2]string
	Board  [3][3]Cell
	Lists  [2][]int
	Maybes [2]*Cell
	None   [0]int
	Cells  [0]Cell
	In     struct{ Digest [4]byte }
	Keys   []Key
}
