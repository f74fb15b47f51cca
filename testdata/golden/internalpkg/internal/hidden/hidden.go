// Package hidden may be imported from here only.
package hidden

// A Thing is internal.
type Thing struct{ Name string }
