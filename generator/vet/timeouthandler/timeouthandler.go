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
		if saving == ast.Unparen(call.Args[0]) && name == "Middleware" {
			d.SuggestedFixes = []analysis.SuggestedFix{turned(call, saving)}
		}
		pass.Report(d)
	}
	return nil, nil
}

// A finder looks through a package.
type finder struct{ *generated.Package }

// savingHandler returns the call of Middleware, Handle or Do in a handler, and its method's name, or nil.
func (p finder) savingHandler(handler ast.Expr, in *source.Func, depth int) (*ast.CallExpr, string) {
	if depth > 8 { // a bound against x := x
		return nil, ""
	}
	switch e := ast.Unparen(handler).(type) {
	case *ast.Ident:
		if v, ok := p.Info.Uses[e].(*types.Var); ok && in != nil {
			if values := source.ValuesOf(p.Info, in.Body, v, token.NoPos); len(values) == 1 {
				return p.savingHandler(values[0], in, depth+1)
			}
		}
	case *ast.FuncLit:
		return p.callOfDo(e.Body)
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

// callOfDo returns the first call of Do in a function.
func (p finder) callOfDo(body ast.Node) (found *ast.CallExpr, name string) {
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && found == nil {
			if fn := p.StaticCallee(call); fn != nil && generated.IsDo(fn) {
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
