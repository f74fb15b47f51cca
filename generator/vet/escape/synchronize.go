package escape

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// maySynchronize reports whether a goroutine does, or may do, anything by which somebody can wait for it or end it:
// channel operations, WaitGroup.Done and the like, calls of function values. Values that it has made itself and
// shares with nobody do not count. A function whose body is not in this package may.
func (x *escapes) maySynchronize(call *ast.CallExpr) bool {
	if slices.ContainsFunc(call.Args, x.handsOver) {
		return true
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return x.synchronizes(x.FuncAt(lit), map[*origin.Func]bool{})
	}
	fn := x.StaticCallee(call)
	if fn == nil {
		return true
	}
	if m, _ := x.Method(fn); m.Kind != generated.NotGenerated {
		return false
	}
	decl := x.Decls[fn.Origin()]
	return decl == nil || x.synchronizes(x.FuncAt(decl), map[*origin.Func]bool{})
}

// synchronizes reports whether a function, or one of this package that it calls, tells somebody how far it is.
func (x *escapes) synchronizes(f *origin.Func, seen map[*origin.Func]bool) bool {
	if f == nil {
		return true
	}
	if seen[f] {
		return false
	}
	seen[f] = true
	g := goroutine{x, f, f.Vars, seen}
	found := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			found = found || !g.owns(n.Chan)
		case *ast.CommClause: // one that waits for the end of a context ends with it
			if recv, ok := received(n.Comm); ok {
				found = found || !g.owns(recv)
				return !found
			}
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW && !g.owns(n.X) && !x.isContextDone(n.X)
		case *ast.RangeStmt:
			_, isChan := x.Info.TypeOf(n.X).Underlying().(*types.Chan)
			found = found || isChan && !g.owns(n.X)
		case *ast.CallExpr:
			found = found || g.signals(n)
		}
		return !found
	})
	return found
}

// received returns the channel that a case of a select receives from.
func received(comm ast.Stmt) (ast.Expr, bool) {
	var e ast.Expr
	switch n := comm.(type) {
	case *ast.ExprStmt:
		e = n.X
	case *ast.AssignStmt:
		e = n.Rhs[0]
	}
	arrow, ok := ast.Unparen(e).(*ast.UnaryExpr)
	if !ok {
		return nil, false
	}
	return arrow.X, true
}

// isContextDone reports whether an expression is the channel of a context: a goroutine that receives from it alone
// goes on when the request is over.
func (x *escapes) isContextDone(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := x.Callee(call).(*types.Func)
	return ok && known.IsDone(fn)
}

// A goroutine is a function that one runs.
type goroutine struct {
	*escapes
	f    *origin.Func
	vars *source.Vars
	seen map[*origin.Func]bool
}

// signals reports whether a call may tell somebody that a goroutine is done.
func (g goroutine) signals(call *ast.CallExpr) bool {
	if g.Info.Types[call.Fun].IsType() {
		return false
	}
	switch fn := g.Callee(call).(type) {
	case *types.Builtin:
		return fn.Name() == "close" && !g.owns(call.Args[0])
	case *types.Func:
		recv := source.Receiver(call)
		switch {
		case known.IsDone(fn):
			return false
		case recv != nil && fn.Signature().Recv() != nil && g.owns(recv):
		case known.Signals(fn):
			return true
		}
		if slices.ContainsFunc(call.Args, func(e ast.Expr) bool { return g.handsOver(e) && !g.owns(e) }) {
			return true
		}
		if m, _ := g.Method(fn); m.Kind != generated.NotGenerated {
			return false
		}
		decl := g.Decls[fn.Origin()]
		return decl != nil && g.FuncAt(decl) != nil && g.synchronizes(g.FuncAt(decl), g.seen)
	}
	return !g.owns(call.Fun) // a function value
}

// owns reports whether the goroutine has made a value itself: a channel, a context with its cancel function, a timer, a
// function, a WaitGroup. A context is not its own if it ends with one that is not.
func (g goroutine) owns(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		return true
	case *ast.CompositeLit:
		return !slices.ContainsFunc(e.Elts, func(e ast.Expr) bool {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				e = kv.Value
			}
			return g.handsOver(e) && !g.owns(e)
		})
	case *ast.UnaryExpr:
		return e.Op == token.AND && g.owns(e.X)
	case *ast.CallExpr:
		return g.makes(e)
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr:
		v := g.RootOf(e)
		if v == nil || !g.f.Contains(v) || g.f.IsParam(v) || len(g.vars.Defs[v]) == 0 || g.vars.Parts[v] > 0 {
			return false
		}
		return !slices.ContainsFunc(g.vars.Defs[v], func(d source.Definition) bool {
			return !d.Zero &&
				(d.Value == nil || d.Result <= 0 && !g.owns(d.Value) || d.Result > 0 && !g.isCancel(d.Value))
		})
	}
	return false
}

// makes reports whether a call makes a value that only the goroutine has.
func (g goroutine) makes(call *ast.CallExpr) bool {
	switch fn := g.Callee(call).(type) {
	case *types.Builtin:
		return fn.Name() == "make" || fn.Name() == "new"
	case *types.Func:
		if fn.Pkg() == nil {
			return false
		}
		switch fn.Pkg().Path() {
		case "time":
			return true
		case "context":
			switch recv := source.Receiver(call); {
			case fn.Name() == "Background" || fn.Name() == "TODO" || fn.Name() == "WithoutCancel":
				return true
			case fn.Name() == "Done":
				return g.owns(recv)
			}
			return len(call.Args) > 0 && g.owns(call.Args[0])
		}
	}
	return false
}

// isCancel reports whether an expression is a call that returns, beside a context, the function that ends it.
func (g goroutine) isCancel(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := g.StaticCallee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "context"
}
