package parse

import (
	"go/ast"
	"go/token"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sessiongen/sessiongen/generator/convert"
	"github.com/sessiongen/sessiongen/generator/load"
)

// An Unmarked is a struct with session tags in a package that marks none as a schema.
type Unmarked struct {
	Struct  string
	Pos     token.Position
	Options bool // among its tags are some that only a schema may have
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
				if tags, options := sessionTags(spec.Type); tags {
					found = append(found, Unmarked{spec.Name.Name, p.Position(spec.Name.Pos()), options})
				}
			}
		}
	}
	return found
}

// sessionTags reports whether a type is a struct with session tags, and whether one of them has options.
func sessionTags(e ast.Expr) (tags, options bool) {
	st, ok := e.(*ast.StructType)
	if !ok {
		return false, false
	}
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			continue
		}
		if text, err := strconv.Unquote(f.Tag.Value); err == nil {
			found, more := convert.HasTag(text)
			tags, options = tags || found, options || more
		}
	}
	return tags, options
}

// GenerateLine is where a package says that code is to be generated for it: a line for go generate that runs sessiongen
// and names no other packages. It is not valid if there is none.
func GenerateLine(p *load.Package) token.Position {
	for _, f := range p.Files {
		for _, group := range f.Syntax.Comments {
			for _, c := range group.List {
				if line, ok := strings.CutPrefix(c.Text, "//go:generate "); ok && runsForItself(strings.Fields(line)) {
					return p.Position(c.Pos())
				}
			}
		}
	}
	return token.Position{}
}

// runsForItself reports whether the words of a command are sessiongen's, without the names of packages.
func runsForItself(words []string) bool {
	at := slices.IndexFunc(words, func(word string) bool {
		name, _, _ := strings.Cut(path.Base(word), "@")
		return name == "sessiongen"
	})
	if at < 0 {
		return false
	}
	return !slices.ContainsFunc(words[at+1:], func(word string) bool { return word != "." && !strings.HasPrefix(word, "-") })
}
