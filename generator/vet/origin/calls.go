package origin

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
)

// originOf returns where the given result of a call comes from: an origin, or an argument that it is.
func (f *Func) originOf(call *ast.CallExpr, result int) (Origin, ast.Expr) {
	p := f.Pkg
	fn := p.StaticCallee(call)
	if fn == nil {
		if load, ok := f.Vars.Resolve(call.Fun).(*ast.SelectorExpr); ok { // load := sessions.Load
			fn, _ = p.Info.Uses[load.Sel].(*types.Func)
		}
	}
	if fn == nil {
		return Origin{}, nil
	}
	if generated.Lists(fn) {
		return Origin{Kind: Open}, nil
	}
	switch generated.ManagerMethodOf(fn) {
	case generated.Loads:
		if p.inside[f.Node] || len(call.Args) < 2 || f.isBound(call.Args[1]) {
			return Origin{Kind: Middleware}, nil
		}
		w, _ := f.WriterOf(call.Args[0])
		return Origin{Kind: Load, Writer: w}, nil
	case generated.Opens:
		return Origin{Kind: Open}, nil
	case generated.Gets:
		return Origin{Kind: Middleware}, nil
	}
	results := p.resultsOf(fn)
	if result >= len(results) {
		return Origin{}, nil
	}
	r := results[result]
	out := Origin{Kind: r.From}
	switch r.From {
	case Load:
		if p.inside[f.Node] {
			return Origin{Kind: Middleware}, nil
		}
		if arg := p.Argument(call, fn, r.Param); arg != nil {
			out.Writer, _ = f.WriterOf(arg)
		}
	case Param:
		if arg := p.Argument(call, fn, r.Param); arg != nil {
			return Origin{}, arg
		}
		out = Origin{}
	}
	return out, nil
}

// isBound reports whether a request is one that sessiontest.Inside has bound a session to, as Middleware does.
func (f *Func) isBound(request ast.Expr) bool {
	values := []ast.Expr{f.Vars.Resolve(request)}
	if v := f.Vars.Of(request); v != nil {
		for _, d := range f.Vars.Defs[v] {
			values = append(values, d.Value)
		}
	}
	return slices.ContainsFunc(values, func(e ast.Expr) bool {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := f.Pkg.StaticCallee(call)
		return fn != nil && generated.BindsSession(fn)
	})
}
