// Package err is called as a variable often is.
package err

// A Code is a number.
type Code int
