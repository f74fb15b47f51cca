package secretleak

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// secretIn returns the source of a secret that shows in an expression, and its name.
func (x *secrets) secretIn(e ast.Expr) (from ast.Expr, what string) {
	x.shows(e, 0, func(sub ast.Expr) {
		sel, isField := sub.(*ast.SelectorExpr)
		if call, ok := sub.(*ast.CallExpr); ok {
			sel, _ = ast.Unparen(call.Fun).(*ast.SelectorExpr)
		} else if isField && x.Info.Selections[sel] != nil && x.Info.Selections[sel].Kind() != types.FieldVal {
			return // a method that is not called
		}
		if sel != nil && from == nil {
			if w := x.secretOf(sel); w != "" {
				from, what = sub, w
			}
		}
	})
	return from, what
}

// secretOf returns the secret that a selector selects: the token of Meta, a method of a session that is called, or "".
func (x *secrets) secretOf(sel *ast.SelectorExpr) string {
	switch obj := x.Info.Uses[sel.Sel].(type) {
	case *types.Var:
		if !obj.IsField() || obj.Name() != "Token" {
			return ""
		}
		if generated.IsMeta(x.Info.TypeOf(sel.X)) {
			return "Meta().Token"
		}
	case *types.Func:
		m, t := x.Method(obj)
		switch {
		case (m.Kind == generated.Returns || m.Kind == generated.Counts) && m.Field.Secret &&
			!known.HidesInLogs(obj.Signature().Results().At(0).Type()):
			return m.Field.Name
		case m.Kind == generated.Snapshots && t.HasSecret():
			return "the Snapshot"
		}
	}
	return ""
}

// paramsIn returns which parameters of a function show in an expression.
func (x *secrets) paramsIn(f *source.Func, e ast.Expr) []int {
	var out []int
	x.shows(e, 0, func(sub ast.Expr) {
		id, ok := sub.(*ast.Ident)
		if !ok {
			return
		}
		v, ok := x.Info.Uses[id].(*types.Var)
		for i := range f.Sig.Params().Len() {
			if ok && f.Sig.Params().At(i) == v {
				out = append(out, i)
			}
		}
	})
	return out
}

// shows calls visit for an expression and for all whose value shows in its value.
func (x *secrets) shows(e ast.Expr, depth int, visit func(ast.Expr)) {
	if depth > 16 { // a bound against x := x
		return
	}
	e = ast.Unparen(e)
	visit(e)
	in := func(sub ast.Expr) { x.shows(sub, depth+1, visit) }
	switch e := e.(type) {
	case *ast.Ident:
		if v, ok := x.Info.Uses[e].(*types.Var); ok {
			x.variableShows(v, e.Pos(), in)
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			in(e.X)
			in(e.Y)
		}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			in(e.X)
		}
	case *ast.StarExpr:
		in(e.X)
	case *ast.IndexExpr:
		in(e.X)
	case *ast.SelectorExpr:
		if x.Info.Selections[e] != nil && !x.isPlain(e) {
			visit(ast.Unparen(e.X))
			x.fieldShows(e, in)
		}
	case *ast.CompositeLit:
		if known.PrintsItself(x.Info.TypeOf(e)) {
			return
		}
		for _, elt := range e.Elts {
			if kv, ok := elt.(*ast.KeyValueExpr); ok {
				elt = kv.Value
			}
			in(elt)
		}
	case *ast.CallExpr:
		x.callShows(e, in)
	}
}

func (x *secrets) callShows(call *ast.CallExpr, in func(ast.Expr)) {
	if x.Info.Types[call.Fun].IsType() {
		if !known.PrintsItself(x.Info.TypeOf(call)) {
			in(call.Args[0])
		}
		return
	}
	fn := x.StaticCallee(call)
	switch {
	case fn == nil:
	case known.PassesOn(fn):
		for _, arg := range call.Args {
			in(arg)
		}
	case fn.Name() == "String" && len(call.Args) == 0:
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && x.Session(x.Info.TypeOf(sel.X)) == nil {
			in(sel.X)
		}
	}
}
