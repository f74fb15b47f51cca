package adopt

import (
	"go/ast"
	"path"
	"slices"
	"strconv"
)

// A name is what things of the program are called, as a number: "path/of/package.Name", or ".Name" for a method or a
// field, whatever its type. None is 0, which is no name that has been seen.
type name int32

// names are all that have been seen.
type names map[string]name

func (n names) of(text string) name {
	if n[text] == 0 {
		n[text] = name(len(n) + 1)
	}
	return n[text]
}

// A scope is what identifiers mean in a file.
type scope struct {
	names   names
	known   bool // names that have not been seen are none
	paths   []string
	clause  string            // the package's name
	imports map[string]string // path by the name in the file
}

// scope returns that of a file. Major versions do not count in paths.
func (n names) scope(of string, file *ast.File) *scope {
	in := &scope{names: n, paths: []string{withoutVersion(of)}, clause: file.Name.Name, imports: map[string]string{}}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		imported = withoutVersion(imported)
		switch {
		case spec.Name == nil:
			in.imports[path.Base(imported)] = imported
		case spec.Name.Name == ".":
			in.paths = append(in.paths, imported)
		default:
			in.imports[spec.Name.Name] = imported
		}
	}
	return in
}

func (in *scope) name(text string) name {
	if in.known {
		return in.names[text]
	}
	return in.names.of(text)
}

// declared is what a function, a type or a variable of the file's package is called: also by the name of a selector, if
// the last element of the path is not the package's name.
func (in *scope) declared(id string) []name {
	all := []name{in.name(in.paths[0] + "." + id)}
	if in.clause != "main" && in.clause != path.Base(in.paths[0]) {
		all = append(all, in.name("."+id))
	}
	return all
}

// identifier is what an identifier can mean that is no local variable.
func (in *scope) identifier(id string) []name {
	var all []name
	if id == "any" || id == "string" {
		all = append(all, in.name(id))
	}
	for _, p := range in.paths {
		all = append(all, in.name(p+"."+id))
	}
	return all
}

// selector is what x.Sel can mean: a package's, or a method or field of something that may have a package's name.
func (in *scope) selector(e *ast.SelectorExpr) []name {
	all := []name{in.name("." + e.Sel.Name)}
	if x, ok := e.X.(*ast.Ident); ok && in.imports[x.Name] != "" {
		all = append(all, in.name(in.imports[x.Name]+"."+e.Sel.Name))
	}
	return all
}

// of returns the names that an expression can be, if it is one.
func (in *scope) of(e ast.Expr) []name {
	switch e := e.(type) {
	case *ast.Ident:
		return in.identifier(e.Name)
	case *ast.SelectorExpr:
		return in.selector(e)
	case *ast.ParenExpr:
		return in.of(e.X)
	case *ast.IndexExpr: // of a generic function, or of a table
		return in.of(e.X)
	case *ast.StarExpr:
		return in.of(e.X)
	}
	return nil
}

// types are the names of types in the expression of one.
func (in *scope) types(e ast.Node) []name {
	var all []name
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			all = append(all, in.identifier(n.Name)...)
		case *ast.SelectorExpr:
			all = append(all, in.selector(n)...)
			return false
		case *ast.InterfaceType:
			all = append(all, in.name("any"))
		}
		return true
	})
	return all
}

// function reads a function.
func (in *scope) function(d *ast.FuncDecl) *body {
	b := &body{}
	if d.Recv == nil {
		b.names = in.declared(d.Name.Name)
	} else {
		b.names = []name{in.name("." + d.Name.Name)}
	}
	b.given = in.types(d.Type.Params)
	if d.Type.TypeParams != nil {
		b.given = append(b.given, in.types(d.Type.TypeParams)...)
	}
	if d.Type.Results != nil {
		b.returned = in.types(d.Type.Results)
	}
	if d.Body != nil {
		in.read(b, d.Body)
	}
	return b
}

// read notes the names below a node.
func (in *scope) read(b *body, root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			b.mentions = append(b.mentions, in.identifier(n.Name)...)
		case *ast.SelectorExpr:
			b.mentions = append(b.mentions, in.selector(n)...)
		case *ast.CallExpr:
			b.calls = append(b.calls, in.handings(n.Fun, n.Args...)...)
		case *ast.IndexExpr:
			b.calls = append(b.calls, in.handings(n.X, n.Index)...)
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				b.sets = append(b.sets, in.of(lhs)...)
			}
		case *ast.IncDecStmt:
			b.sets = append(b.sets, in.of(n.X)...)
		case *ast.UnaryExpr:
			b.sets = append(b.sets, in.of(n.X)...)
		case *ast.KeyValueExpr:
			if id, ok := n.Key.(*ast.Ident); ok {
				b.sets = append(b.sets, in.name("."+id.Name))
			}
		}
		return true
	})
	b.mentions, b.sets = distinct(b.mentions), distinct(b.sets)
}

func (in *scope) handings(to ast.Expr, args ...ast.Expr) []handing {
	var all []handing
	for _, n := range in.of(to) {
		h := handing{to: n}
		for _, arg := range args {
			ast.Inspect(arg, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					h.args = append(h.args, in.of(e)...)
				}
				return true
			})
		}
		all = append(all, h)
	}
	return all
}

func distinct(all []name) []name {
	slices.Sort(all)
	return slices.Clip(slices.Compact(all))
}
