package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/cfg"
)

// An error edge is a branch that is taken only if some error is not nil: the then-branch of err != nil, the
// else-branch of err == nil, errors.Is(err, x), os.IsNotExist(err) and the like, a case of a switch that says so, and
// the case of a select that receives from ctx.Done(). io.EOF is no failure. On an error edge a change is dropped
// deliberately.
//
// A failed return is one that returns an error which is not nil, or one behind an answer with an error status: there
// too.

// edgeTo returns the facts that hold on the edge from b to its i-th successor.
func (f *Func) edgeTo(b *cfg.Block, i int) edge {
	var e edge
	if len(b.Succs) != 2 {
		return e
	}
	next := b.Succs[0]
	if clause, ok := next.Stmt.(*ast.CommClause); ok && next.Kind == cfg.KindSelectCaseBody {
		e.failed = i == 0 && f.isCancelled(clause.Comm)
		return e
	}
	if clause, ok := next.Stmt.(*ast.CaseClause); ok && next.Kind == cfg.KindSwitchCaseBody {
		if operand, ok := f.Vars.TypeTags[clause]; ok {
			e.typeCase(f, operand, clause, i == 0)
			return e
		}
		if tag := f.Vars.Tags[clause]; tag != nil {
			if value, ok := lastExpr(b); ok {
				e.equal(f, tag, value, i == 0)
			}
			return e
		}
	}
	if cond, ok := lastExpr(b); ok {
		e.cond(f, cond, i == 0)
	}
	return e
}

// Condition returns the condition on which control takes the first edge of a block, or else the second.
func (b *Block) Condition() (ast.Expr, bool) {
	if len(b.Succs) != 2 {
		return nil, false
	}
	return lastExpr(b.Block)
}

func lastExpr(b *cfg.Block) (ast.Expr, bool) {
	if len(b.Nodes) == 0 {
		return nil, false
	}
	e, ok := b.Nodes[len(b.Nodes)-1].(ast.Expr)
	return e, ok
}

// isCancelled reports whether a case of a select waits for the end of a context.
func (f *Func) isCancelled(comm ast.Stmt) bool {
	recv, ok := comm.(*ast.ExprStmt)
	if !ok {
		return false
	}
	arrow, ok := ast.Unparen(recv.X).(*ast.UnaryExpr)
	if !ok {
		return false
	}
	call, ok := f.Vars.Resolve(arrow.X).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := f.pkg.Callee(call).(*types.Func)
	return ok && known.IsDone(fn)
}

// cond adds the facts that follow from the value of a condition.
func (e *edge) cond(f *Func, cond ast.Expr, want bool) {
	switch c := f.Vars.Resolve(cond).(type) {
	case *ast.UnaryExpr:
		if c.Op == token.NOT {
			e.cond(f, c.X, !want)
		}
	case *ast.BinaryExpr:
		switch {
		case c.Op == token.LAND && want, c.Op == token.LOR && !want:
			e.cond(f, c.X, want)
			e.cond(f, c.Y, want)
		case source.IsComparison(c):
			e.equal(f, c.X, c.Y, want == (c.Op == token.EQL))
		case (c.Op == token.GTR || c.Op == token.NEQ) && want && f.countsErrors(c.X):
			e.failed = true
		}
	case *ast.CallExpr:
		if want {
			e.classified(f, c)
		}
	}
}

// equal adds the facts that follow from x == y, or from x != y.
func (e *edge) equal(f *Func, x, y ast.Expr, equal bool) {
	p := f.pkg
	if p.IsNil(x) {
		x, y = y, x
	}
	if c := f.Sessions.Of(x); c != nil && equal && p.IsNil(y) {
		e.knownNil = append(e.knownNil, c)
	}
	if !f.pkg.IsError(p.Info.TypeOf(x)) {
		if !equal && f.countsErrors(x) {
			e.failed = true
		}
		return
	}
	if p.IsNil(y) != equal && !isEOF(p.Info, y) {
		e.nonNil(f, x)
	}
}

// classified adds the facts that follow from a predicate of an error that holds: the error is not nil.
func (e *edge) classified(f *Func, call *ast.CallExpr) {
	for _, arg := range call.Args {
		if isEOF(f.pkg.Info, arg) {
			return
		}
	}
	for _, arg := range call.Args {
		if f.pkg.IsError(f.pkg.Info.TypeOf(arg)) && !f.pkg.IsNil(arg) {
			e.nonNil(f, arg)
			return
		}
	}
}

// typeCase adds the facts that follow from a case of a type switch on an error.
func (e *edge) typeCase(f *Func, operand ast.Expr, clause *ast.CaseClause, matched bool) {
	if operand == nil || !f.pkg.IsError(f.pkg.Info.TypeOf(operand)) || len(clause.List) != 1 {
		return
	}
	if f.pkg.IsNil(clause.List[0]) != matched {
		e.nonNil(f, operand)
	}
}

func (e *edge) nonNil(f *Func, x ast.Expr) {
	e.failed = true
	if v := f.Vars.Of(x); v != nil {
		e.errs = append(e.errs, v)
	}
}

// countsErrors reports whether an expression is the length of a list or map of errors.
func (f *Func) countsErrors(e ast.Expr) bool {
	call, ok := f.Vars.Resolve(e).(*ast.CallExpr)
	if !ok || len(call.Args) != 1 {
		return false
	}
	if b, ok := f.pkg.Callee(call).(*types.Builtin); !ok || b.Name() != "len" {
		return false
	}
	t := f.pkg.Info.TypeOf(call.Args[0])
	switch u := t.Underlying().(type) {
	case *types.Slice:
		return f.pkg.IsError(t) || f.pkg.IsError(u.Elem())
	case *types.Map:
		return f.pkg.IsError(t) || f.pkg.IsError(u.Elem())
	}
	return false
}

// failedReturn reports whether a return returns an error that is certainly not nil. nonNil tells of errors that are
// not nil there.
func (f *Func) failedReturn(ret *ast.ReturnStmt, nonNil func(*types.Var) bool) bool {
	results := f.Sig.Results()
	if results.Len() == 0 || !f.pkg.IsError(results.At(results.Len()-1).Type()) {
		return false
	}
	if len(ret.Results) == 0 {
		return nonNil(results.At(results.Len() - 1))
	}
	if len(ret.Results) != results.Len() {
		return false
	}
	return f.surelyError(ret.Results[results.Len()-1], nonNil)
}

// surelyError reports whether an expression of type error is certainly not nil.
func (f *Func) surelyError(e ast.Expr, nonNil func(*types.Var) bool) bool {
	info := f.pkg.Info
	if v := f.Vars.Of(e); v != nil && nonNil(v) {
		return true
	}
	e = f.Vars.Resolve(e)
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		return source.IsPackageVar(info, e)
	case *ast.UnaryExpr, *ast.CompositeLit:
		return true
	case *ast.CallExpr:
		if fn := f.pkg.StaticCallee(e); fn != nil {
			if known.MakesError(fn) {
				return true
			}
			if sum := f.pkg.summaryOf(fn); sum != nil && sum.Fails {
				return true
			}
		}
		if t := info.TypeOf(e); f.pkg.IsError(t) && !types.IsInterface(t) { // as echo.NewHTTPError
			return true
		}
		for _, arg := range e.Args { // wrap(err, "…")
			if v := f.Vars.Of(arg); v != nil && f.pkg.IsError(v.Type()) && nonNil(v) {
				return true
			}
		}
	}
	return false
}

func isEOF(info *types.Info, e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return known.IsEOF(info.Uses[sel.Sel])
}
