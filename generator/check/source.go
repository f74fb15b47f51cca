package check

import (
	"bytes"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// Source checks the generated source of f against the package that it belongs to and against old, the content that it
// replaces, or nil.
func Source(pkg *schema.Package, f *schema.File, old, source []byte) []diag.Diagnostic {
	found := hiddenNames(pkg, source)
	if old != nil && !bytes.Equal(old, source) {
		found = append(found, removedKeys(f, old, source)...)
		found = append(found, changedIdentities(f, old)...)
	}
	return found
}
