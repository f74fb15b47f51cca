package vet

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
)

// Escape reports sessions that are used after their request.
var Escape = &analysis.Analyzer{
	Name: "escape",
	Doc: `report sessions that outlive their request

Question: is the session of a request given to somebody who will use it after the handler has returned? Its cookie can then
no longer be set, and what it holds is a request old.

Reported are:

  - a goroutine that uses the session and shares nothing with anybody by which one could wait for it (no channel, no
    WaitGroup, no pipe, no call of a function value, be it in a function of the package that it calls), unless the handler
    goes on in an endless loop. What the goroutine has made itself does not count, nor that it waits for the request to end.
  - a function that time.AfterFunc or context.AfterFunc is given and nobody can stop or wait for: what is returned is dropped.
  - a session that is stored, on its own or in a composite literal, in a package variable, in the receiver of an HTTP
    handler method or in a variable outside a handler function, all of which live from request to request.
  - one that is sent so on such a channel by a function that then waits for nothing.

The session is that of a request: from Load or Get, or a parameter of a function that also has the response writer or the
request. Out of scope: sessions from Open, which have no request; storing in a context or in a struct that may be the
request's own, or beside a channel or the like by which somebody can wait; what is taken out again in the same function.

	go func() { audit(s.UserID()) }() // id := s.UserID(); go func() { audit(id) }()`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow},
	Run:      runEscape,
}

func runEscape(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	e := escapes{program: p, pass: pass}
	for _, f := range p.functions {
		if !p.skipped[pass.Fset.File(f.node.Pos())] {
			e.function(f)
		}
	}
	return nil, nil
}

type escapes struct {
	*program
	pass *analysis.Pass
}

func (x *escapes) report(n ast.Node, format string, args ...any) {
	x.pass.Report(analysis.Diagnostic{Pos: n.Pos(), End: n.End(), Message: fmt.Sprintf(format, args...)})
}

// function looks at the statements of a function, but for those of literals in it, which are functions of their own.
func (x *escapes) function(f *function) {
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			if v := x.used(f, n.Call); v != nil && !x.coordinates(n.Call) && !staysAfter(f.body, n) {
				x.report(n, "the goroutine uses session %s when the handler may have returned: take what it needs before, or Open the session there", v.Name())
			}
		case *ast.ExprStmt:
			if call, ok := ast.Unparen(n.X).(*ast.CallExpr); ok {
				x.after(f, call)
				x.keep(f, call)
			}
		case *ast.AssignStmt:
			if call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr); ok && isBlank(n) {
				x.after(f, call)
			}
			x.store(f, n)
		case *ast.SendStmt:
			if v := x.session(f, n.Value); v != nil && x.outlives(f, n.Chan) && !receives(f.body) {
				x.report(n, "session %s is sent to a goroutine that may use it when the handler has returned: send what it needs instead", v.Name())
			}
		}
		return true
	})
}

// after looks at a function that runs later, on its own, and that nobody stops.
func (x *escapes) after(f *function, call *ast.CallExpr) {
	fn := x.staticCallee(call)
	if fn == nil || len(call.Args) != 2 {
		return
	}
	when := known.RunsLater(fn)
	if when == "" {
		return
	}
	later := &ast.CallExpr{Fun: call.Args[1]} // as if it stood in a go statement
	if v := x.used(f, later); v != nil && !x.mayTell(later.Fun) {
		x.report(call, "%s uses session %s when the handler may have returned: take what it needs before, or Open the session there", when, v.Name())
	}
}

// mayTell reports whether a literal tells somebody how far it is. Of other functions that are given away it is not asked.
func (x *escapes) mayTell(fun ast.Expr) bool {
	lit, ok := ast.Unparen(fun).(*ast.FuncLit)
	return ok && x.tells(x.byNode[lit], map[*function]bool{})
}

// keep looks at a call that stores a session in what outlives the request.
func (x *escapes) keep(f *function, call *ast.CallExpr) {
	fn := x.staticCallee(call)
	if fn == nil || !known.Stores(fn) {
		return
	}
	target := receiverOf(call)
	for _, arg := range call.Args {
		if v := x.session(f, arg); v != nil && x.outlives(f, target) && !x.mentionedLater(f, target, call) {
			x.report(call, "session %s is stored where it outlives its request: store what is needed of it instead", v.Name())
		}
	}
}

// store looks at what an assignment stores.
func (x *escapes) store(f *function, n *ast.AssignStmt) {
	if len(n.Lhs) != len(n.Rhs) {
		return
	}
	for i, rhs := range n.Rhs {
		values := []ast.Expr{rhs}
		if call, ok := ast.Unparen(rhs).(*ast.CallExpr); ok && isAppend(x.program, call) {
			values = call.Args[1:]
		}
		for _, value := range values {
			v := x.session(f, value)
			if v == nil || x.rootOf(n.Lhs[i]) == v || !x.outlives(f, n.Lhs[i]) || x.mentionedLater(f, n.Lhs[i], n) {
				continue
			}
			x.report(n, "session %s is stored where it outlives its request: store what is needed of it instead", v.Name())
			break
		}
	}
}

// session returns the variable of a session of the request that an expression is, or that a composite literal holds. A
// literal that also holds a channel or the like is a job that somebody waits for.
func (x *escapes) session(f *function, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v, ok := x.info.Uses[e].(*types.Var); ok && x.sessions.of(v.Type()) != nil && x.isOfRequest(f, v) {
			return v
		}
	case *ast.UnaryExpr:
		if lit, ok := ast.Unparen(e.X).(*ast.CompositeLit); ok {
			return x.session(f, lit)
		}
	case *ast.CompositeLit:
		var found *types.Var
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			if _, isFunc := ast.Unparen(elt).(*ast.FuncLit); isFunc || x.handsOver(elt) {
				return nil
			}
			if found == nil {
				found = x.session(f, elt)
			}
		}
		return found
	}
	return nil
}

// isOfRequest reports whether a variable holds the session of a request.
func (x *escapes) isOfRequest(f *function, v *types.Var) bool {
	for owner := f; owner != nil; owner = owner.outer {
		if !owner.contains(v) {
			continue
		}
		if owner.summary != nil {
			if c := owner.cells.byVar[v]; c != nil && c.all(fromLoad, fromMiddleware) {
				return true
			}
		}
		return owner.isParam(v) && x.handles(owner)
	}
	return false
}

// handles reports whether a function is called once for each request, with its response or the request itself.
func (x *escapes) handles(f *function) bool {
	for _, v := range params(f.sig) {
		if x.isWriterOwner(v.Type()) || known.IsRequest(v.Type()) {
			return true
		}
	}
	return false
}

// used returns a session of f's request that a call uses, be it in a function literal.
func (x *escapes) used(f *function, call *ast.CallExpr) *types.Var {
	var found *types.Var
	find := func(e ast.Node) {
		ast.Inspect(e, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && found == nil {
				found = x.session(f, id)
			}
			return found == nil
		})
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		find(fun)
	case *ast.SelectorExpr: // the receiver; x.f().g() calls f at once
		if _, ok := ast.Unparen(fun.X).(*ast.Ident); ok {
			find(fun.X)
		}
	}
	for _, arg := range call.Args { // evaluated at once: only the session itself gets across
		if lit, ok := ast.Unparen(arg).(*ast.FuncLit); ok {
			find(lit)
		} else if found == nil {
			found = x.session(f, arg)
		}
	}
	return found
}
