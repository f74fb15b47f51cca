package secretleak

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// sinkArgs returns the arguments of a call that end in a log, on the terminal or in an error text, and where.
func (x *secrets) sinkArgs(call *ast.CallExpr) (args []ast.Expr, where string) {
	fn := x.Callee(call)
	switch sink := known.SinkOf(fn); sink {
	case known.NoSink:
		if fn, ok := fn.(*types.Func); ok {
			return x.passedToLog(call, fn)
		}
		return nil, ""
	case known.Writer:
		if len(call.Args) > 0 && x.isTerminal(call.Args[0]) {
			return call.Args[1:], string(known.Terminal)
		}
		return nil, ""
	default:
		return call.Args, string(sink)
	}
}

// passedToLog returns the arguments that a function passes on to a log.
func (x *secrets) passedToLog(call *ast.CallExpr, fn *types.Func) ([]ast.Expr, string) {
	var args []ast.Expr
	for _, i := range x.logged(fn) {
		ps := fn.Signature().Params().Len()
		switch {
		case fn.Signature().Variadic() && i == ps-1 && len(call.Args) >= ps:
			args = append(args, call.Args[i:]...)
		case i < len(call.Args):
			args = append(args, call.Args[i])
		}
	}
	return args, "a log, through " + fn.Name()
}

// isTerminal reports whether an expression is os.Stdout or os.Stderr.
func (x *secrets) isTerminal(e ast.Expr) bool {
	sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	return known.IsTerminal(x.Info.Uses[sel.Sel])
}
