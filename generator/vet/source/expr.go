package source

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// IsComparison reports whether an expression compares with == or !=.
func IsComparison(e *ast.BinaryExpr) bool { return e.Op == token.EQL || e.Op == token.NEQ }

// IsShortCircuit reports whether the right side of an expression may not be evaluated.
func IsShortCircuit(e *ast.BinaryExpr) bool { return e.Op == token.LAND || e.Op == token.LOR }

// IsBlank reports whether an expression is the blank identifier.
func IsBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// Drops reports whether an assignment is to the blank identifier alone.
func Drops(n *ast.AssignStmt) bool { return len(n.Lhs) == 1 && IsBlank(n.Lhs[0]) }

// Receiver returns the operand from which a call selects its function, or nil.
func Receiver(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}

// CalledName returns the name of the called function, for messages.
func CalledName(call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.Ident:
		return fun.Name
	}
	return "the call"
}

// IsPackageVar reports whether an expression is a variable of a package.
func IsPackageVar(info *types.Info, e ast.Expr) bool {
	var id *ast.Ident
	switch e := e.(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	}
	v, ok := info.Uses[id].(*types.Var)
	return ok && v.Pkg() != nil && v.Parent() == v.Pkg().Scope()
}

// RootOf returns the variable that an element, a field or a part belongs to, or nil.
func (p *Package) RootOf(e ast.Expr) *types.Var {
	for {
		switch x := e.(type) {
		case *ast.Ident:
			v, _ := p.Info.ObjectOf(x).(*types.Var)
			return v
		case *ast.ParenExpr:
			e = x.X
		case *ast.StarExpr:
			e = x.X
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.SliceExpr:
			e = x.X
		default:
			return nil
		}
	}
}

// Argument returns the argument for a parameter, counted from the receiver if there is one, or nil.
func (p *Package) Argument(call *ast.CallExpr, fn *types.Func, param int) ast.Expr {
	args := call.Args
	if fn.Signature().Recv() != nil {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if s := p.Info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			recv := sel.X
			if len(s.Index()) > 1 {
				recv = nil // a part of sel.X
			}
			args = append([]ast.Expr{recv}, args...)
		}
	}
	if param < 0 || param >= len(args) {
		return nil
	}
	if fn.Signature().Variadic() && param >= len(Params(fn.Signature()))-1 {
		return nil
	}
	return args[param]
}

// ChangeBy returns how a call changes its first argument.
func (p *Package) ChangeBy(call *ast.CallExpr) known.Change { return known.ChangeOf(p.Callee(call)) }

// IsAppend reports whether an expression appends to something, or returns it changed in some other way.
func (p *Package) IsAppend(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && p.ChangeBy(call) == known.ReturnsChanged
}
