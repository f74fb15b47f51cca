// Package middleware finds the functions that run within Middleware, Handle or Do of a manager, as far as one package
// shows how it puts its handlers together.
package middleware

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/ast/inspector"
)

// Inside returns the functions of a package that may run within Middleware, Handle or Do of some manager, where Load
// returns a session that saves itself. They are handed to one of these, be it through other functions, variables and
// routers, or are registered with a router that is, or stand in a list or table that one is taken from; and all
// functions to which these refer. The keys are *ast.FuncDecl and *ast.FuncLit.
//
// It errs on the side of too many: two routers in one variable are one router.
func Inside(p *generated.Package) map[ast.Node]bool {
	var uses []inspector.Cursor
	for c := range p.Root.Preorder((*ast.SelectorExpr)(nil)) {
		fn, ok := p.Info.Uses[c.Node().(*ast.SelectorExpr).Sel].(*types.Func)
		if !ok {
			continue
		}
		switch generated.ManagerMethodOf(fn) {
		case generated.Wraps, generated.Guards:
			uses = append(uses, c)
		}
	}
	if len(uses) == 0 {
		return nil
	}
	s := insideSearch{
		Package: p, inside: map[ast.Node]bool{}, seen: map[types.Object]bool{}, returning: map[*source.Func]bool{},
		handlers: handlersOf(p),
	}
	for _, c := range uses {
		s.start(c)
	}
	return s.inside
}

type insideSearch struct {
	*generated.Package
	inside    map[ast.Node]bool
	seen      map[types.Object]bool
	returning map[*source.Func]bool // functions that return Middleware
	handlers  *handlerFlow
}

// start marks the handlers that are handed to a use of Middleware. The result of a call of it is a handler, and the
// end. The method itself, or middleware that is made of it, goes on to be applied: by a router that is given it, by
// the variable that holds it, where the function that returns it is called.
func (s *insideSearch) start(c inspector.Cursor) {
	for {
		e := c.Node().(ast.Expr)
		done := known.Serves(s.Info.TypeOf(e))
		c = c.Parent()
		if call, ok := c.Node().(*ast.CallExpr); ok && call.Fun == e {
			s.walk(call)
			continue
		}
		if _, ok := c.Node().(*ast.ParenExpr); !ok && done {
			return
		}
		switch n := c.Node().(type) {
		case *ast.ParenExpr, *ast.SelectorExpr, *ast.UnaryExpr, *ast.IndexExpr:
		case *ast.CallExpr:
			s.mark(s.handlers.holder(n.Fun))
			s.walk(n)
		case *ast.CompositeLit:
			for i, elt := range n.Elts {
				if elt == e {
					s.mark(s.handlers.part(n, i))
				}
			}
		case *ast.KeyValueExpr:
			s.mark(s.handlers.holder(n.Key))
			c = c.Parent()
		case *ast.AssignStmt:
			for i, rhs := range n.Rhs {
				if rhs == e && len(n.Lhs) == len(n.Rhs) {
					s.mark(s.handlers.holder(n.Lhs[i]))
				}
			}
			return
		case *ast.ValueSpec:
			for i, value := range n.Values {
				if value == e {
					s.mark(s.Info.Defs[n.Names[i]])
				}
			}
			return
		case *ast.RangeStmt:
			s.mark(s.handlers.holder(n.Key))
			s.mark(s.handlers.holder(n.Value))
			return
		case *ast.ReturnStmt:
			s.returned(c)
			return
		default:
			return
		}
	}
}

// returned follows Middleware to the callers of the function that returns it. The callers of a literal
// are unknown: any call of a function value with a handler may be one.
func (s *insideSearch) returned(c inspector.Cursor) {
	f := s.Enclosing(c)
	if f == nil || s.returning[f] {
		return
	}
	s.returning[f] = true
	decl, ok := f.Node.(*ast.FuncDecl)
	if !ok {
		for _, call := range s.handlers.unknown {
			s.walk(call)
		}
		return
	}
	if fn, ok := s.Info.Defs[decl.Name].(*types.Func); ok {
		for _, call := range s.handlers.calls[fn] {
			s.start(call)
		}
	}
}

// walk marks the functions and variables to which an expression or a function body refers.
func (s *insideSearch) walk(root ast.Node) {
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			s.inside[n] = true
		case *ast.Ident:
			s.mark(s.Info.Uses[n])
		case *ast.SelectorExpr:
			return s.selector(n)
		case *ast.CompositeLit:
			s.methods(s.Info.TypeOf(n))
		}
		return true
	})
}

// selector marks the selected function or field. Its operand does not count if it is the manager or a struct of this
// package: that a.mux is served says nothing of a.
func (s *insideSearch) selector(n *ast.SelectorExpr) bool {
	obj := s.Info.Uses[n.Sel]
	if fn, ok := obj.(*types.Func); ok && generated.ManagerMethodOf(fn) != generated.NoManagerMethod {
		return false
	}
	if known.GoesOn(n.Sel.Name) && known.IsContext(s.Info.TypeOf(n.X)) {
		s.following(n.X)
	}
	s.mark(obj)
	t := s.Info.TypeOf(n.X)
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	return !ok || named.Obj().Pkg() != s.Types
}

// following marks the handlers that run where a framework's context goes on to the next: those registered with the
// routers that the handler with this context is given to.
func (s *insideSearch) following(context ast.Expr) {
	id, ok := ast.Unparen(context).(*ast.Ident)
	if !ok {
		return
	}
	for _, router := range s.handlers.applied[s.Info.Uses[id]] {
		s.mark(router)
	}
}

func (s *insideSearch) mark(obj types.Object) {
	if obj == nil || s.seen[obj] {
		return
	}
	s.seen[obj] = true
	switch obj := obj.(type) {
	case *types.Func:
		if decl := s.Decls[obj.Origin()]; decl != nil && !s.inside[decl] {
			s.inside[decl] = true
			s.walk(decl.Body)
		}
	case *types.Var:
		if !holdsHandlers(obj.Type()) {
			return
		}
		s.methods(obj.Type())
		for _, e := range s.handlers.given[obj] {
			s.walk(e)
		}
		for _, holder := range s.handlers.applied[obj] {
			s.mark(holder)
		}
	}
}

// methods marks the methods of a type of this package that serves.
func (s *insideSearch) methods(t types.Type) {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok || named.Obj().Pkg() != s.Types || !known.Serves(types.NewPointer(named)) {
		return
	}
	for m := range named.Methods() {
		s.mark(m)
	}
}
