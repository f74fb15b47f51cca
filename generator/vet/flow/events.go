package flow

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// prepare reads a function into events.
func (f *Func) prepare() {
	f.Resolve()
	g := f.cfg()
	if g == nil { // one of those that ctrlflow knows by name: they never return
		return
	}
	for _, b := range g.Blocks {
		f.Blocks = append(f.Blocks, &Block{Block: b})
	}
	for _, b := range f.Blocks {
		if !b.Live {
			continue
		}
		x := extractor{f: f}
		for _, n := range b.Nodes {
			x.node(n)
		}
		b.Events = x.events
		for i := range b.Succs {
			e := f.edgeTo(b.Block, i)
			e.correlation = f.correlationOn(b.Block, i)
			b.edges = append(b.edges, e)
		}
	}
}

// An extractor reads the nodes of one block.
type extractor struct {
	f           *Func
	events      []Event
	conditional bool // on the right of && or ||, which may not be evaluated
}

func (x *extractor) emit(e Event) {
	if x.conditional {
		e.Effect.MustChange, e.Effect.MustCommit = false, false
		e.Response.Written = false
		e.Response.Caching = known.SaysNothing
	}
	if e.Response.To.Root != nil {
		e.Writer = x.f.writerIndex(e.Response.To)
	}
	x.events = append(x.events, e)
}

func (f *Func) writerIndex(w origin.Writer) int {
	for i, known := range f.Writers {
		if known == w {
			return i
		}
	}
	f.Writers = append(f.Writers, w)
	return len(f.Writers) - 1
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
				x.emit(Event{Node: n, What: r.Header, Response: r})
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
	v, ok := x.f.pkg.Info.ObjectOf(id).(*types.Var)
	return ok && x.f.Contains(v)
}

// assigned reads a value that a variable gets: a session stays in its cell if the variable is of its type, not of an
// interface that is not looked through, and a function literal is read where it is called if it is called and nothing
// else.
func (x *extractor) assigned(to, e ast.Expr) {
	e = ast.Unparen(e)
	if id, ok := e.(*ast.Ident); ok && x.f.Sessions.Of(id) != nil {
		if t := x.f.pkg.Info.TypeOf(to); t == nil || x.f.pkg.Session(t) != nil { // nil: the blank identifier
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
	for v, defs := range x.f.Vars.Defs {
		if len(defs) == 1 && defs[0].Value != nil && ast.Unparen(defs[0].Value) == lit {
			return x.f.Vars.Called[v] == x.f.Vars.Used[v]
		}
	}
	return false
}

func (x *extractor) ret(n *ast.ReturnStmt) {
	results := n.Results
	if len(results) == 0 {
		for v := range x.f.Sig.Results().Variables() {
			if c := x.f.Sessions.OfVar(v); c != nil {
				x.emit(Event{Node: n, Session: c, Effect: unknown(), Returned: true})
			}
		}
	}
	for _, e := range results {
		if id, ok := ast.Unparen(e).(*ast.Ident); ok {
			if c := x.f.Sessions.Of(id); c != nil {
				x.emit(Event{Node: n, Session: c, Effect: unknown(), Returned: true})
				continue
			}
		}
		x.use(e)
		if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
			if len(results) == 1 {
				for j := range x.f.Sig.Results().Len() {
					x.handOver(n, origin.CallResult{Call: call, Result: j})
				}
			} else {
				x.handOver(n, origin.CallResult{Call: call})
			}
		}
	}
}

// handOver notes that the session of a call is returned.
func (x *extractor) handOver(n *ast.ReturnStmt, r origin.CallResult) {
	if c := x.f.Sessions.OfCall(r); c != nil {
		x.emit(Event{Node: n, Session: c, Effect: unknown(), Returned: true})
	}
}

// use reads an expression. A session that stands in it bare, neither as the receiver of a method nor as the argument of
// a known function nor compared, has escaped.
func (x *extractor) use(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Ident:
		if x.f.pkg.Info.Uses[e] == nil {
			return
		}
		if c := x.f.Sessions.Of(e); c != nil {
			x.emit(Event{Node: e, Session: c, Effect: unknown()})
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
	if source.IsComparison(e) {
		for _, side := range []ast.Expr{e.X, e.Y} {
			if _, ok := ast.Unparen(side).(*ast.Ident); !ok {
				x.use(side)
			}
		}
		return
	}
	x.use(e.X)
	outer := x.conditional
	x.conditional = outer || source.IsShortCircuit(e)
	x.use(e.Y)
	x.conditional = outer
}
