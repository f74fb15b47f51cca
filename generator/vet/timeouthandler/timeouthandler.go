// Package timeouthandler has the analyzer that reports http.TimeoutHandler around a manager's middleware.
package timeouthandler

import (
	_ "embed"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
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
	for c := range pkg.Root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if fn := pkg.StaticCallee(call); fn == nil || !known.IsTimeoutHandler(fn) || pkg.PassedOver(call) {
			continue
		}
		p := finder{Package: pkg, f: pkg.Enclosing(c), vars: pkg.NoVars()}
		if p.f != nil {
			p.vars = pkg.VarsOf(p.f)
		}
		inner := p.middlewareIn(call.Args[0], 0)
		if inner == nil || p.shares(c, inner) {
			continue
		}
		d := analysis.Diagnostic{
			Pos: call.Pos(), End: call.End(),
			Message: "TimeoutHandler around Middleware drops the cookie of a session that is saved when the time is up:" +
				" put it inside",
			Related: []analysis.RelatedInformation{{Pos: inner.Pos(), Message: "the session is saved here"}},
		}
		if direct, ok := ast.Unparen(call.Args[0]).(*ast.CallExpr); ok && inner == ast.Expr(direct) {
			d.SuggestedFixes = []analysis.SuggestedFix{turned(call, direct)}
		}
		pass.Report(d)
	}
	return nil, nil
}

// A finder looks through what one function gives to TimeoutHandler.
type finder struct {
	*generated.Package
	f    *source.Func // nil outside of functions
	vars *source.Vars
}

// middlewareIn returns what puts a handler into Middleware: its call, or what a router is given; or nil.
func (p finder) middlewareIn(handler ast.Expr, depth int) ast.Expr {
	if depth > 8 { // a bound against x := x
		return nil
	}
	switch e := ast.Unparen(handler).(type) {
	case *ast.Ident:
		v := p.vars.Of(e)
		if v == nil {
			return nil
		}
		value, _ := p.vars.Value(v)
		if value == nil {
			return nil
		}
		if inner := p.middlewareIn(value, depth+1); inner != nil {
			return inner
		}
		return p.usedBy(v)
	case *ast.CallExpr:
		if isMiddleware(p.StaticCallee(e)) {
			return e
		}
		for _, arg := range e.Args {
			if inner := p.middlewareIn(arg, depth+1); inner != nil {
				return inner
			}
		}
	}
	return nil
}

// usedBy returns what gives a router Middleware for all its routes: a statement of the function that always runs.
func (p finder) usedBy(router *types.Var) ast.Expr {
	if !known.IsRouter(router.Type()) {
		return nil
	}
	for _, stmt := range p.f.Body.List {
		expr, ok := stmt.(*ast.ExprStmt)
		if !ok {
			continue
		}
		call, ok := ast.Unparen(expr.X).(*ast.CallExpr)
		if !ok {
			continue
		}
		use, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok || use.Sel.Name != "Use" || p.vars.Of(use.X) != router {
			continue
		}
		for _, arg := range call.Args {
			if isMiddleware(p.given(arg)) {
				return arg
			}
		}
	}
	return nil
}

// given returns the function that an argument of Use is: a manager's method, or what is called to make middleware of a
// manager.
func (p finder) given(e ast.Expr) (fn *types.Func) {
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		fn, _ = p.Info.Uses[e.Sel].(*types.Func)
	case *ast.CallExpr:
		fn = p.StaticCallee(e)
	}
	return fn
}

// shares reports whether the session of an inner Middleware may be one of a Middleware around an expression, which
// saves it then: not if they are of managers of different sessions.
func (p finder) shares(c inspector.Cursor, inner ast.Expr) bool {
	for outer := range c.Parent().Enclosing((*ast.CallExpr)(nil)) {
		call := outer.Node().(*ast.CallExpr)
		if !isMiddleware(p.StaticCallee(call)) {
			continue
		}
		a, b := p.manager(call), p.manager(inner)
		if a == nil || b == nil || types.Identical(a, b) {
			return true
		}
	}
	return false
}

// manager returns the type of the manager of which Middleware is the method, or which an adapter is given, or nil.
func (p finder) manager(middleware ast.Expr) types.Type {
	var e ast.Expr
	switch m := ast.Unparen(middleware).(type) {
	case *ast.SelectorExpr:
		e = m.X
	case *ast.CallExpr:
		e = source.Receiver(m)
		if fn := p.StaticCallee(m); fn.Signature().Recv() == nil {
			e = m.Args[0]
		}
	}
	if t := p.Info.TypeOf(e); e != nil && generated.IsManager(t) {
		return t
	}
	return nil
}

// isMiddleware reports whether a function, or nil, is a manager's method Middleware, or an adapter's function for it.
func isMiddleware(fn *types.Func) bool {
	return fn != nil && fn.Name() == "Middleware" && generated.ManagerMethodOf(fn) == generated.Wraps
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
