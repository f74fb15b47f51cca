// Package session has the name of a package of the runtime.
package session

// A Core has the name of a type of the runtime.
type Core struct{ Size int }
