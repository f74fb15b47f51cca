package parse

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/generator/convert"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
)

// A reader reads the schemas of one package, and collects diagnostics.
type reader struct {
	pkg   *load.Package
	nodes map[token.Pos]*ast.Field // the fields of all structs that the package declares, by the position of their names
	found []diag.Diagnostic
}

func (r *reader) say(pos token.Pos, format string, args ...any) {
	r.found = append(r.found, diag.At(r.pkg.Position(pos), format, args...))
}

// short writes a position for use within a message.
func (r *reader) short(pos token.Pos) string {
	return diag.Short(r.pkg.Position(pos))
}

func (r *reader) indexFields() {
	r.nodes = map[token.Pos]*ast.Field{}
	for _, f := range r.pkg.Files {
		for _, decl := range f.Syntax.Decls {
			if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.TYPE {
				ast.Inspect(d, func(n ast.Node) bool {
					if st, ok := n.(*ast.StructType); ok {
						r.indexStruct(st)
					}
					return true
				})
			}
		}
	}
}

func (r *reader) indexStruct(st *ast.StructType) {
	for _, field := range st.Fields.List {
		for _, name := range field.Names {
			r.nodes[name.Pos()] = field
		}
		if len(field.Names) == 0 {
			if name := embeddedName(field.Type); name != nil {
				r.nodes[name.Pos()] = field
			}
		}
	}
}

// embeddedName finds the identifier from which an embedded field has its name.
func embeddedName(t ast.Expr) *ast.Ident {
	switch t := t.(type) {
	case *ast.Ident:
		return t
	case *ast.StarExpr:
		return embeddedName(t.X)
	case *ast.ParenExpr:
		return embeddedName(t.X)
	case *ast.SelectorExpr:
		return t.Sel
	case *ast.IndexExpr:
		return embeddedName(t.X)
	case *ast.IndexListExpr:
		return embeddedName(t.X)
	}
	return nil
}

// positions tells where a field's name stands, and each word of its tag. A field that an imported struct brings along
// stands where that struct is embedded, in top.
func (r *reader) positions(f convert.Field, top *types.Var) (token.Position, map[string]token.Position) {
	node := r.nodes[f.Var.Pos()]
	if node == nil {
		return r.pkg.Position(top.Pos()), nil
	}
	name := r.pkg.Position(f.Var.Pos())
	if node.Tag == nil || !f.Tag.Found {
		return name, nil
	}
	words := map[string]token.Position{}
	if f.Tagged {
		words[""] = r.pkg.Position(tagPos(node.Tag, f.Tag.KeyAt))
	}
	for _, o := range f.Tag.Options {
		pos := r.pkg.Position(tagPos(node.Tag, o.At))
		if _, seen := words[o.Name]; !seen {
			words[o.Name] = pos
		}
		if o.Name == "was" {
			words["was="+o.Value] = pos
		}
	}
	return name, words
}

// report turns mistakes into diagnostics where the fields stand. A field of an imported package has no source here: its
// mistakes are reported at the field that leads to it, in the end top, the schema's own.
func (r *reader) report(top *types.Var, mistakes []convert.Mistake) {
	for _, m := range mistakes {
		v := m.Var
		for _, outer := range []*types.Var{m.Var, m.Via, top} {
			if outer != nil && r.nodes[outer.Pos()] != nil {
				v = outer
				break
			}
		}
		node := r.nodes[v.Pos()]
		if v != m.Var {
			m.Part = convert.InType
			if m.Message != "" {
				m.Message = fmt.Sprintf("in %s, field %s: %s", m.Var.Pkg().Path(), m.Var.Name(), m.Message)
			}
		}
		pos := v.Pos()
		switch {
		case m.Message == "":
			r.unresolved(node.Type, "field "+v.Name())
			continue
		case m.Part == convert.InType:
			pos = node.Type.Pos()
		case m.Part == convert.InTag && node.Tag != nil:
			pos = tagPos(node.Tag, m.At)
		}
		r.found = append(r.found, diag.Diagnostic{Pos: r.pkg.Position(pos), Message: m.Message, Note: m.Note})
	}
}

// unresolved reports a type that the type checker could not make out, in the checker's words where it said something.
func (r *reader) unresolved(typ ast.Expr, what string) {
	trouble := r.importTrouble(typ)
	for _, e := range r.pkg.TypeErrors {
		if typ.Pos() <= e.Pos && e.Pos < typ.End() && (trouble == "" || strings.Contains(e.Msg, ".")) {
			r.say(e.Pos, "%s: %s", e.Msg, r.suggestion(e.Msg))
			return
		}
	}
	if trouble == "" {
		trouble = "see what go build says of it"
	}
	r.say(typ.Pos(), "the type of %s cannot be resolved: %s", what, trouble)
}

func (r *reader) suggestion(message string) string {
	if name, found := strings.CutPrefix(message, "undefined: "); found {
		if near := diag.Closest(name, r.namesOfTypes()...); near != "" {
			return fmt.Sprintf("did you mean %s?", near)
		}
	}
	return "declare or import it, or correct its spelling"
}

// namesOfTypes returns the words with which the name of a type may begin: types and packages.
func (r *reader) namesOfTypes() []string {
	var names []string
	for _, p := range r.pkg.Types.Imports() {
		names = append(names, p.Name())
	}
	for _, scope := range []*types.Scope{r.pkg.Types.Scope(), types.Universe} {
		for _, name := range scope.Names() {
			if _, ok := scope.Lookup(name).(*types.TypeName); ok {
				names = append(names, name)
			}
		}
	}
	return names
}

// importTrouble says why an import behind a type failed, if one did: its names are invalid without a further word from
// the checker.
func (r *reader) importTrouble(typ ast.Expr) string {
	names := map[string]bool{}
	ast.Inspect(typ, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok {
				names[x.Name] = true
			}
		}
		return true
	})
	nameless := "" // the trouble of an import whose name, as far as its path tells, is not among names
	for _, f := range r.pkg.Files {
		if typ.Pos() < f.Syntax.FileStart || f.Syntax.FileEnd < typ.Pos() {
			continue
		}
		for _, spec := range f.Syntax.Imports {
			path, _ := strconv.Unquote(spec.Path.Value) // the parser has seen to it
			trouble := r.pkg.ImportTrouble[path]
			for _, e := range r.pkg.TypeErrors {
				_, why, found := strings.Cut(e.Msg, "could not import ")
				if found && trouble == "" && spec.Pos() <= e.Pos && e.Pos <= spec.End() {
					trouble = "could not import " + why
				}
			}
			for _, p := range r.pkg.Types.Imports() {
				if p.Path() == path && p.Name() == "main" {
					trouble = path + " is a main package, which cannot be imported"
				}
			}
			if trouble != "" && !strings.Contains(trouble, path) {
				trouble = path + ": " + trouble
			}
			switch name := likelyName(spec, path); {
			case trouble != "" && names[name]:
				return trouble
			case trouble == "":
				delete(names, r.packageName(spec, path))
			case spec.Name == nil && nameless == "":
				nameless = trouble
			}
		}
		if nameless != "" && len(names) > 0 {
			return nameless // its package may be called anything
		}
		for _, e := range f.SyntaxErrors() {
			return fmt.Sprintf("line %d of this file has a syntax error: %s", e.Pos.Line, e.Msg)
		}
	}
	return ""
}

// packageName is the name by which a file refers to a package that was imported.
func (r *reader) packageName(spec *ast.ImportSpec, path string) string {
	for _, p := range r.pkg.Types.Imports() {
		if p.Path() == path && spec.Name == nil {
			return p.Name()
		}
	}
	return likelyName(spec, path)
}

// likelyName is the name that a package most likely has: whether it is another cannot be known of one that failed.
func likelyName(spec *ast.ImportSpec, path string) string {
	if spec.Name != nil {
		return spec.Name.Name
	}
	return path[strings.LastIndex(path, "/")+1:]
}

// tagPos tells where an offset in a struct tag stands in the literal as written.
func tagPos(literal *ast.BasicLit, at int) token.Pos {
	if !strings.HasPrefix(literal.Value, `"`) {
		return literal.Pos() + 1 + token.Pos(at)
	}
	rest := literal.Value[1:]
	for at > 0 && rest != "" {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, '"')
		if err != nil {
			break
		}
		size := 1
		if multibyte {
			size = utf8.RuneLen(r)
		}
		rest, at = tail, at-size
	}
	return literal.Pos() + token.Pos(len(literal.Value)-len(rest))
}
