// Package time has the name of a package that generated code imports.
package time

// A Zone is a name.
type Zone string
