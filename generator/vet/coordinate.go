package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// coordinates reports whether a goroutine does, or may do, anything by which somebody can wait for it or end it: channel
// operations, WaitGroup.Done and the like, calls of function values. What it has made itself and shares with nobody does
// not count. A function whose body is not in this package may.
func (x *escapes) coordinates(call *ast.CallExpr) bool {
	if slices.ContainsFunc(call.Args, x.handsOver) {
		return true
	}
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		return x.tells(x.byNode[lit], map[*function]bool{})
	}
	fn := x.staticCallee(call)
	if fn == nil {
		return true
	}
	if m, _ := x.sessions.method(fn); m.kind != notGenerated {
		return false
	}
	decl := x.decls[fn.Origin()]
	return decl == nil || x.tells(x.byNode[decl], map[*function]bool{})
}

// tells reports whether a function, or one of this package that it calls, tells somebody how far it is.
func (x *escapes) tells(f *function, seen map[*function]bool) bool {
	if f == nil {
		return true
	}
	if seen[f] {
		return false
	}
	seen[f] = true
	g := goroutine{x, f, scanVars(f), seen}
	found := false
	ast.Inspect(f.body, func(n ast.Node) bool {
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
			_, isChan := x.info.TypeOf(n.X).Underlying().(*types.Chan)
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

// isContextDone reports whether an expression is the channel of a context: whoever receives from it alone goes on when
// the request is over.
func (x *escapes) isContextDone(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, ok := x.callee(call).(*types.Func)
	return ok && known.IsDone(fn)
}

// A goroutine is a function that one runs.
type goroutine struct {
	*escapes
	f    *function
	vars *vars
	seen map[*function]bool
}

// signals reports whether a call may tell somebody that a goroutine is done.
func (g goroutine) signals(call *ast.CallExpr) bool {
	if g.info.Types[call.Fun].IsType() {
		return false
	}
	switch fn := g.callee(call).(type) {
	case *types.Builtin:
		return fn.Name() == "close" && !g.owns(call.Args[0])
	case *types.Func:
		recv := receiverOf(call)
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
		if m, _ := g.sessions.method(fn); m.kind != notGenerated {
			return false
		}
		decl := g.decls[fn.Origin()]
		return decl != nil && g.byNode[decl] != nil && g.tells(g.byNode[decl], g.seen)
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
		v := g.rootOf(e)
		if v == nil || !g.f.contains(v) || g.f.isParam(v) || len(g.vars.defs[v]) == 0 || g.vars.parts[v] > 0 {
			return false
		}
		return !slices.ContainsFunc(g.vars.defs[v], func(d definition) bool {
			return !d.zero && (d.value == nil || d.result <= 0 && !g.owns(d.value) || d.result > 0 && !g.isCancel(d.value))
		})
	}
	return false
}

// makes reports whether a call makes what only the goroutine has.
func (g goroutine) makes(call *ast.CallExpr) bool {
	switch fn := g.callee(call).(type) {
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
			switch recv := receiverOf(call); {
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
	fn := g.staticCallee(call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == "context"
}

// handsOver reports whether a value is one by which goroutines wait for each other.
func (x *escapes) handsOver(e ast.Expr) bool {
	t := x.info.TypeOf(e)
	if t == nil {
		return false
	}
	if _, ok := ast.Unparen(e).(*ast.FuncLit); ok {
		return false // its body is looked at
	}
	return known.HandsOver(t)
}
