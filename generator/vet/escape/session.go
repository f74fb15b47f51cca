package escape

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

type escapes struct {
	*origin.Package
	pass *analysis.Pass
}

// session returns the variable of a session of the request that an expression is, or that a composite literal holds. A
// literal that also holds a channel or the like is a job that somebody waits for.
func (x *escapes) session(f *origin.Func, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := x.Info.Uses[e].(*types.Var); ok && x.Session(v.Type()) != nil && x.isOfRequest(f, v) {
			return v
		}
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return x.session(f, lit)
		}
	case *ast.CompositeLit:
		var found *types.Var
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			if _, isFunc := ast.Unparen(elt).(*ast.FuncLit); isFunc || x.handsOver(elt) {
				return nil
			}
			if found == nil {
				found = x.session(f, elt)
			}
		}
		return found
	}
	return nil
}

// isOfRequest reports whether a variable holds the session of a request.
func (x *escapes) isOfRequest(f *origin.Func, v *types.Var) bool {
	for owner := f; owner != nil; owner = owner.Outer {
		if !owner.Contains(v) {
			continue
		}
		if s := owner.Sessions.OfVar(v); s != nil && s.From(origin.Load, origin.Middleware) {
			return true
		}
		return owner.IsParam(v) && x.handles(owner)
	}
	return false
}

// handles reports whether a function is called once for each request, with its response or the request itself.
func (x *escapes) handles(f *origin.Func) bool {
	for _, v := range source.Params(f.Sig) {
		if x.IsWriterOwner(v.Type()) || known.OfRequest(v.Type()) {
			return true
		}
	}
	return false
}

// used returns a session of f's request that a call uses, be it in a function literal.
func (x *escapes) used(f *origin.Func, call *ast.CallExpr) *types.Var {
	var found *types.Var
	find := func(e ast.Node) {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && found == nil {
				found = x.session(f, id)
			}
			return found == nil
		})
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		find(fun)
	case *ast.SelectorExpr: // the receiver; x.f().g() calls f at once
		if _, ok := ast.Unparen(fun.X).(*ast.Ident); ok {
			find(fun.X)
		}
	}
	for _, arg := range call.Args { // evaluated at once: only the session itself gets across
		if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
			find(lit)
		} else if found == nil {
			found = x.session(f, arg)
		}
	}
	return found
}

// handsOver reports whether a value is one by which goroutines wait for each other.
func (x *escapes) handsOver(e ast.Expr) bool {
	t := x.Info.TypeOf(e)
	if t == nil {
		return false
	}
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return false // its body is looked at
	}
	return known.HandsOver(t)
}
