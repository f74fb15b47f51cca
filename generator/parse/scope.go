package parse

import (
	"go/ast"
	"go/build"
	"go/build/constraint"
	"go/token"
	"io"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/load"
)

// allFiles returns every file of the package, also those that are compiled on other platforms or in tests only:
// generated code cannot take a name that they declare.
func (r *reader) allFiles() []*load.File {
	return slices.DeleteFunc(slices.Concat(r.pkg.Files, r.pkg.Apart), func(f *load.File) bool {
		return f.Syntax.Name == nil || f.Syntax.Name.Name != r.pkg.Name
	})
}

// scope collects the names that the package declares. It reads syntax, since the type checker keeps of two equal names
// only one.
func (r *reader) scope() map[string]token.Position {
	names := map[string]token.Position{}
	add := func(ids ...*ast.Ident) {
		for _, id := range ids {
			if _, seen := names[id.Name]; !seen && id.Name != "_" {
				names[id.Name] = r.pkg.Position(id.Pos())
			}
		}
	}
	for _, f := range r.allFiles() {
		for _, decl := range f.Syntax.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name != "init" {
					add(d.Name)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					switch s := spec.(type) {
					case *ast.TypeSpec:
						add(s.Name)
					case *ast.ValueSpec:
						add(s.Names...)
					}
				}
			}
		}
	}
	return names
}

// methods collects the methods that the package declares on a type which is yet to be generated.
func (r *reader) methods(typeName string) map[string]token.Position {
	methods := map[string]token.Position{}
	for _, f := range r.allFiles() {
		for _, decl := range f.Syntax.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok || d.Recv == nil || len(d.Recv.List) != 1 {
				continue
			}
			if recv := embeddedName(d.Recv.List[0].Type); recv != nil && recv.Name == typeName {
				methods[d.Name.Name] = r.pkg.Position(d.Name.Pos())
			}
		}
	}
	return methods
}

// buildLine returns the constraint under which the output of a file is compiled. The source's name may imply a part of
// it that the output's name does not: session_linux.go becomes session_linux_gen.go.
func buildLine(f *load.File) string {
	var expr constraint.Expr
	line := ""
	for _, group := range f.Syntax.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Syntax.Package && constraint.IsGoBuild(c.Text) {
				if x, err := constraint.Parse(c.Text); err == nil {
					expr, line = x, strings.TrimSpace(c.Text)
				}
			}
		}
	}
	implied := impliedTags(f.Name)
	if len(implied) == 0 {
		return line
	}
	for _, tag := range slices.Backward(implied) {
		if expr == nil {
			expr = &constraint.TagExpr{Tag: tag}
		} else {
			expr = &constraint.AndExpr{X: &constraint.TagExpr{Tag: tag}, Y: expr}
		}
	}
	return "//go:build " + expr.String()
}

// impliedTags returns the operating system and the architecture that a file's name stands for (go help
// buildconstraint). Which words are such names only go/build knows: it is asked on behalf of a system that has none of
// them.
func impliedTags(name string) []string {
	parts := strings.Split(strings.TrimSuffix(name, ".go"), "_")
	n := len(parts)
	matches := func(name, arch string) bool {
		ctx := build.Context{GOOS: "none", GOARCH: arch, Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
			return io.NopCloser(strings.NewReader("package p")), nil
		}}
		ok, err := ctx.MatchFile("", name)
		return ok || err != nil
	}
	if n < 2 || matches("x_"+parts[n-1]+".go", "none") {
		return nil
	}
	if n > 2 && !matches("x_"+parts[n-2]+"_"+parts[n-1]+".go", parts[n-1]) &&
		matches("x_"+parts[n-1]+".go", parts[n-1]) {
		return parts[n-2:]
	}
	return parts[n-1:]
}
