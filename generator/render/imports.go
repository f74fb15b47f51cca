package render

import (
	"bytes"
	"go/token"
	"go/types"
	"maps"
	"path"
	"slices"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// nameImports decides the name of each package in the output, used there or not: its own name if that is free. The
// runtime comes first, since it is named most, then the standard library.
func (o *output) nameImports() {
	imports := map[string]string{} // path → name in its package clause
	for _, e := range exprs(o.file) {
		for _, imp := range e.Imports {
			imports[imp.Path] = imp.Name
		}
	}
	runtime := []schema.Import{
		{Path: sessionPath, Name: "session"}, {Path: recordPath, Name: "record"},
		{Path: "fmt", Name: "fmt"}, {Path: "log/slog", Name: "slog"},
	}
	for _, imp := range runtime {
		delete(imports, imp.Path)
	}
	imports["time"] = "time"

	taken := map[string]bool{}
	for _, local := range o.names.locals {
		taken[local] = true
	}
	for name := range o.names.declared {
		taken[name] = true
	}
	use := func(imp schema.Import) {
		name := importName(imp, taken)
		taken[name] = true
		if name == assumedName(imp.Path) {
			o.jen.ImportName(imp.Path, name)
		} else {
			o.jen.ImportAlias(imp.Path, name)
		}
	}
	for _, imp := range runtime {
		use(imp)
	}
	for _, standard := range []bool{true, false} {
		for _, path := range slices.Sorted(maps.Keys(imports)) {
			if isStandard(path) == standard {
				use(schema.Import{Path: path, Name: imports[path]})
			}
		}
	}
}

// importName gives a package its own name, or one that says where it comes from, or one with a number.
func importName(imp schema.Import, taken map[string]bool) string {
	unfit := func(name string) bool { return taken[name] || !fitsImport(name) }
	if !unfit(imp.Name) {
		return imp.Name
	}
	if parent := parentElement(imp.Path); parent != "" && !unfit(parent+imp.Name) {
		return parent + imp.Name
	}
	return free(imp.Name, unfit)
}

// fitsImport reports whether an import may have a name: one that hides nothing predeclared and breaks no rule. Jennifer
// would change those that it calls reserved.
func fitsImport(name string) bool {
	return token.IsIdentifier(name) && types.Universe.Lookup(name) == nil && !jen.IsReservedWord(name) &&
		name != "_" && name != "init" && name != "main"
}

// assumedName is the name that a reader, and goimports, expects of a package from its path alone.
func assumedName(importPath string) string {
	name := strings.TrimPrefix(lastElement(importPath), "go-")
	if end := strings.IndexFunc(name, outsideName); end >= 0 {
		name = name[:end]
	}
	return name
}

// lastElement returns the last element of an import path that is no major version: example.com/item/v2 → item.
func lastElement(importPath string) string {
	base := path.Base(importPath)
	if isMajorVersion(base) && path.Dir(importPath) != "." {
		return path.Base(path.Dir(importPath))
	}
	return base
}

// parentElement returns the element before the last one, as a part of a name, or nothing: example.com/shop/item → shop.
func parentElement(importPath string) string {
	dir := path.Dir(importPath)
	if isMajorVersion(path.Base(importPath)) {
		dir = path.Dir(dir)
	}
	if dir == "." {
		return ""
	}
	return strings.Map(func(r rune) rune {
		if outsideName(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, path.Base(dir))
}

func isMajorVersion(element string) bool {
	digits, found := strings.CutPrefix(element, "v")
	return found && digits != "" && strings.Trim(digits, "0123456789") == ""
}

// isStandard tells a package of the standard library as goimports does: no dot in the first element of its path.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// groupImports puts the standard library's packages before all others, where jennifer sorts by path alone.
func groupImports(src []byte) []byte {
	const open, end = "import (\n", "\n)\n"
	before, rest, ok := bytes.Cut(src, []byte(open))
	block, after, closed := bytes.Cut(rest, []byte(end))
	if !ok || !closed {
		return src
	}
	var std, others [][]byte
	for line := range bytes.Lines(append(block, '\n')) {
		_, quoted, _ := bytes.Cut(line, []byte{'"'})
		if isStandard(string(quoted)) {
			std = append(std, line)
		} else {
			others = append(others, line)
		}
	}
	return slices.Concat(before, []byte(open), bytes.Join(std, nil), []byte{'\n'}, bytes.Join(others, nil),
		[]byte(end[1:]), after)
}
