package origin

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// WriterOf returns the response writer that an expression is. Only one that came from outside is known, as a parameter
// or as part of one: a writer that a function made itself may be a buffer.
func (f *Func) WriterOf(e ast.Expr) (Writer, bool) {
	if !f.Pkg.KnowsResponses() {
		return Writer{}, false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := f.Vars.Of(e)
		if v == nil {
			return Writer{}, false
		}
		if val, result := f.Vars.Value(v); val != nil {
			if assert, ok := ast.Unparen(val).(*ast.TypeAssertExpr); result < 0 || ok && result == 0 {
				if ok {
					return f.WriterOf(assert.X)
				}
				return f.WriterOf(val)
			}
			return Writer{}, false
		}
		return Writer{Root: v}, f.isGiven(v) && f.Pkg.IsWriterOwner(v.Type())
	case *ast.TypeAssertExpr:
		return f.WriterOf(e.X)
	case *ast.SelectorExpr:
		return f.partOf(e, e.X, "."+e.Sel.Name)
	case *ast.CallExpr:
		if f.Pkg.Info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return f.WriterOf(e.Args[0])
		}
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && len(e.Args) == 0 {
			return f.partOf(e, sel.X, "."+sel.Sel.Name+"()")
		}
	}
	return Writer{}, false
}

// partOf returns the response writer that whole, which is a field or the result of a method of x, is.
func (f *Func) partOf(whole, x ast.Expr, path string) (Writer, bool) {
	if !f.Pkg.IsWriter(f.Pkg.Info.TypeOf(whole)) {
		return Writer{}, false
	}
	if w, ok := f.WriterOf(x); ok { // a field of a part: c.Response().Writer
		if !known.IsContext(w.Root.Type()) {
			w.Path += path
		}
		return w, true
	}
	v := f.Vars.Of(f.Vars.Resolve(x))
	if v == nil || !f.isGiven(v) || f.Vars.Replaced[v] {
		return Writer{}, false
	}
	return Writer{Root: v, Path: path}, true
}

// isGiven reports whether a variable is a parameter of the function, or of one around it, and never assigned.
func (f *Func) isGiven(v *types.Var) bool {
	f.read()
	if len(f.Vars.Defs[v]) > 0 || f.Vars.Replaced[v] {
		return false
	}
	if f.IsParam(v) {
		return true
	}
	return f.Outer != nil && !f.Contains(v) && f.Outer.isGiven(v)
}
