package flow

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// run reads the effects of a function literal at its call. If the call is deferred they take place at the function's
// return.
func (x *extractor) run(call *ast.CallExpr, lit *ast.FuncLit, deferred bool) {
	inner := x.f.pkg.FuncAt(lit)
	if inner == nil {
		return
	}
	sum := x.f.pkg.summarize(inner)
	if sum == nil { // recursive
		x.closure(lit)
		return
	}
	// Its writes come last, as those of a called function do: a function that saves and answers does so in this order.
	for _, v := range captured(sum) {
		if x.f.pkg.Session(v.Type()) == nil {
			continue
		}
		e := Event{
			Node: call, What: "this closure", Deferred: deferred,
			Session: x.f.Sessions.OfVar(v), Effect: sum.captured[v].Session,
		}
		if deferred {
			e.Effect.MustChange = false
		}
		x.emit(e)
	}
	for _, v := range captured(sum) {
		if does := sum.captured[v]; (does.Writes || does.Caching != known.SaysNothing) && !deferred {
			x.emit(Event{Node: call, What: "this closure", Response: Response{
				To: origin.Writer{Root: v}, Written: does.Writes, MayFail: x.f.pkg.ReturnsError(call),
				Fails: sum.Fails, Caching: does.Caching,
			}})
		}
	}
}

// closure reads a function literal which may run at any time, or never: a session that it may save counts
// as saved.
func (x *extractor) closure(lit *ast.FuncLit) {
	inner := x.f.pkg.FuncAt(lit)
	if inner == nil {
		return
	}
	sum := x.f.pkg.summarize(inner)
	if sum == nil {
		for _, c := range x.f.Sessions.List {
			x.emit(Event{Node: lit, Session: c, Effect: unknown()})
		}
		return
	}
	for _, v := range captured(sum) {
		if s := sum.captured[v].Session; s.MaySave || s.MayCount || s.Escapes {
			x.emit(Event{Node: lit, Session: x.f.Sessions.OfVar(v), Effect: unknown()})
		}
	}
}

func captured(sum *Summary) []*types.Var {
	return slices.SortedFunc(maps.Keys(sum.captured), func(a, b *types.Var) int { return int(a.Pos() - b.Pos()) })
}

// deferred reads a defer statement. Its operands are evaluated at once; the effects of the call come last.
func (x *extractor) deferred(call *ast.CallExpr) {
	p := x.f.pkg
	if lit := x.f.Vars.Literal(call.Fun); lit != nil {
		for _, arg := range call.Args {
			x.use(arg)
		}
		x.run(call, lit, true)
		return
	}
	if m, _, session := p.Called(call); m.Kind != generated.NotGenerated {
		for _, arg := range call.Args {
			if arg != session {
				x.use(arg)
			}
		}
		if session == nil {
			return
		}
		if c, ok := x.operand(session); ok {
			e := effectOf(m)
			e.MustChange = false
			x.emit(Event{
				Node: call, What: source.CalledName(call), Field: m.Field, Session: c, Effect: e, Deferred: true,
			})
		}
		return
	}
	later := extractor{f: x.f}
	later.call(call)
	for _, e := range later.events {
		if e.Session != nil {
			e.Deferred = true
			e.Effect.MustChange = false
			x.emit(e)
		}
	}
}

// concurrent reads a go statement: a goroutine may save at any time.
func (x *extractor) concurrent(call *ast.CallExpr) {
	if lit := x.f.Vars.Literal(call.Fun); lit != nil {
		x.closure(lit)
	} else {
		x.use(call.Fun) // of a method value the receiver
	}
	for _, arg := range call.Args {
		x.use(arg)
	}
}
