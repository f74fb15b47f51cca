package escape

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// outlives reports whether a variable, field or element keeps its value when the request is over: a package
// variable, a part of the receiver of an HTTP handler, a variable around a handler function.
func (x *escapes) outlives(f *origin.Func, target ast.Expr) bool {
	root := x.RootOf(target)
	if root == nil {
		return false
	}
	if sel, ok := target.(*ast.SelectorExpr); ok && source.IsPackageVar(x.Info, sel) {
		return true
	}
	if root.Pkg() != nil && root.Parent() == root.Pkg().Scope() {
		return true
	}
	owner := f
	for owner != nil && !owner.Contains(root) {
		owner = owner.Outer
	}
	if owner == nil {
		return false
	}
	if owner != f { // around a literal
		return x.isHandler(f) && !x.withinHandler(owner)
	}
	if recv := f.Sig.Recv(); recv != nil && recv == root && ast.Unparen(target) != nil {
		_, isPointer := types.Unalias(recv.Type()).(*types.Pointer)
		_, whole := ast.Unparen(target).(*ast.Ident)
		return isPointer && !whole && x.isHandler(f) && !x.madePerRequest(recv.Type())
	}
	return false
}

// isHandler reports whether a function has the signature of a handler, of net/http, a framework or RPC.
func (x *escapes) isHandler(f *origin.Func) bool {
	ps := f.Sig.Params()
	switch ps.Len() {
	case 1:
		return known.IsContext(ps.At(0).Type()) || known.OfRequest(ps.At(0).Type())
	case 2, 3: // with a response or a context before it, a stream after it
		return (x.IsWriter(ps.At(0).Type()) || known.IsGoContext(ps.At(0).Type())) && known.OfRequest(ps.At(1).Type())
	}
	return false
}

func (x *escapes) withinHandler(f *origin.Func) bool {
	for ; f != nil; f = f.Outer {
		if x.handles(f) {
			return true
		}
	}
	return false
}

// madePerRequest reports whether some function that handles a request makes a value of the type, which then may end
// with the request.
func (x *escapes) madePerRequest(t types.Type) bool {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	for _, f := range x.Funcs {
		if !x.handles(x.Func(f)) {
			continue
		}
		made := false
		ast.Inspect(f.Body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				made = made || types.Identical(x.Info.TypeOf(n), t)
			case *ast.CallExpr: // new(T), newT(…)
				if ptr, ok := x.Info.TypeOf(n).(*types.Pointer); ok {
					made = made || types.Identical(ptr.Elem(), t)
				}
			case *ast.ValueSpec:
				made = made || n.Type != nil && types.Identical(x.Info.TypeOf(n.Type), t)
			}
			return !made
		})
		if made {
			return true
		}
	}
	return false
}

// mentionedLater reports whether the place of a store is used in a defer or assigned again further down: that is how
// a handler takes the session out again.
func (x *escapes) mentionedLater(f *origin.Func, target ast.Expr, after ast.Node) bool {
	var name types.Object
	for e := ast.Unparen(target); name == nil; {
		switch n := e.(type) {
		case *ast.IndexExpr:
			e = ast.Unparen(n.X)
			continue
		case *ast.SelectorExpr:
			name = x.Info.Uses[n.Sel]
		case *ast.Ident:
			name = x.Info.ObjectOf(n)
		}
		break
	}
	if name == nil {
		return true
	}
	mentions := func(root ast.Node) bool {
		found := false
		ast.Inspect(root, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				found = found || x.Info.ObjectOf(id) == name
			}
			return !found
		})
		return found
	}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if n == nil || found || n == after {
			return false
		}
		switch n := n.(type) {
		case *ast.DeferStmt:
			found = found || mentions(n)
		case *ast.CallExpr:
			found = found || n.Pos() > after.End() && mentions(n)
		case *ast.AssignStmt:
			for _, lhs := range n.Lhs {
				found = found || n.Pos() > after.End() && mentions(lhs)
			}
		}
		return !found
	})
	return found
}

// staysAfter reports whether a function goes on in an endless loop after a go statement, as a handler does that
// serves a connection: that loop and the goroutine end together more often than not.
func staysAfter(body ast.Node, after ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if loop, ok := n.(*ast.ForStmt); ok && loop.Cond == nil && loop.Pos() > after.End() {
			found = true
		}
		return !found
	})
	return found
}

// receives reports whether a function waits for something: for a channel, or by a method that says so.
func receives(body ast.Node) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.SelectStmt:
			found = true
		case *ast.CallExpr:
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			found = found || ok && sel.Sel.Name == "Wait"
		}
		return !found
	})
	return found
}
