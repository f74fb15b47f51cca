package lostresult

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

// carriesError is the fact that a function returns the error of Save or the like without having looked at it.
type carriesError struct{ Of string }

func (*carriesError) AFact() {}

func (c *carriesError) String() string { return "returns the error of " + c.Of }

// carriers finds the functions that pass on the error of Save and the like: to drop theirs is to drop that.
type carriers struct {
	*generated.Package
	pass  *analysis.Pass
	known map[*source.Func]string // the method whose error it is, or ""
}

// exportFacts tells other packages of the carriers in this one.
func (x *carriers) exportFacts() {
	for fn, decl := range x.Decls {
		if f := x.FuncAt(decl); f != nil && fn.Exported() {
			if of := x.carried(f); of != "" {
				x.pass.ExportObjectFact(fn, &carriesError{of})
			}
		}
	}
}

// errorOf returns the method whose error a call returns, be it through functions that pass it on, or "".
func (x *carriers) errorOf(call *ast.CallExpr, in ast.Node) string {
	if m, _, _ := x.Called(call); m.Kind != generated.NotGenerated {
		if m.ReportsError() {
			return source.CalledName(call)
		}
		return ""
	}
	switch fn := x.Callee(call).(type) {
	case *types.Func:
		fn = fn.Origin()
		if generated.IsDo(fn) {
			return "Do"
		}
		if decl := x.Decls[fn]; decl != nil {
			return x.carried(x.FuncAt(decl))
		}
		var fact carriesError
		if fn.Pkg() != nil && fn.Pkg() != x.Types && x.ReturnsError(call) && x.pass.ImportObjectFact(fn, &fact) {
			return fact.Of
		}
	case *types.Var:
		if x.ReturnsError(call) && in != nil {
			return x.valueCarries(fn, in)
		}
	}
	return ""
}

// valueCarries is errorOf for the function that a variable holds: a literal, or a method of a session.
func (x *carriers) valueCarries(v *types.Var, in ast.Node) string {
	values := source.ValuesOf(x.Info, in, v, token.NoPos)
	if len(values) != 1 {
		return ""
	}
	switch e := ast.Unparen(values[0]).(type) {
	case *ast.FuncLit:
		return x.carried(x.FuncAt(e))
	case *ast.SelectorExpr:
		if fn, ok := x.Info.Uses[e.Sel].(*types.Func); ok {
			if m, _ := x.Method(fn); m.ReportsError() {
				return fn.Name()
			}
		}
	}
	return ""
}

// carried returns the method whose error a function returns unseen, or "".
func (x *carriers) carried(f *source.Func) string {
	if f == nil || f.Sig.Results().Len() == 0 || !x.IsError(f.Sig.Results().At(f.Sig.Results().Len()-1).Type()) {
		return ""
	}
	if of, ok := x.known[f]; ok {
		return of
	}
	x.known[f] = "" // while it is computed: a recursive call adds nothing
	of := ""
	ast.Inspect(f.Body, func(n ast.Node) bool {
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
func (x *carriers) returned(f *source.Func, ret *ast.ReturnStmt) string {
	found := ""
	ast.Inspect(ret.Results[len(ret.Results)-1], func(sub ast.Node) bool {
		switch e := sub.(type) {
		case *ast.FuncLit:
			return false
		case *ast.CallExpr:
			found = x.errorOf(e, f.Body)
		case *ast.Ident:
			if v, ok := x.Info.Uses[e].(*types.Var); ok && !v.IsField() && x.IsError(v.Type()) {
				found = x.unseen(v, f, ret)
			}
		}
		return found == ""
	})
	return found
}

// unseen returns the method whose error a variable holds at a return, or "": the variable has got it last, and
// nothing has been done about it before, as is in if err != nil { log.Print(err); return err }.
func (x *carriers) unseen(v *types.Var, f *source.Func, ret *ast.ReturnStmt) string {
	values := source.ValuesOf(x.Info, f.Body, v, ret.Pos())
	if len(values) == 0 {
		return ""
	}
	last := values[len(values)-1]
	call, ok := ast.Unparen(last).(*ast.CallExpr)
	if !ok {
		return ""
	}
	seen := false
	ast.Inspect(f.Body, func(n ast.Node) bool {
		if n == nil || seen || n.End() <= last.End() || n.Pos() >= ret.Pos() {
			return false
		}
		switch n := n.(type) {
		case *ast.IfStmt:
			cond, ok := ast.Unparen(n.Cond).(*ast.BinaryExpr)
			if ok && last.End() < cond.Pos() && x.comparesWithNil(cond, v) {
				seen = seen || !onlyReturns(n.Body)
			}
		case *ast.BinaryExpr:
			return !x.comparesWithNil(n, v)
		case *ast.Ident:
			seen = x.Info.Uses[n] == v
		}
		return true
	})
	if seen {
		return ""
	}
	return x.errorOf(call, f.Body)
}

func (x *carriers) comparesWithNil(e *ast.BinaryExpr, v *types.Var) bool {
	is := func(side ast.Expr) bool {
		id, ok := ast.Unparen(side).(*ast.Ident)
		return ok && x.Info.Uses[id] == v
	}
	return source.IsComparison(e) && (is(e.X) && x.IsNil(e.Y) || is(e.Y) && x.IsNil(e.X))
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
	name := source.CalledName(call)
	if name == of {
		return fmt.Sprintf("the error of %s%s is dropped", how, name)
	}
	return fmt.Sprintf("the error of %s%s is dropped, which is that of %s", how, name, of)
}
