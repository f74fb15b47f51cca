package vet

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
)

// carriesError is the fact that a function returns the error of Save or the like without having looked at it.
type carriesError struct{ Of string }

func (*carriesError) AFact() {}

func (c *carriesError) String() string { return "returns the error of " + c.Of }

// carriers finds the functions that pass on the error of Save and the like: who drops theirs drops that.
type carriers struct {
	*program
	pass  *analysis.Pass
	known map[*function]string // the method whose error it is, or ""
}

// exportFacts tells other packages of the carriers in this one.
func (x *carriers) exportFacts() {
	for fn, decl := range x.decls {
		if f := x.byNode[decl]; f != nil && fn.Exported() {
			if of := x.carried(f); of != "" {
				x.pass.ExportObjectFact(fn, &carriesError{of})
			}
		}
	}
}

// errorOf returns the method whose error a call returns, be it through functions that pass it on, or "".
func (x *carriers) errorOf(call *ast.CallExpr, in ast.Node) string {
	if m, _, _ := x.sessions.callee(x.info, call); m.kind != notGenerated {
		if m.reportsError() {
			return methodName(call)
		}
		return ""
	}
	switch fn := x.callee(call).(type) {
	case *types.Func:
		fn = fn.Origin()
		if managerMethod(fn) == "Do" {
			return "Do"
		}
		if decl := x.decls[fn]; decl != nil {
			return x.carried(x.byNode[decl])
		}
		var fact carriesError
		if fn.Pkg() != nil && fn.Pkg() != x.pass.Pkg && x.returnsError(call) && x.pass.ImportObjectFact(fn, &fact) {
			return fact.Of
		}
	case *types.Var:
		if x.returnsError(call) && in != nil {
			return x.valueCarries(fn, in)
		}
	}
	return ""
}

// reportsError reports whether a generated method returns an error.
func (m method) reportsError() bool {
	return m.kind == kindSave || m.kind == kindDestroy || m.kind == kindCount
}

// valueCarries is errorOf for the function that a variable holds: a literal, or a method of a session.
func (x *carriers) valueCarries(v *types.Var, in ast.Node) string {
	values := valuesOf(x.info, in, v, token.NoPos)
	if len(values) != 1 {
		return ""
	}
	switch e := ast.Unparen(values[0]).(type) {
	case *ast.FuncLit:
		return x.carried(x.byNode[e])
	case *ast.SelectorExpr:
		if fn, ok := x.info.Uses[e.Sel].(*types.Func); ok {
			if m, _ := x.sessions.method(fn); m.reportsError() {
				return fn.Name()
			}
		}
	}
	return ""
}

// carried returns the method whose error a function returns unseen, or "".
func (x *carriers) carried(f *function) string {
	if f == nil || f.sig.Results().Len() == 0 || !x.isError(f.sig.Results().At(f.sig.Results().Len()-1).Type()) {
		return ""
	}
	if of, ok := x.known[f]; ok {
		return of
	}
	x.known[f] = "" // while it is computed: a recursive call adds nothing
	of := ""
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) > 0 && of == "" {
				of = x.returned(f, n)
			}
		}
		return of == ""
	})
	x.known[f] = of
	return of
}

// returned returns the method whose error a return statement returns, or "".
func (x *carriers) returned(f *function, ret *ast.ReturnStmt) string {
	found := ""
	ast.Inspect(ret.Results[len(ret.Results)-1], func(sub ast.Node) bool {
		switch e := sub.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = x.errorOf(e, f.body)
		case *ast.Ident:
			if v, ok := x.info.Uses[e].(*types.Var); ok && !v.IsField() && x.isError(v.Type()) {
				found = x.unseen(v, f, ret)
			}
		}
		return found == ""
	})
	return found
}

// unseen returns the method whose error a variable holds at a return, or "": the variable has got it last, and nothing has
// been done about it before, as is in if err != nil { log.Print(err); return err }.
func (x *carriers) unseen(v *types.Var, f *function, ret *ast.ReturnStmt) string {
	values := valuesOf(x.info, f.body, v, ret.Pos())
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	call, ok := ast.Unparen(last).(*ast.CallExpr)
	if !ok {
		return ""
	}
	seen := false
	ast.Inspect(f.body, func(n ast.Node) bool {
		if n == nil || seen || n.End() <= last.End() || n.Pos() >= ret.Pos() {
			return false
		}
		switch n := n.(type) {
		case *ast.IfStmt:
			if cond, ok := ast.Unparen(n.Cond).(*ast.BinaryExpr); ok && last.End() < cond.Pos() && x.comparesWithNil(cond, v) {
				seen = seen || !onlyReturns(n.Body)
			}
		case *ast.BinaryExpr:
			return !x.comparesWithNil(n, v)
		case *ast.Ident:
			seen = x.info.Uses[n] == v
		}
		return true
	})
	if seen {
		return ""
	}
	return x.errorOf(call, f.body)
}

func (x *carriers) comparesWithNil(e *ast.BinaryExpr, v *types.Var) bool {
	is := func(side ast.Expr) bool {
		id, ok := ast.Unparen(side).(*ast.Ident)
		return ok && x.info.Uses[id] == v
	}
	return isComparison(e) && (is(e.X) && x.isNil(e.Y) || is(e.Y) && x.isNil(e.X))
}

func onlyReturns(body *ast.BlockStmt) bool {
	if len(body.List) != 1 {
		return false
	}
	_, ok := body.List[0].(*ast.ReturnStmt)
	return ok
}

// dropped says whose error a call drops.
func dropped(call *ast.CallExpr, how, of string) string {
	name := methodName(call)
	if name == of {
		return fmt.Sprintf("the error of the %s%s is dropped", how, name)
	}
	return fmt.Sprintf("the error of the %s%s is dropped, which is that of %s", how, name, of)
}
