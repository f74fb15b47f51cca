package vet

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A handlerFlow is how a package passes handlers around, by the variables, fields and parameters that hold them.
type handlerFlow struct {
	*program
	given   map[types.Object][]ast.Expr     // assigned to it, registered with it, passed for it, or called with it
	applied map[types.Object][]types.Object // of a parameter of middleware: the routers and chains that the middleware is given to
	made    map[*types.Func][]*ast.FuncLit  // what a function returns
	lits    map[types.Object][]*ast.FuncLit // what a variable holds
}

func (p *program) handlerFlow(root inspector.Cursor) *handlerFlow {
	h := &handlerFlow{
		program: p, given: map[types.Object][]ast.Expr{}, applied: map[types.Object][]types.Object{},
		made: map[*types.Func][]*ast.FuncLit{}, lits: map[types.Object][]*ast.FuncLit{},
	}
	for c := range root.Preorder((*ast.FuncDecl)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.KeyValueExpr)(nil)) {
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
		case *ast.KeyValueExpr:
			h.give(h.holder(n.Key), n.Value)
		}
	}
	for c := range root.Preorder((*ast.CallExpr)(nil)) {
		h.call(c.Node().(*ast.CallExpr))
	}
	return h
}

// returns notes the literals that a function returns.
func (h *handlerFlow) returns(decl *ast.FuncDecl) {
	fn, ok := h.info.Defs[decl.Name].(*types.Func)
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

// call notes what a call passes on.
func (h *handlerFlow) call(n *ast.CallExpr) {
	obj := h.holder(n.Fun) // router.Handle(…), middleware(…)
	for _, arg := range n.Args {
		h.give(obj, arg)
		h.give(h.holder(arg), n.Fun) // register(router)
		for _, params := range h.takes(arg) {
			for _, p := range params {
				if obj != nil && !isRouter(p.Type()) { // router.Use(middleware), but not router.Group(func(part Router) {…})
					h.applied[p] = append(h.applied[p], obj)
				}
			}
		}
	}
	for _, params := range h.takes(n.Fun) {
		for i, p := range params {
			if i < len(n.Args) {
				h.give(p, n.Args[i])
			}
		}
	}
	if fn := h.staticCallee(n); fn != nil {
		switch stdName(fn) {
		case "net/http.Handle", "net/http.HandleFunc":
			if mux := fn.Pkg().Scope().Lookup("DefaultServeMux"); mux != nil {
				for _, arg := range n.Args {
					h.give(mux, arg)
				}
			}
		}
	}
}

// takes returns the parameters of the functions of this package that an expression may be: one that is named, one that
// the call of a function returns, one that a variable holds, a literal.
func (h *handlerFlow) takes(e ast.Expr) [][]*types.Var {
	var lits []*ast.FuncLit
	switch e := ast.Unparen(e).(type) {
	case *ast.FuncLit:
		lits = []*ast.FuncLit{e}
	case *ast.CallExpr:
		if fn := h.staticCallee(e); fn != nil {
			lits = h.made[fn.Origin()]
		}
	case *ast.Ident, *ast.SelectorExpr:
		id, ok := e.(*ast.Ident)
		if !ok {
			id = e.(*ast.SelectorExpr).Sel
		}
		switch obj := h.info.Uses[id].(type) {
		case *types.Func:
			if decl := h.decls[obj.Origin()]; decl != nil {
				return [][]*types.Var{parameters(h.byNode[decl])}
			}
		case *types.Var:
			lits = h.lits[obj]
		}
	}
	var out [][]*types.Var
	for _, lit := range lits {
		out = append(out, parameters(h.byNode[lit]))
	}
	return out
}

func parameters(f *function) []*types.Var {
	if f == nil {
		return nil
	}
	var out []*types.Var
	for v := range f.sig.Params().Variables() {
		out = append(out, v)
	}
	return out
}

// holder returns the variable or field at the root of an expression that can hold handlers, or nil.
func (p *program) holder(e ast.Expr) types.Object {
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
		default:
			return nil
		}
		if v, ok := p.info.ObjectOf(id).(*types.Var); ok {
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

// holdsHandlers reports whether a value of the type can have handlers in it: a function, or something that serves.
func holdsHandlers(t types.Type) bool {
	if _, ok := t.Underlying().(*types.Signature); ok {
		return true
	}
	return serves(t) || isRouter(t) || hasMethod(t, "Then") // a chain of middleware
}

// isRouter reports whether a value of the type is given middleware, as routers and groups of routes are.
func isRouter(t types.Type) bool { return hasMethod(t, "Use") }

// serves reports whether a value of the type is a handler.
func serves(t types.Type) bool { return hasMethod(t, "ServeHTTP") }

func hasMethod(t types.Type, name string) bool {
	if t == nil {
		return false
	}
	obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
	_, ok := obj.(*types.Func)
	return ok
}
