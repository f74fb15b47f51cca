//go:build linux || darwin || !windows

// Package buildline has a build constraint.
package buildline

//sessiongen:schema
type SessionSchema struct{ Name string }
