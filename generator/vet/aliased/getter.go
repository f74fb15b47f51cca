package aliased

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/ast/inspector"
)

// A finder looks through a package.
type finder struct{ *generated.Package }

// A getter is the call of one.
type getter struct {
	call    *ast.CallExpr
	method  generated.Method
	session *generated.Type
	on      ast.Expr // may be nil
}

func (g getter) advice() string {
	if g.method.Field == nil {
		return ": use a setter"
	}
	return ": use Set" + g.method.Field.Name
}

// changeOf climbs from a call to the largest part of it that an expression is (an element, a field, appended to) and
// returns that, and the statement or call that changes it, if one does.
func (p finder) changeOf(c inspector.Cursor) (ast.Expr, ast.Node) {
	e := c.Node().(ast.Expr)
	for {
		parent := c.Parent()
		switch n := parent.Node().(type) {
		case *ast.ParenExpr, *ast.StarExpr, *ast.TypeAssertExpr:
			e, c = n.(ast.Expr), parent
			continue
		case *ast.SelectorExpr:
			if _, isField := p.Info.Uses[n.Sel].(*types.Var); isField {
				e, c = n, parent
				continue
			}
		case *ast.IndexExpr:
			if n.X == e {
				e, c = n, parent
				continue
			}
		case *ast.SliceExpr:
			if n.X == e {
				e, c = n, parent
				continue
			}
		case *ast.UnaryExpr:
			if n.Op.String() == "&" {
				e, c = n, parent
				continue
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && n.Args[0] == e {
				switch p.ChangeBy(n) {
				case known.ChangesArgument:
					return e, n
				case known.ReturnsChanged:
					e, c = n, parent
					continue
				}
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if lhs == e {
					return e, n
				}
				id, ok := lhs.(*ast.Ident)
				if ok && id.Name == "_" && len(n.Rhs) == len(n.Lhs) && n.Rhs[i] == e && p.IsAppend(e) {
					return e, n
				}
			}
		case *ast.IncDecStmt:
			return e, n
		}
		return e, nil
	}
}

// copyIn returns the variable that e, which contains the call of a getter, is the first value of.
func (p finder) copyIn(c inspector.Cursor, e ast.Expr) *types.Var {
	for c.Node() != e {
		c = c.Parent()
	}
	var id *ast.Ident
	switch n := c.Parent().Node().(type) {
	case *ast.AssignStmt:
		for i, rhs := range n.Rhs {
			if rhs == e {
				id, _ = n.Lhs[i].(*ast.Ident)
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if value == e {
				id = n.Names[i]
			}
		}
	}
	if id == nil {
		return nil
	}
	v, _ := p.Info.Defs[id].(*types.Var)
	return v
}
