package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// TimeoutHandler reports timeouts that are put around a manager's middleware.
var TimeoutHandler = &analysis.Analyzer{
	Name: "timeouthandler",
	Doc: `report http.TimeoutHandler around Middleware, Handle or Do

Question: is what http.TimeoutHandler is given made by Middleware or Handle of a manager, or a function that calls Do? It holds
the response back, and drops it when the time is up: the session of a login that is too slow has been saved by then, the old
one has ended, and the new cookie never arrives. The other way round a handler that is too slow answers with 503, and nothing
is saved.

Looked at is the expression that TimeoutHandler is given, through calls that wrap handlers, conversions and variables that are
assigned once. Out of scope: handlers that are put together in several functions; sessions that a handler loads and saves by hand.

	http.TimeoutHandler(sessions.Middleware(mux), time.Second, "") // sessions.Middleware(http.TimeoutHandler(mux, time.Second, ""))`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow, inspect.Analyzer},
	Run:      runTimeoutHandler,
}

func runTimeoutHandler(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	for c := range root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if fn := p.staticCallee(call); fn == nil || !known.IsTimeoutHandler(fn) || p.skipped[pass.Fset.File(call.Pos())] {
			continue
		}
		saving, name := p.savingHandler(call.Args[0], p.enclosing(c), 0)
		if saving == nil {
			continue
		}
		d := analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(),
			Message: fmt.Sprintf("TimeoutHandler around %s drops the cookie of a session that is saved when the time is up: put it inside", name),
			Related: []analysis.RelatedInformation{{Pos: saving.Pos(), Message: "the session is saved here"}},
		}
		if saving == ast.Unparen(call.Args[0]) && name == "Middleware" {
			d.SuggestedFixes = []analysis.SuggestedFix{turned(call, saving)}
		}
		pass.Report(d)
	}
	return nil, nil
}

// savingHandler returns the call by which a handler saves sessions, and what it calls, or nil.
func (p *program) savingHandler(handler ast.Expr, in *function, depth int) (*ast.CallExpr, string) {
	if depth > 8 { // enough for people; a bound against x := x
		return nil, ""
	}
	switch e := ast.Unparen(handler).(type) {
	case *ast.Ident:
		if v, ok := p.info.Uses[e].(*types.Var); ok && in != nil {
			if values := valuesOf(p.info, in.body, v, token.NoPos); len(values) == 1 {
				return p.savingHandler(values[0], in, depth+1)
			}
		}
	case *ast.FuncLit:
		return p.callOfDo(e.Body)
	case *ast.CallExpr:
		if fn := p.staticCallee(e); fn != nil {
			switch name := managerMethod(fn); name {
			case "Middleware", "Handle":
				return e, name
			}
		}
		for _, arg := range e.Args {
			if call, name := p.savingHandler(arg, in, depth+1); call != nil {
				return call, name
			}
		}
	}
	return nil, ""
}

// callOfDo returns the first call of Do in a function.
func (p *program) callOfDo(body ast.Node) (found *ast.CallExpr, name string) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && found == nil {
			if fn := p.staticCallee(call); fn != nil && managerMethod(fn) == "Do" {
				found = call
			}
		}
		return found == nil
	})
	return found, "Do"
}

// turned suggests to have Middleware around TimeoutHandler: m.Middleware(TimeoutHandler(h, d, text)) for
// TimeoutHandler(m.Middleware(h), d, text).
func turned(timeout, middleware *ast.CallExpr) analysis.SuggestedFix {
	edit := func(from, to token.Pos, text string) analysis.TextEdit {
		return analysis.TextEdit{Pos: from, End: to, NewText: []byte(text)}
	}
	return analysis.SuggestedFix{
		Message: "Put TimeoutHandler inside",
		TextEdits: []analysis.TextEdit{
			edit(timeout.Pos(), timeout.Pos(), types.ExprString(middleware.Fun)+"("),
			edit(middleware.Pos(), middleware.Args[0].Pos(), ""),
			edit(middleware.Args[0].End(), middleware.End(), ""),
			edit(timeout.End(), timeout.End(), ")"),
		},
	}
}
