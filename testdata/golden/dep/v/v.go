// Package v is called as a parameter of generated code is.
package v

// A Value is a string.
type Value string
