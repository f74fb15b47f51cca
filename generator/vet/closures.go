package vet

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// run reads what a function literal does where it is called. Deferred, that comes to pass at the function's return.
func (x *extractor) run(call *ast.CallExpr, lit *ast.FuncLit, deferred bool) {
	inner := x.f.prog.byNode[lit]
	if inner == nil {
		return
	}
	sum := x.f.prog.summarize(inner)
	if sum == nil { // recursive
		x.closure(lit)
		return
	}
	// What it writes comes last, as it does in a function that is called: whoever saves and answers does it in that order.
	for _, v := range captured(sum) {
		if x.f.prog.sessions.of(v.Type()) == nil {
			continue
		}
		e := event{node: call, what: "this closure", cell: x.f.cells.ofVar(v), effect: sum.captured[v].Session, deferred: deferred}
		if deferred {
			e.effect.MustChange = false
		}
		x.emit(e)
	}
	for _, v := range captured(sum) {
		if does := sum.captured[v]; (does.Writes || does.Caching != known.SaysNothing) && !deferred {
			x.emit(event{node: call, what: "this closure", response: response{
				to: writer{root: v}, written: does.Writes, mayFail: x.f.prog.returnsError(call), fails: sum.Fails, caching: does.Caching,
			}})
		}
	}
}

// closure reads a function literal of which it is unknown when it runs, if at all: a session that it may save is as good
// as saved.
func (x *extractor) closure(lit *ast.FuncLit) {
	inner := x.f.prog.byNode[lit]
	if inner == nil {
		return
	}
	sum := x.f.prog.summarize(inner)
	if sum == nil {
		for _, c := range x.f.cells.list {
			x.emit(event{node: lit, cell: c, effect: unknown()})
		}
		return
	}
	for _, v := range captured(sum) {
		if s := sum.captured[v].Session; s.MaySave || s.MayCount || s.Escapes {
			x.emit(event{node: lit, cell: x.f.cells.ofVar(v), effect: unknown()})
		}
	}
}

func captured(sum *summary) []*types.Var {
	return slices.SortedFunc(maps.Keys(sum.captured), func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
}

// deferred reads a defer statement. Its operands are evaluated at once; what the call does to a session comes last.
func (x *extractor) deferred(call *ast.CallExpr) {
	p := x.f.prog
	if lit := x.f.vars.literal(call.Fun); lit != nil {
		for _, arg := range call.Args {
			x.use(arg)
		}
		x.run(call, lit, true)
		return
	}
	if m, _, session := p.sessions.callee(p.info, call); m.kind != notGenerated {
		for _, arg := range call.Args {
			if arg != session {
				x.use(arg)
			}
		}
		if session == nil {
			return
		}
		if c, ok := x.operand(session); ok {
			e := m.kind.effect()
			e.MustChange = false
			x.emit(event{node: call, what: methodName(call), cell: c, effect: e, deferred: true})
		}
		return
	}
	later := extractor{f: x.f}
	later.call(call)
	for _, e := range later.events {
		if e.cell != nil {
			e.deferred = true
			e.effect.MustChange = false
			x.emit(e)
		}
	}
}

// concurrent reads a go statement: of a session that a goroutine may save it is unknown when.
func (x *extractor) concurrent(call *ast.CallExpr) {
	if lit := x.f.vars.literal(call.Fun); lit != nil {
		x.closure(lit)
	} else {
		x.use(call.Fun) // of a method value the receiver
	}
	for _, arg := range call.Args {
		x.use(arg)
	}
}
