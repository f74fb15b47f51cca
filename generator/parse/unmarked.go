package parse

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"

	"github.com/sessiongen/sessiongen/generator/convert"
	"github.com/sessiongen/sessiongen/generator/load"
)

// An Unmarked is a struct with session tags in a package that marks none as a schema.
type Unmarked struct {
	Struct string
	Pos    token.Position
}

// UnmarkedStructs returns the structs that were most likely meant as schemas. Where a package has a schema, the others
// are what it holds; where it has none, they may still be what a schema of another package holds.
func UnmarkedStructs(p *load.Package) []Unmarked {
	if slices.ContainsFunc(p.Files, (*load.File).MentionsSchema) {
		return nil
	}
	var found []Unmarked
	for _, f := range p.Files {
		for _, decl := range f.Syntax.Decls {
			d, ok := decl.(*ast.GenDecl)
			if !ok || d.Tok != token.TYPE {
				continue
			}
			for _, spec := range d.Specs {
				spec := spec.(*ast.TypeSpec)
				if st, ok := spec.Type.(*ast.StructType); ok && slices.ContainsFunc(st.Fields.List, hasSessionTag) {
					found = append(found, Unmarked{spec.Name.Name, p.Position(spec.Name.Pos())})
				}
			}
		}
	}
	return found
}

func hasSessionTag(f *ast.Field) bool {
	if f.Tag == nil {
		return false
	}
	text, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return false
	}
	return convert.HasTag(text)
}
