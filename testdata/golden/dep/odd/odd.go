// Package even is not called as its folder is.
package even

// A Pair is two numbers.
type Pair [2]int
