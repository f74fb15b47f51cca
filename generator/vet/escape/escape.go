// Package escape has the analyzer that reports sessions that outlive their request.
package escape

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports sessions that are used after their request.
var Analyzer = &analysis.Analyzer{
	Name:     "escape",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/escape",
	Requires: []*analysis.Analyzer{origin.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[origin.Analyzer].(*origin.Package)
	if p == nil || !p.KnowsSessions {
		return nil, nil
	}
	e := escapes{Package: p, pass: pass}
	for _, f := range p.Funcs {
		if !p.PassedOver(f.Node) {
			e.function(p.Func(f))
		}
	}
	return nil, nil
}

func (x *escapes) report(n ast.Node, format string, args ...any) {
	x.pass.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
}

func (x *escapes) reportLate(n ast.Node, who string, v *types.Var) {
	x.report(n, "%s uses session %s when the handler may have returned: take what it needs before,"+
		" or Open the session there", who, v.Name())
}

func (x *escapes) reportStored(n ast.Node, v *types.Var) {
	x.report(n, "session %s is stored where it outlives its request: store what is needed of it instead", v.Name())
}

// function looks at the statements of a function, but for those of literals in it, which are functions of their own.
func (x *escapes) function(f *origin.Func) {
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			if v := x.used(f, n.Call); v != nil && !x.maySynchronize(n.Call) && !staysAfter(f.Body, n) {
				x.reportLate(n, "the goroutine", v)
			}
		case *ast.ExprStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok {
				x.after(f, call)
				x.keep(f, call)
			}
		case *ast.AssignStmt:
			if call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr); ok && source.Drops(n) {
				x.after(f, call)
			}
			x.store(f, n)
		case *ast.SendStmt:
			if v := x.session(f, n.Value); v != nil && x.outlives(f, n.Chan) && !receives(f.Body) {
				x.report(n, "session %s is sent to a goroutine that may use it when the handler has returned:"+
					" send what it needs instead", v.Name())
			}
		}
		return true
	})
}

// after looks at a function that runs later, on its own, and that nobody stops.
func (x *escapes) after(f *origin.Func, call *ast.CallExpr) {
	fn := x.StaticCallee(call)
	if fn == nil || len(call.Args) != 2 {
		return
	}
	when := known.RunsLater(fn)
	if when == "" {
		return
	}
	later := &ast.CallExpr{Fun: call.Args[1]} // as if it stood in a go statement
	if v := x.used(f, later); v != nil && !x.mayTell(later.Fun) {
		x.reportLate(call, when, v)
	}
}

// mayTell reports whether a literal tells somebody how far it is. Of other functions that are given away it is not
// asked.
func (x *escapes) mayTell(fun ast.Expr) bool {
	lit, ok := ast.Unparen(fun).(*ast.FuncLit)
	return ok && x.synchronizes(x.FuncAt(lit), map[*origin.Func]bool{})
}

// keep looks at a call that stores a session where it outlives the request.
func (x *escapes) keep(f *origin.Func, call *ast.CallExpr) {
	fn := x.StaticCallee(call)
	if fn == nil || !known.Stores(fn) {
		return
	}
	target := source.Receiver(call)
	for _, arg := range call.Args {
		if v := x.session(f, arg); v != nil && x.outlives(f, target) && !x.mentionedLater(f, target, call) {
			x.reportStored(call, v)
		}
	}
}

// store looks at the values that an assignment stores.
func (x *escapes) store(f *origin.Func, n *ast.AssignStmt) {
	if len(n.Lhs) != len(n.Rhs) {
		return
	}
	for i, rhs := range n.Rhs {
		values := []ast.Expr{rhs}
		if call, ok := ast.Unparen(rhs).(*ast.CallExpr); ok && x.IsAppend(call) {
			values = call.Args[1:]
		}
		for _, value := range values {
			v := x.session(f, value)
			if v == nil || x.RootOf(n.Lhs[i]) == v || !x.outlives(f, n.Lhs[i]) || x.mentionedLater(f, n.Lhs[i], n) {
				continue
			}
			x.reportStored(n, v)
			break
		}
	}
}
