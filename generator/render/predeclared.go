package render

import (
	"fmt"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// A HiddenError says that a package declares names which are predeclared elsewhere and which its output has to use:
// string, say. The output would mean something else than it says, and most of these names cannot be written in another
// way.
type HiddenError struct {
	Names []Hidden // in ascending order
}

// A Hidden is a predeclared name and where the package has declared it anew.
type Hidden struct {
	Name string
	Pos  token.Position
}

func (e *HiddenError) Error() string {
	var b strings.Builder
	for i, h := range e.Names {
		if i > 0 {
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "%s: %s", h.Pos, e.Message(h))
	}
	return b.String()
}

// Message says what to do about one name.
func (e *HiddenError) Message(h Hidden) string {
	return h.Name + " hides what is predeclared under that name, which generated code needs: rename it"
}

// checkPredeclared returns a *HiddenError if the finished source uses a name that the package hides. Packages that hide
// one are rare, so the others pay nothing.
func checkPredeclared(pkg *schema.Package, src []byte) error {
	var hidden []string
	for _, name := range slices.Sorted(maps.Keys(pkg.Scope)) {
		switch types.Universe.Lookup(name).(type) {
		case nil, *types.Builtin: // no output calls a builtin function, so whoever names one means the package's own
		default:
			hidden = append(hidden, name)
		}
	}
	if hidden == nil {
		return nil
	}
	f, err := parser.ParseFile(token.NewFileSet(), "", src, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	used := map[string]bool{}
	mentions(f, used)
	e := &HiddenError{}
	for _, name := range hidden {
		if used[name] {
			e.Names = append(e.Names, Hidden{name, pkg.Scope[name]})
		}
	}
	if e.Names == nil {
		return nil
	}
	return e
}
