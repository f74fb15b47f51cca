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

// isSink reports whether an argument is itself a call that is reported, as slog.String within slog.Info is.
func (x *secrets) isSink(arg ast.Expr) bool {
	call, ok := ast.Unparen(arg).(*ast.CallExpr)
	if !ok {
		return false
	}
	args, _ := x.sinkArgs(call)
	return len(args) > 0
}

// logged returns which parameters of a function end in a log.
func (x *secrets) logged(fn *types.Func) []int {
	fn = fn.Origin()
	if l := x.found[fn]; l != nil {
		return l.Params
	}
	var fact logsParams
	if fn.Pkg() != x.Types && x.pass.ImportObjectFact(fn, &fact) {
		return fact.Params
	}
	return nil
}
