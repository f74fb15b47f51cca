package check

import (
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// hiddenNames reports declarations of the package that hide a predeclared name which the generated source uses: string,
// say. The source would mean something else than it says, and most of these names cannot be written in another way.
//
// Packages that hide such a name are rare, so the others pay nothing.
func hiddenNames(pkg *schema.Package, source []byte) []diag.Diagnostic {
	var hidden []string
	for _, name := range slices.Sorted(maps.Keys(pkg.Scope)) {
		switch types.Universe.Lookup(name).(type) {
		case nil, *types.Builtin: // no output calls a builtin function, so such a name is the package's own
		default:
			hidden = append(hidden, name)
		}
	}
	if hidden == nil {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), "", source, 0)
	if err != nil {
		return nil // the renderer has formatted it, so it can be parsed
	}
	used := map[string]bool{}
	for _, id := range file.Unresolved { // names that the file itself does not declare
		used[id.Name] = true
	}
	var found []diag.Diagnostic
	for _, name := range hidden {
		if used[name] {
			found = append(found, diag.At(pkg.Scope[name],
				"%s hides what is predeclared under that name, which generated code needs: rename it", name))
		}
	}
	return found
}
