package render

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// names are the names that an output gives to things which the user has not named. They are none that the package or
// its other outputs declare.
type names struct {
	tables    map[*schema.Wrapper]string // variables
	functions map[string]string          // by typeKey: the rest of names with a functionPrefix
	guards    map[string]string          // by the text of a struct's type
	locals    map[string]string          // by the name that each has if nothing stands in its way
	declared  map[string]bool            // the names that the package declares, with all of its outputs
}

// planNames plans for the whole package, since two outputs may need functions for the same type. Files come in the
// order of their names, not in the order in which they were read; but those with a build constraint come last and put
// the wrapper's name into each of theirs, since where they are not seen the others must be called the same.
func planNames(pkg *schema.Package, f *schema.File) *names {
	declared := map[string]bool{}
	for name := range pkg.Scope {
		declared[name] = true
	}
	files := slices.SortedFunc(slices.Values(pkg.Files), func(a, b *schema.File) int {
		return cmp.Or(cmp.Compare(min(len(a.Build), 1), min(len(b.Build), 1)), cmp.Compare(a.Output, b.Output))
	})
	for _, file := range files {
		for _, w := range file.Wraps {
			for _, name := range w.Declared() {
				declared[name] = true
			}
		}
	}
	planned := &names{}
	for _, file := range files {
		n := planFile(file, declared)
		if file.Output == f.Output {
			planned = n
		}
	}
	planned.locals = planLocals(f)
	return planned
}

// functionPrefixes are the beginnings of the names that are declared for a type.
var functionPrefixes = []string{"read", "write", "check", "zero", "shape"}

func planFile(f *schema.File, declared map[string]bool) *names {
	n := &names{tables: map[*schema.Wrapper]string{}, functions: map[string]string{}, guards: map[string]string{},
		declared: declared}
	for _, g := range guarded(f) {
		of := g.Name
		if f.Build != "" && of != f.Wraps[0].Struct {
			of = f.Wraps[0].Name + "_" + of
		}
		name := free(guardName(of), func(name string) bool { return declared[name] })
		declared[name] = true
		n.guards[g.Type.Text] = name
	}
	for _, w := range f.Wraps {
		table := free(lowerFirst(w.Name)+"Fields", func(name string) bool { return declared[name] })
		declared[table] = true
		n.tables[w] = table
		for _, t := range functionTypes(w) {
			key := typeKey(t)
			if n.functions[key] != "" {
				continue
			}
			taken := func(name string) bool {
				return slices.ContainsFunc(functionPrefixes, func(prefix string) bool { return declared[prefix+name] })
			}
			name := typeName(t)
			if f.Build != "" || taken(name) {
				name = free(w.Name+name, taken)
			}
			for _, prefix := range functionPrefixes {
				declared[prefix+name] = true
			}
			n.functions[key] = name
		}
	}
	return n
}

// typeKey identifies a type within a file.
func typeKey(t *schema.Type) string {
	switch t.Kind {
	case schema.KindJSON:
		return "json " + t.Expr.Text
	case schema.KindTextKey:
		return "key " + t.Expr.Text
	}
	return t.Expr.Text
}

// planLocals names parameters and variables so that they hide no type that a body may name: a user's type may be called
// v.
func planLocals(f *schema.File) map[string]string {
	used := map[string]bool{}
	for _, e := range exprs(f) {
		mentions(syntax(e), used)
	}
	locals := map[string]string{}
	for _, name := range localNames() {
		locals[name] = free(name, func(name string) bool { return used[name] })
	}
	return locals
}

// localNames are the parameters and variables of the bodies in which a type of the user's or an import may be named.
func localNames() []string { return []string{"s", "v", "k", "r", "w", "i", "e", "m"} }

// free returns the name, or if it is taken, the name with the first number that makes it free.
func free(name string, taken func(string) bool) string {
	found := name
	for i := 2; taken(found); i++ {
		found = fmt.Sprint(name, i)
	}
	return found
}
