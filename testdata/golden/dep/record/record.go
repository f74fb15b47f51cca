// Package record has the name of a package of the runtime.
package record

// A Field has the name of a type of the runtime.
type Field struct{ Name string }
