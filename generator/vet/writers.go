package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// A writer is a response writer, by how a function gets at it: w, c.Writer, h.w. For a context of a web framework,
// whatever way leads from it to the response is one writer.
type writer struct {
	root *types.Var
	path string
}

// isWriterOwner reports whether a value of the type is a response writer or a framework's context around one.
func (p *program) isWriterOwner(t types.Type) bool { return p.isWriter(t) || known.IsContext(t) }

// writerOf returns the response writer that an expression is. Only one that came from outside is known, as a parameter
// or as part of one: what a function made itself may hold back what is written.
func (f *function) writerOf(e ast.Expr) (writer, bool) {
	if f.prog.writers.of == nil {
		return writer{}, false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v := f.vars.of(e)
		if v == nil {
			return writer{}, false
		}
		if val, result := f.vars.value(v); val != nil {
			if assert, ok := ast.Unparen(val).(*ast.TypeAssertExpr); result < 0 || ok && result == 0 {
				if ok {
					return f.writerOf(assert.X)
				}
				return f.writerOf(val)
			}
			return writer{}, false
		}
		return writer{root: v}, f.isGiven(v) && f.prog.isWriterOwner(v.Type())
	case *ast.TypeAssertExpr:
		return f.writerOf(e.X)
	case *ast.SelectorExpr:
		return f.partOf(e, e.X, "."+e.Sel.Name)
	case *ast.CallExpr:
		if f.prog.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return f.writerOf(e.Args[0])
		}
		if sel, ok := ast.Unparen(e.Fun).(*ast.SelectorExpr); ok && len(e.Args) == 0 {
			return f.partOf(e, sel.X, "."+sel.Sel.Name+"()")
		}
	}
	return writer{}, false
}

// partOf returns the response writer that whole, which is a field or the result of a method of x, is.
func (f *function) partOf(whole, x ast.Expr, path string) (writer, bool) {
	if !f.prog.isWriter(f.prog.info.TypeOf(whole)) {
		return writer{}, false
	}
	if w, ok := f.writerOf(x); ok { // a field of a part: c.Response().Writer
		if !known.IsContext(w.root.Type()) {
			w.path += path
		}
		return w, true
	}
	v := f.vars.of(f.vars.resolve(x))
	if v == nil || !f.isGiven(v) || f.vars.replaced[v] {
		return writer{}, false
	}
	return writer{root: v, path: path}, true
}

// isGiven reports whether a variable is a parameter of the function, or of one around it, and never assigned.
func (f *function) isGiven(v *types.Var) bool {
	if f.vars == nil {
		f.vars = scanVars(f)
	}
	if len(f.vars.defs[v]) > 0 || f.vars.replaced[v] {
		return false
	}
	if f.isParam(v) {
		return true
	}
	return f.outer != nil && !f.contains(v) && f.outer.isGiven(v)
}

// status returns the HTTP status that a call is given as a constant, or 0.
func (p *program) status(call *ast.CallExpr) int {
	for _, arg := range call.Args {
		tv := p.info.Types[arg]
		if tv.Value == nil || tv.Value.Kind() != constant.Int {
			continue
		}
		if n, ok := constant.Int64Val(tv.Value); ok && 100 <= n && n <= 599 {
			return int(n)
		}
	}
	return 0
}

// isNil reports whether an expression is the predeclared nil.
func (p *program) isNil(e ast.Expr) bool {
	tv, ok := p.info.Types[ast.Unparen(e)]
	return ok && tv.IsNil()
}

// isComparison reports whether an expression compares with == or !=.
func isComparison(e *ast.BinaryExpr) bool { return e.Op == token.EQL || e.Op == token.NEQ }
