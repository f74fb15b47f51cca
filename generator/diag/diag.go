// Package diag has the generator's messages to the author of a schema: positions, texts and the three forms in which
// they are printed. It decides nothing.
package diag

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"slices"
)

// A Diagnostic is one mistake in a schema, and what to do about it.
type Diagnostic struct {
	Pos     token.Position // Filename is absolute; printers make it relative
	Message string         // lower case, one line, no full stop
	Note    bool           // a remark: worth knowing, but nothing is wrong
}

// At makes a diagnostic. The format is as in package fmt.
func At(pos token.Position, format string, args ...any) Diagnostic {
	return Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...)}
}

// NoteAt makes a remark. The format is as in package fmt.
func NoteAt(pos token.Position, format string, args ...any) Diagnostic {
	return Diagnostic{Pos: pos, Message: fmt.Sprintf(format, args...), Note: true}
}

// Short writes a position for use within a message: session.go:12.
func Short(pos token.Position) string {
	return fmt.Sprintf("%s:%d", filepath.Base(pos.Filename), pos.Line)
}

// Sort returns the diagnostics by file, line, column and message, each once.
func Sort(ds []Diagnostic) []Diagnostic {
	ds = slices.Clone(ds)
	slices.SortFunc(ds, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.Pos.Filename, b.Pos.Filename),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(ds, func(a, b Diagnostic) bool {
		return a.Message == b.Message && a.Pos.Filename == b.Pos.Filename &&
			a.Pos.Line == b.Pos.Line && a.Pos.Column == b.Pos.Column
	})
}

// Mistakes reports whether any of the diagnostics is more than a note.
func Mistakes(ds []Diagnostic) bool {
	return slices.ContainsFunc(ds, func(d Diagnostic) bool { return !d.Note })
}
