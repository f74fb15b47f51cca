package vet

import (
	"go/ast"
	"go/types"
	"slices"
)

// A cell is what a function knows as one session: the variables that it is assigned to and the calls that it came from.
//
// Which variables share a session is told without regard to order: t := s makes s and t one cell for good. That errs on
// the side of silence, since a change of one and a Save of the other then cancel out.
type cell struct {
	index   int
	vars    []*types.Var
	calls   []callResult // that a session comes from or passes through
	made    []callResult // those of them that it comes from
	sources []source
}

// A callResult is one result of a call.
type callResult struct {
	call   *ast.CallExpr
	result int
}

// A source is where a session comes from.
type source struct {
	kind   sourceKind
	writer writer // of fromLoad, its root nil if it is not known
	param  int    // of fromParam
}

type sourceKind int

const (
	fromElsewhere  sourceKind = iota // a field, a map, a context, a call of which nothing is known
	fromLoad                         // Manager.Load, directly or through functions that return its result
	fromOpen                         // Manager.Open
	fromMiddleware                   // Manager.Get, FromContext and Must, or Load where Middleware saves
	fromParam                        // the caller's
	fromOutside                      // a variable of the function around a literal
)

// all reports whether the session comes from sources of the given kinds, and from at least one.
func (c *cell) all(kinds ...sourceKind) bool {
	for _, s := range c.sources {
		if !slices.Contains(kinds, s.kind) {
			return false
		}
	}
	return len(c.sources) > 0
}

// loadedFor returns the response writer that a session from Load is bound to.
func (c *cell) loadedFor() (writer, bool) {
	if !c.all(fromLoad) {
		return writer{}, false
	}
	w := c.sources[0].writer
	for _, s := range c.sources {
		if s.writer != w {
			return writer{}, false
		}
	}
	return w, w.root != nil
}

// cells are the sessions of a function.
type cells struct {
	f      *function
	list   []*cell
	byVar  map[*types.Var]*cell
	byCall map[callResult]*cell
	sealed bool // all events are known: no more cells come up
}

// findCells reads f.vars.
func findCells(f *function) *cells {
	cs := &cells{f: f, byVar: map[*types.Var]*cell{}, byCall: map[callResult]*cell{}}
	for v, defs := range f.vars.defs {
		// What is assigned to a variable outside has escaped; the extractor sees to that.
		if f.prog.sessions.of(v.Type()) != nil && f.contains(v) {
			for _, d := range defs {
				cs.assign(v, d)
			}
		}
	}
	return cs
}

func (cs *cells) assign(v *types.Var, d definition) {
	c := cs.ofVar(v)
	switch {
	case d.zero:
		return
	case d.value == nil:
		c.sources = append(c.sources, source{})
		return
	case cs.f.prog.isNil(d.value):
		return
	}
	switch e := cs.f.vars.resolve(d.value).(type) {
	case *ast.Ident:
		if x := cs.f.vars.of(e); x != nil && cs.f.prog.sessions.of(x.Type()) != nil {
			cs.merge(c, cs.ofVar(x))
			return
		}
	case *ast.CallExpr:
		cs.merge(c, cs.ofCall(callResult{e, max(d.result, 0)}))
		return
	}
	c.sources = append(c.sources, source{})
}

// of returns the cell of an expression of a session type, or nil if it is neither a variable nor a call.
func (cs *cells) of(e ast.Expr) *cell {
	if cs.f.prog.sessions.of(cs.f.prog.info.TypeOf(e)) == nil {
		return nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := cs.f.vars.of(e); v != nil {
			return cs.ofVar(v)
		}
	case *ast.CallExpr:
		return cs.ofCall(callResult{call: e})
	}
	return nil
}

func (cs *cells) ofVar(v *types.Var) *cell {
	if c := cs.byVar[v]; c != nil || cs.sealed {
		return c
	}
	c := cs.add()
	c.vars = append(c.vars, v)
	cs.byVar[v] = c
	switch i := cs.f.paramIndex(v); {
	case i >= 0:
		c.sources = append(c.sources, source{kind: fromParam, param: i})
	case !cs.f.contains(v):
		c.sources = append(c.sources, source{kind: fromOutside})
	case len(cs.f.vars.defs[v]) == 0: // the variable of a type switch
		c.sources = append(c.sources, source{})
	}
	return c
}

func (cs *cells) ofCall(r callResult) *cell {
	if c := cs.byCall[r]; c != nil || cs.sealed {
		return c
	}
	c := cs.add()
	c.calls = append(c.calls, r)
	cs.byCall[r] = c
	src, arg := cs.f.sourceOf(r.call, r.result)
	if arg != nil { // the function returns the session that it is given
		if given := cs.of(arg); given != nil {
			return cs.merge(given, c) // which may have events already
		}
	}
	c.made = append(c.made, r)
	c.sources = append(c.sources, src)
	return c
}

func (cs *cells) add() *cell {
	c := &cell{index: len(cs.list)}
	cs.list = append(cs.list, c)
	return c
}

// merge makes a and b one cell. The other stays in the list, empty.
func (cs *cells) merge(a, b *cell) *cell {
	if a == b {
		return a
	}
	for _, v := range b.vars {
		cs.byVar[v] = a
	}
	for _, r := range b.calls {
		cs.byCall[r] = a
	}
	a.vars = append(a.vars, b.vars...)
	a.calls = append(a.calls, b.calls...)
	a.made = append(a.made, b.made...)
	a.sources = append(a.sources, b.sources...)
	b.vars, b.calls, b.made, b.sources = nil, nil, nil, nil
	return a
}

// sourceOf returns where the given result of a call comes from: a source, or an argument that it is.
func (f *function) sourceOf(call *ast.CallExpr, result int) (source, ast.Expr) {
	p := f.prog
	fn := p.staticCallee(call)
	if fn == nil {
		if load, ok := f.vars.resolve(call.Fun).(*ast.SelectorExpr); ok { // load := sessions.Load
			fn, _ = p.info.Uses[load.Sel].(*types.Func)
		}
	}
	if fn == nil {
		return source{}, nil
	}
	switch managerMethod(fn) {
	case "Load":
		if p.inside[f.node] || len(call.Args) < 2 || f.isBound(call.Args[1]) {
			return source{kind: fromMiddleware}, nil
		}
		w, _ := f.writerOf(call.Args[0])
		return source{kind: fromLoad, writer: w}, nil
	case "Open":
		return source{kind: fromOpen}, nil
	case "Get", "FromContext", "Must":
		return source{kind: fromMiddleware}, nil
	}
	sum := p.summaryOf(fn)
	if sum == nil || result >= len(sum.Results) {
		return source{}, nil
	}
	r := sum.Results[result]
	src := source{kind: r.From}
	switch r.From {
	case fromLoad:
		if p.inside[f.node] {
			return source{kind: fromMiddleware}, nil
		}
		if arg := argument(p.info, call, fn, r.Param); arg != nil {
			src.writer, _ = f.writerOf(arg)
		}
	case fromParam:
		if arg := argument(p.info, call, fn, r.Param); arg != nil {
			return source{}, arg
		}
		src = source{}
	}
	return src, nil
}

// isBound reports whether a request is one that sessiontest.Inside has bound a session to, as Middleware does.
func (f *function) isBound(request ast.Expr) bool {
	values := []ast.Expr{f.vars.resolve(request)}
	if v := f.vars.of(request); v != nil {
		for _, d := range f.vars.defs[v] {
			values = append(values, d.value)
		}
	}
	return slices.ContainsFunc(values, func(e ast.Expr) bool {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return false
		}
		fn := f.prog.staticCallee(call)
		return fn != nil && fn.Name() == "Inside" && fn.Pkg() != nil && fn.Pkg().Path() == testPath
	})
}

// argument returns what a call passes for a parameter, counted from the receiver if there is one.
func argument(info *types.Info, call *ast.CallExpr, fn *types.Func, param int) ast.Expr {
	args := call.Args
	if fn.Signature().Recv() != nil {
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		if !ok {
			return nil
		}
		if s := info.Selections[sel]; s != nil && s.Kind() == types.MethodVal {
			recv := sel.X
			if len(s.Index()) > 1 {
				recv = nil // a part of sel.X
			}
			args = append([]ast.Expr{recv}, args...)
		}
	}
	if param < 0 || param >= len(args) {
		return nil
	}
	if fn.Signature().Variadic() && param >= len(params(fn.Signature()))-1 {
		return nil
	}
	return args[param]
}

// madeBy returns the cells of the sessions that come from a call, by the number of the result.
func (cs *cells) madeBy(call *ast.CallExpr) map[int]*cell {
	out := map[int]*cell{}
	add := func(i int, t types.Type) {
		if cs.f.prog.sessions.of(t) != nil {
			r := callResult{call, i}
			if c := cs.ofCall(r); slices.Contains(c.made, r) {
				out[i] = c
			}
		}
	}
	switch t := cs.f.prog.info.TypeOf(call).(type) {
	case *types.Tuple:
		for i := range t.Len() {
			add(i, t.At(i).Type())
		}
	default:
		add(0, t)
	}
	return out
}
