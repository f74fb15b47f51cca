// Package slog has the name of a package that generated code imports.
package slog

// A Level is a number.
type Level int
