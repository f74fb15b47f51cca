// Package len is called as a predeclared function is.
package len

// A Metre is a length.
type Metre float64
