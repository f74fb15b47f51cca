// Package timeouthandler has the analyzer that reports http.TimeoutHandler around a manager's middleware.
package timeouthandler

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports timeouts that are put around a manager's middleware.
var Analyzer = &analysis.Analyzer{
	Name:     "timeouthandler",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/timeouthandler",
	Requires: []*analysis.Analyzer{generated.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	pkg := pass.ResultOf[generated.Analyzer].(*generated.Package)
	if pkg == nil || !pkg.KnowsSessions {
		return nil, nil
	}
	p := finder{pkg}
	for c := range p.Root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if fn := p.StaticCallee(call); fn == nil || !known.IsTimeoutHandler(fn) || p.PassedOver(call) {
			continue
		}
		saving, name := p.savingHandler(call.Args[0], p.Enclosing(c), 0)
		if saving == nil {
			continue
		}
		d := analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(),
			Message: fmt.Sprintf("TimeoutHandler around %s drops the cookie of a session that is saved when"+
				" the time is up: put it inside", name),
			Related: []analysis.RelatedInformation{{Pos: saving.Pos(), Message: "the session is saved here"}},
		}
		if direct, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr); ok && saving == ast.Expr(direct) && name == "Middleware" {
			d.SuggestedFixes = []analysis.SuggestedFix{turned(call, direct)}
		}
		pass.Report(d)
	}
	return nil, nil
}

// A finder looks through a package.
type finder struct{ *generated.Package }

// savingHandler returns what has a handler save sessions, Middleware, Handle or a call of Do, and the method's name, or
// nil.
func (p finder) savingHandler(handler ast.Expr, in *source.Func, depth int) (ast.Expr, string) {
	if depth > 8 { // a bound against x := x
		return nil, ""
	}
	switch e := ast.Unparen(handler).(type) {
	case *ast.Ident:
		if v, ok := p.Info.Uses[e].(*types.Var); ok && in != nil {
			if values := source.ValuesOf(p.Info, in.Body, v, token.NoPos); len(values) == 1 {
				if call, name := p.savingHandler(values[0], in, depth+1); call != nil {
					return call, name
				}
				return p.usedBy(v, in.Body)
			}
		}
	case *ast.FuncLit:
		if call := p.callOfDo(e.Body); call != nil {
			return call, "Do"
		}
	case *ast.CallExpr:
		if fn := p.StaticCallee(e); fn != nil {
			if generated.ManagerMethodOf(fn) == generated.Wraps && !generated.IsDo(fn) {
				return e, fn.Name()
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

// usedBy returns the call that gives a router Middleware for all its routes: a statement of the function that always
// runs.
func (p finder) usedBy(router *types.Var, body *ast.BlockStmt) (ast.Expr, string) {
	if !known.IsRouter(router.Type()) {
		return nil, ""
	}
	for _, stmt := range body.List {
		expr, ok := stmt.(*ast.ExprStmt)
		if !ok {
			continue
		}
		call, ok := ast.Unparen(expr.X).(*ast.CallExpr)
		if !ok {
			continue
		}
		use, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || use.Sel.Name != "Use" {
			continue
		}
		if id, ok := ast.Unparen(use.X).(*ast.Ident); !ok || p.Info.Uses[id] != router {
			continue
		}
		for _, arg := range call.Args {
			if p.isMiddleware(arg) {
				return arg, "Middleware"
			}
		}
	}
	return nil, ""
}

// isMiddleware reports whether an expression is a manager's method Middleware, or what an adapter makes of a manager.
func (p finder) isMiddleware(e ast.Expr) bool {
	var fn *types.Func
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		fn, _ = p.Info.Uses[e.Sel].(*types.Func)
	case *ast.CallExpr:
		fn = p.StaticCallee(e)
	}
	return fn != nil && fn.Name() == "Middleware" && generated.ManagerMethodOf(fn) == generated.Wraps
}

// callOfDo returns the first call of Do in a function.
func (p finder) callOfDo(body ast.Node) (found *ast.CallExpr) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && found == nil {
			if fn := p.StaticCallee(call); fn != nil && generated.IsDo(fn) {
				found = call
			}
		}
		return found == nil
	})
	return found
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
