package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// A summary is what a function does to the sessions and response writers that it is given, and which sessions it returns.
// "On every path" means every path to a return that is not a failure: one that returns an error, or that comes after an
// answer with an error status.
type summary struct {
	Params  []paramSummary // the receiver first, if there is one
	Results []resultSummary
	Fails   bool // every path is a failure

	captured map[*types.Var]paramSummary // of a function literal
}

// A paramSummary is what becomes of one parameter.
type paramSummary struct {
	Session effect
	Writes  bool          // to this response writer, on every path
	Caching known.Caching // what is said to caches in its header, on every path
}

// An effect is what happens to a session.
type effect struct {
	MaySave    bool // on some path: saved or destroyed
	MayCount   bool // on some path: what is pending for a counter is saved
	Escapes    bool // on some path: kept by somebody or given to somebody unknown, who may save it at any time
	MustChange bool // on every path
	MustCommit bool // on every path: saved or destroyed, or a counter of it is counted on; a new session is created then
}

// A resultSummary is where a returned session comes from.
type resultSummary struct {
	From    sourceKind
	Param   int  // of fromParam: which; of fromLoad: the parameter with the response writer, or -1
	Changed bool // changed on every path, and not saved
}

func (*summary) AFact() {}

func (s *summary) String() string {
	var parts []string
	for i, p := range s.Params {
		if p != (paramSummary{}) {
			parts = append(parts, fmt.Sprintf("%d:%+v", i, p))
		}
	}
	return "sessionflow(" + strings.Join(parts, " ") + ")"
}

// unknown is what may happen to a session that is given to a function of which nothing is known.
func unknown() effect { return effect{MaySave: true, Escapes: true} }

// staticCallee returns the function that a call calls, if it can be told: not through an interface or a variable.
func (p *program) staticCallee(call *ast.CallExpr) *types.Func {
	fn, ok := p.callee(call).(*types.Func)
	if !ok {
		return nil
	}
	if recv := fn.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
		return nil
	}
	return fn
}

// summaryOf returns the summary of a function, or nil if nothing is known of it.
func (p *program) summaryOf(fn *types.Func) *summary {
	fn = fn.Origin()
	if decl := p.decls[fn]; decl != nil {
		return p.summarize(p.byNode[decl])
	}
	var fact summary
	if fn.Pkg() != p.pass.Pkg && p.pass.ImportObjectFact(fn, &fact) {
		return &fact
	}
	return nil
}

// summarize computes the summary of a function of this package; nil while that is under way.
func (p *program) summarize(f *function) *summary {
	if f.summary != nil || f.inProgress {
		return f.summary
	}
	f.inProgress = true
	defer func() { f.inProgress = false }()
	f.forward()

	ps := params(f.sig)
	s := &summary{Params: make([]paramSummary, len(ps)), captured: map[*types.Var]paramSummary{}}
	returns := f.returns()
	s.Fails = len(returns) > 0
	for _, r := range returns {
		s.Fails = s.Fails && r.failed
	}
	for _, c := range f.cells.list {
		e := f.effectOn(c, returns)
		for _, src := range c.sources {
			if src.kind == fromParam {
				s.Params[src.param].Session = e
			}
		}
		for _, v := range c.vars {
			if !f.contains(v) {
				s.captured[v] = paramSummary{Session: e}
			}
		}
	}
	for i, w := range f.writers {
		does := paramSummary{Writes: f.writtenBy(i, returns), Caching: f.cachingBy(i, returns)}
		if w.path != "" || does == (paramSummary{}) {
			continue
		}
		if j := f.paramIndex(w.root); j >= 0 {
			s.Params[j] = does
		} else if !f.contains(w.root) {
			s.captured[w.root] = does
		}
	}
	for i := range f.sig.Results().Len() {
		s.Results = append(s.Results, f.resultOf(i, returns))
	}
	f.summary = s
	return s
}

// effectOn returns what the function does to a session. A session that is returned is no more escaped than before.
func (f *function) effectOn(c *cell, returns []exit) effect {
	var e effect
	for _, b := range f.blocks {
		for _, ev := range b.events {
			if b.Live && ev.cell == c && !ev.returned {
				e.MaySave = e.MaySave || ev.effect.MaySave
				e.MayCount = e.MayCount || ev.effect.MayCount
				e.Escapes = e.Escapes || ev.effect.Escapes
			}
		}
	}
	normal := 0
	e.MustChange, e.MustCommit = true, true
	for _, r := range returns {
		if !r.failed {
			normal++
			e.MustChange = e.MustChange && r.cells[c.index].changed
			e.MustCommit = e.MustCommit && r.cells[c.index].committed
		}
	}
	if normal == 0 {
		e.MustChange, e.MustCommit = false, false
	}
	return e
}

func (f *function) writtenBy(writer int, returns []exit) bool {
	normal := 0
	for _, r := range returns {
		if !r.failed {
			normal++
			if r.written[writer] == notWritten {
				return false
			}
		}
	}
	return normal > 0
}

// cachingBy returns what is said to caches in a response, if it is the same at all returns.
func (f *function) cachingBy(writer int, returns []exit) known.Caching {
	says, first := known.SaysNothing, true
	for _, r := range returns {
		switch {
		case r.failed:
		case first:
			says, first = r.caching[writer], false
		case r.caching[writer] != says:
			return known.SaysNothing
		}
	}
	return says
}

// resultOf returns where the session of a result comes from, if it is the same for all returns.
func (f *function) resultOf(i int, returns []exit) resultSummary {
	if f.prog.sessions.of(f.sig.Results().At(i).Type()) == nil {
		return resultSummary{}
	}
	var cell *cell
	for _, r := range returns {
		c, isNil := f.returned(r.stmt, i)
		if isNil {
			continue
		}
		if c == nil || cell != nil && c != cell {
			return resultSummary{}
		}
		cell = c
	}
	if cell == nil || len(cell.sources) == 0 {
		return resultSummary{}
	}
	e := f.effectOn(cell, returns)
	if e.Escapes {
		return resultSummary{}
	}
	src := cell.sources[0]
	sum := resultSummary{From: src.kind, Param: src.param, Changed: e.MustChange && !e.MaySave}
	if !cell.all(src.kind) {
		return resultSummary{}
	}
	switch src.kind {
	case fromLoad:
		w, _ := cell.loadedFor()
		sum.Param = -1
		if w.path == "" && w.root != nil {
			sum.Param = f.paramIndex(w.root)
		}
	case fromParam:
		for _, s := range cell.sources {
			if s.param != src.param {
				return resultSummary{}
			}
		}
		sum.Changed = false // the caller knows it from the parameter
	case fromOutside:
		return resultSummary{}
	}
	return sum
}

// returned returns the cell of the i-th result at a return.
func (f *function) returned(ret *ast.ReturnStmt, i int) (c *cell, isNil bool) {
	switch n := f.sig.Results().Len(); {
	case len(ret.Results) == n:
		return f.cells.of(ret.Results[i]), f.prog.isNil(ret.Results[i])
	case len(ret.Results) == 1:
		if call, ok := ast.Unparen(ret.Results[0]).(*ast.CallExpr); ok {
			return f.cells.ofCall(callResult{call, i}), false
		}
	case len(ret.Results) == 0:
		c := f.cells.ofVar(f.sig.Results().At(i))
		return c, c == nil // never assigned
	}
	return nil, false
}
