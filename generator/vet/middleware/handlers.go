package middleware

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/ast/inspector"
)

// A handlerFlow is how a package passes handlers around, by the variables, fields and parameters that hold them.
type handlerFlow struct {
	*generated.Package
	given   map[types.Object][]ast.Expr     // assigned to it, registered with it, passed for it, or called with it
	applied map[types.Object][]types.Object // the routers, chains and variables that the middleware in it is given to
	made    map[*types.Func][]*ast.FuncLit  // that a function returns
	lits    map[types.Object][]*ast.FuncLit // that a variable holds
	calls   map[*types.Func][]inspector.Cursor
	unknown []*ast.CallExpr // of unknown functions, with handlers
}

func handlersOf(p *generated.Package) *handlerFlow {
	h := &handlerFlow{
		Package: p, given: map[types.Object][]ast.Expr{}, applied: map[types.Object][]types.Object{},
		made: map[*types.Func][]*ast.FuncLit{}, lits: map[types.Object][]*ast.FuncLit{},
		calls: map[*types.Func][]inspector.Cursor{},
	}
	for c := range p.Root.Preorder(
		(*ast.FuncDecl)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.RangeStmt)(nil),
		(*ast.CompositeLit)(nil),
	) {
		switch n := c.Node().(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				h.returns(n)
			}
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) {
				for i, lhs := range n.Lhs {
					h.give(h.holder(lhs), n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			if len(n.Names) == len(n.Values) {
				for i, name := range n.Names {
					h.give(h.holder(name), n.Values[i])
				}
			}
		case *ast.RangeStmt:
			h.ranged(n)
		case *ast.CompositeLit:
			for i, elt := range n.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok {
					elt = kv.Value
				}
				h.give(h.part(n, i), elt)
			}
		}
	}
	for c := range p.Root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if fn := h.StaticCallee(call); fn != nil {
			h.calls[fn.Origin()] = append(h.calls[fn.Origin()], c)
		}
		h.call(call)
	}
	return h
}

// ranged notes the elements of a list, which the variables of a loop hold one by one.
func (h *handlerFlow) ranged(n *ast.RangeStmt) {
	list := h.holder(n.X)
	for _, e := range []ast.Expr{n.Key, n.Value} {
		if v := h.holder(e); v != nil {
			h.give(v, n.X)
			if list != nil && isMiddleware(v.Type()) {
				h.applied[list] = append(h.applied[list], v)
			}
		}
	}
}

// part returns the field that the i-th element of a composite literal is for, named or by its place.
func (h *handlerFlow) part(lit *ast.CompositeLit, i int) types.Object {
	if kv, ok := lit.Elts[i].(*ast.KeyValueExpr); ok {
		return h.holder(kv.Key)
	}
	t := h.Info.TypeOf(lit)
	if p, ok := t.Underlying().(*types.Pointer); ok { // &T left out
		t = p.Elem()
	}
	if st, ok := t.Underlying().(*types.Struct); ok && holdsHandlers(st.Field(i).Type()) {
		return st.Field(i)
	}
	return nil
}

// returns notes the literals that a function returns.
func (h *handlerFlow) returns(decl *ast.FuncDecl) {
	fn, ok := h.Info.Defs[decl.Name].(*types.Func)
	if !ok {
		return
	}
	ast.Inspect(decl.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for _, e := range n.Results {
				if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok {
					h.made[fn] = append(h.made[fn], lit)
				}
			}
		}
		return true
	})
}

func (h *handlerFlow) give(to types.Object, value ast.Expr) {
	if to == nil {
		return
	}
	h.given[to] = append(h.given[to], value)
	if lit, ok := ast.Unparen(value).(*ast.FuncLit); ok {
		h.lits[to] = append(h.lits[to], lit)
	}
}

// call notes the handlers that a call passes on.
func (h *handlerFlow) call(n *ast.CallExpr) {
	obj := h.holder(n.Fun) // router.Handle(…), middleware(…)
	for _, arg := range n.Args {
		h.give(obj, arg)
		if v := h.holder(arg); v != nil && !h.isApplied(arg, v) {
			h.give(v, n.Fun) // register(router)
			if isMiddleware(v.Type()) {
				h.give(v, n) // chain(handler, middleware...)
			}
		}
		for _, params := range h.takes(arg) {
			for _, p := range params {
				// router.Use(middleware), but not router.Group(func(part Router) {…})
				if obj != nil && !known.IsRouter(p.Type()) {
					h.applied[p] = append(h.applied[p], obj)
				}
			}
		}
	}
	taking := h.takes(n.Fun)
	isHandler := func(e ast.Expr) bool { return holdsHandlers(h.Info.TypeOf(e)) }
	if len(taking) == 0 && h.isDynamic(n) && slices.ContainsFunc(n.Args, isHandler) {
		taking = h.likely(n)
		h.unknown = append(h.unknown, n)
	}
	for _, params := range taking {
		for i, p := range params {
			if i < len(n.Args) {
				h.give(p, n.Args[i])
			}
		}
	}
	if fn := h.StaticCallee(n); fn != nil {
		if !known.RegistersByDefault(fn) {
			return
		}
		if mux := fn.Pkg().Scope().Lookup("DefaultServeMux"); mux != nil {
			for _, arg := range n.Args {
				h.give(mux, arg)
			}
		}
	}
}

// isApplied reports whether an expression applies the middleware in a variable to a handler: register(wrap(h)).
func (h *handlerFlow) isApplied(e ast.Expr, v types.Object) bool {
	_, isCall := ast.Unparen(e).(*ast.CallExpr)
	_, isFunc := v.Type().Underlying().(*types.Signature)
	return isCall && isFunc
}

// takes returns the parameters of the functions of this package that an expression may be: one that is named, one that
// the call of a function returns, one that a variable holds, a literal.
func (h *handlerFlow) takes(e ast.Expr) [][]*types.Var {
	var lits []*ast.FuncLit
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		lits = []*ast.FuncLit{e}
	case *ast.CallExpr:
		if fn := h.StaticCallee(e); fn != nil {
			lits = h.made[fn.Origin()]
		}
	case *ast.Ident, *ast.SelectorExpr:
		id, ok := e.(*ast.Ident)
		if !ok {
			id = e.(*ast.SelectorExpr).Sel
		}
		switch obj := h.Info.Uses[id].(type) {
		case *types.Func:
			if decl := h.Decls[obj.Origin()]; decl != nil {
				return [][]*types.Var{parameters(h.FuncAt(decl))}
			}
		case *types.Var:
			lits = h.lits[obj]
		}
	}
	var out [][]*types.Var
	for _, lit := range lits {
		out = append(out, parameters(h.FuncAt(lit)))
	}
	return out
}

// isDynamic reports whether a call is one of a function value.
func (h *handlerFlow) isDynamic(call *ast.CallExpr) bool {
	switch h.Callee(call).(type) {
	case *types.Func, *types.Builtin:
		return false
	}
	_, ok := h.Info.TypeOf(call.Fun).Underlying().(*types.Signature)
	return ok && !h.Info.Types[call.Fun].IsType()
}

// likely returns the parameters of the functions of this package that a function value may be, going by its type alone.
func (h *handlerFlow) likely(call *ast.CallExpr) [][]*types.Var {
	sig := h.Info.TypeOf(call.Fun).Underlying()
	var out [][]*types.Var
	for _, f := range h.Funcs {
		if types.Identical(f.Sig, sig) {
			out = append(out, parameters(f))
		}
	}
	return out
}

func parameters(f *source.Func) []*types.Var {
	if f == nil {
		return nil
	}
	var out []*types.Var
	for v := range f.Sig.Params().Variables() {
		out = append(out, v)
	}
	return out
}

// holder returns the variable or field at the root of an expression that can hold handlers, or nil.
func (h *handlerFlow) holder(e ast.Expr) types.Object {
	for {
		var id *ast.Ident
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			id = x
		case *ast.SelectorExpr:
			id = x.Sel
		case *ast.CallExpr: // router.Methods("GET").Handler(…)
			e = x.Fun
			continue
		case *ast.IndexExpr:
			e = x.X
			continue
		default:
			return nil
		}
		if v, ok := h.Info.ObjectOf(id).(*types.Var); ok {
			if holdsHandlers(v.Type()) {
				return v
			}
			return nil
		}
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		e = sel.X
	}
}
