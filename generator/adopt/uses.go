package adopt

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A use is one occurrence of a variable.
type use struct {
	pkg *pkg
	cur inspector.Cursor
}

// uses returns the occurrences of a variable in a package: of a local one in the function that declares it.
func (prog *program) uses(p *pkg, v *types.Var) []use {
	root := p.root
	if at, ok := root.FindByPos(v.Pos(), v.Pos()); ok && v.Parent() != v.Pkg().Scope() {
		for up := range at.Enclosing((*ast.FuncDecl)(nil)) {
			root = up
		}
	}
	return usesBelow(p, root, v)
}

// usesIn returns the occurrences of a variable in a function.
func (prog *program) usesIn(f *function, v *types.Var) []use {
	root, ok := f.pkg.root.FindNode(f.node)
	if !ok {
		return nil
	}
	return usesBelow(f.pkg, root, v)
}

func usesBelow(p *pkg, root inspector.Cursor, v *types.Var) []use {
	var all []use
	for cur := range root.Preorder((*ast.Ident)(nil)) {
		if p.Info.Uses[cur.Node().(*ast.Ident)] == v {
			all = append(all, use{p, cur})
		}
	}
	return all
}
