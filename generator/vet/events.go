package vet

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// An event is one thing that happens in a function to a session or to a response. Within a block events are in the order
// of execution.
type event struct {
	node     ast.Node      // what to point at
	what     string        // the method or function called
	field    *schema.Field // of a generated method that changes one field
	cell     *cell         // of the session, or nil
	effect   effect
	created  bool // the session is the fresh result of a call
	returned bool // the session is returned: the caller has it now
	deferred bool // the effect is put off to the return of the function

	response response // its writer's root is nil if there is none
	writer   int      // number of response.to in function.writers
}

// prepare reads a function into events.
func (f *function) prepare() {
	if f.vars == nil {
		f.vars = scanVars(f)
	}
	f.cells = findCells(f)
	g := f.cfg()
	if g == nil { // one of those that ctrlflow knows by name: they never return
		f.cells.sealed = true
		return
	}
	for _, b := range g.Blocks {
		x := extractor{f: f}
		block := &block{Block: b}
		if b.Live {
			for _, n := range b.Nodes {
				x.node(n)
			}
			for i := range b.Succs {
				e := f.edgeTo(b, i)
				e.doubt = f.doubtOn(b, i)
				block.edges = append(block.edges, e)
			}
		}
		block.events = x.events
		f.blocks = append(f.blocks, block)
	}
	f.cells.sealed = true
}

// An extractor reads the nodes of one block.
type extractor struct {
	f           *function
	events      []event
	conditional bool // on the right of && or ||, which may not be evaluated
}

func (x *extractor) emit(e event) {
	if x.conditional {
		e.effect.MustChange, e.effect.MustCommit = false, false
		e.response.written = false
		e.response.caching = known.SaysNothing
	}
	if e.response.to.root != nil {
		e.writer = x.f.writerIndex(e.response.to)
	}
	x.events = append(x.events, e)
}

func (f *function) writerIndex(w writer) int {
	for i, known := range f.writers {
		if known == w {
			return i
		}
	}
	f.writers = append(f.writers, w)
	return len(f.writers) - 1
}

// node reads a node of the control-flow graph.
func (x *extractor) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.AssignStmt:
		for i, e := range n.Rhs {
			if len(n.Lhs) == len(n.Rhs) && x.isLocal(n.Lhs[i]) {
				x.assigned(n.Lhs[i], e)
			} else {
				x.use(e)
			}
		}
		for i, e := range n.Lhs {
			if r, ok := x.f.assignsCaching(e, n.Rhs[min(i, len(n.Rhs)-1)]); ok {
				x.emit(event{node: n, what: r.header, response: r})
			}
			if _, ok := ast.Unparen(e).(*ast.Ident); !ok {
				x.use(e)
			}
		}
	case *ast.ValueSpec:
		for i, e := range n.Values {
			x.assigned(n.Names[i], e)
		}
	case *ast.ReturnStmt:
		x.ret(n)
	case *ast.ExprStmt:
		x.use(n.X)
	case *ast.SendStmt:
		x.use(n.Chan)
		x.use(n.Value)
	case *ast.IncDecStmt:
		x.use(n.X)
	case *ast.DeferStmt:
		x.deferred(n.Call)
	case *ast.GoStmt:
		x.concurrent(n.Call)
	case ast.Expr:
		x.use(n)
	}
}

// isLocal reports whether an expression is a variable of the function, or blank.
func (x *extractor) isLocal(e ast.Expr) bool {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok || id.Name == "_" {
		return ok
	}
	v, ok := x.f.prog.info.ObjectOf(id).(*types.Var)
	return ok && x.f.contains(v)
}

// assigned reads a value that a variable gets: a session stays in its cell if the variable is of its type, not of an
// interface that is not looked through, and a function literal is read where it is called if it is called and nothing else.
func (x *extractor) assigned(to, e ast.Expr) {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok && x.f.cells.of(id) != nil {
		if t := x.f.prog.info.TypeOf(to); t == nil || x.f.prog.sessions.of(t) != nil { // nil: the blank identifier
			return
		}
	}
	if lit, ok := e.(*ast.FuncLit); ok && x.onlyCalled(lit) {
		return
	}
	x.use(e)
}

// onlyCalled reports whether a literal is held by one variable that is called and put to no other use.
func (x *extractor) onlyCalled(lit *ast.FuncLit) bool {
	for v, defs := range x.f.vars.defs {
		if len(defs) == 1 && defs[0].value != nil && ast.Unparen(defs[0].value) == lit {
			return x.f.vars.called[v] == x.f.vars.used[v]
		}
	}
	return false
}

func (x *extractor) ret(n *ast.ReturnStmt) {
	results := n.Results
	if len(results) == 0 {
		for v := range x.f.sig.Results().Variables() {
			if c := x.f.cells.byVar[v]; c != nil {
				x.emit(event{node: n, cell: c, effect: unknown(), returned: true})
			}
		}
	}
	for _, e := range results {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			if c := x.f.cells.of(id); c != nil {
				x.emit(event{node: n, cell: c, effect: unknown(), returned: true})
				continue
			}
		}
		x.use(e)
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if len(results) == 1 {
				for j := range x.f.sig.Results().Len() {
					x.handOver(n, callResult{call, j})
				}
			} else {
				x.handOver(n, callResult{call, 0})
			}
		}
	}
}

// handOver notes that the session of a call is returned.
func (x *extractor) handOver(n *ast.ReturnStmt, r callResult) {
	if c := x.f.cells.byCall[r]; c != nil {
		x.emit(event{node: n, cell: c, effect: unknown(), returned: true})
	}
}

// use reads an expression. A session that stands in it bare, neither as the receiver of a method nor as the argument of
// a known function nor compared, has escaped.
func (x *extractor) use(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Ident:
		if x.f.prog.info.Uses[e] == nil {
			return
		}
		if c := x.f.cells.of(e); c != nil {
			x.emit(event{node: e, cell: c, effect: unknown()})
		}
	case *ast.ParenExpr:
		x.use(e.X)
	case *ast.BinaryExpr:
		x.binary(e)
	case *ast.UnaryExpr:
		x.use(e.X)
	case *ast.StarExpr:
		x.use(e.X)
	case *ast.SelectorExpr:
		x.use(e.X)
	case *ast.IndexExpr:
		x.use(e.X)
		x.use(e.Index)
	case *ast.IndexListExpr:
		x.use(e.X)
	case *ast.SliceExpr:
		for _, sub := range []ast.Expr{e.X, e.Low, e.High, e.Max} {
			x.use(sub)
		}
	case *ast.TypeAssertExpr:
		x.use(e.X)
	case *ast.CompositeLit:
		for _, elt := range e.Elts {
			x.use(elt)
		}
	case *ast.KeyValueExpr:
		x.use(e.Key)
		x.use(e.Value)
	case *ast.FuncLit:
		x.closure(e)
	case *ast.CallExpr:
		x.call(e)
	}
}

func (x *extractor) binary(e *ast.BinaryExpr) {
	if isComparison(e) {
		for _, side := range []ast.Expr{e.X, e.Y} {
			if _, ok := ast.Unparen(side).(*ast.Ident); !ok {
				x.use(side)
			}
		}
		return
	}
	x.use(e.X)
	outer := x.conditional
	x.conditional = outer || isShortCircuit(e)
	x.use(e.Y)
	x.conditional = outer
}
