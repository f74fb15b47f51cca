// Package check holds the rules that a schema has to keep as a whole: options that suit the field and each other, keys
// and names that do not collide. It reports each mistake once, where it was made. Package reads the model only; Source
// looks at the finished source, for mistakes and notes that nothing else can show.
//
// Package parse has reported before what it could not read at all: unknown options, types that cannot be stored.
package check

import (
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// Package checks the schemas of a package.
func Package(pkg *schema.Package) []diag.Diagnostic {
	var found []diag.Diagnostic
	for _, f := range pkg.Files {
		found = append(found, taken(f)...)
		for _, w := range f.Wraps {
			for _, field := range w.Fields {
				found = append(found, options(field)...)
			}
			found = append(found, owners(w)...)
			found = append(found, keys(w)...)
			found = append(found, methods(w)...)
		}
	}
	found = append(found, wrappers(pkg)...)
	return append(found, apart(pkg)...)
}

// taken sees that a file's output stands in nobody's way.
func taken(f *schema.File) []diag.Diagnostic {
	var found []diag.Diagnostic
	if f.Taken.IsValid() {
		found = append(found, diag.At(f.Taken,
			"the code for %s goes here, but sessiongen did not write this file: rename it, or the source", f.Source))
	}
	return found
}
