package vet

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/types/typeutil"
)

func isShortCircuit(e *ast.BinaryExpr) bool { return e.Op == token.LAND || e.Op == token.LOR }

func (p *program) callee(call *ast.CallExpr) types.Object { return typeutil.Callee(p.info, call) }

// call reads a call: its operands, then what it does.
func (x *extractor) call(call *ast.CallExpr) {
	p := x.f.prog
	if tv := p.info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		for _, arg := range call.Args {
			x.use(arg)
		}
		return
	}
	if m, _, session := p.sessions.callee(p.info, call); m.kind != notGenerated {
		x.sessionCall(call, m, session)
		return
	}
	fun := x.f.vars.resolve(call.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok && fun != ast.Unparen(call.Fun) {
		if x.methodValue(call, sel) {
			return
		}
	}
	if lit := x.f.vars.literal(call.Fun); lit != nil {
		for _, arg := range call.Args {
			x.use(arg)
		}
		x.run(call, lit, false)
		return
	}
	fn, _ := p.callee(call).(*types.Func)
	x.function(call, fn)
	x.created(call)
}

// sessionCall reads the call of a generated method. session is nil if it is unknown which session it belongs to.
func (x *extractor) sessionCall(call *ast.CallExpr, m method, session ast.Expr) {
	for _, arg := range call.Args {
		if arg != session {
			x.use(arg)
		}
	}
	if session == nil {
		return
	}
	if c, ok := x.operand(session); ok {
		x.emit(event{node: call, what: methodName(call), field: m.field, cell: c, effect: m.kind.effect()})
	}
}

// effect returns what a generated method does to its session.
func (k methodKind) effect() effect {
	switch k {
	case kindChange:
		return effect{MustChange: true}
	case kindSave, kindDestroy:
		return effect{MaySave: true, MustCommit: true}
	case kindCount:
		return effect{MayCount: true, MustCommit: true}
	}
	return effect{}
}

func methodName(call *ast.CallExpr) string {
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.SelectorExpr:
		return fun.Sel.Name
	case *ast.Ident:
		return fun.Name
	}
	return "the call"
}

// methodValue reads a call through a variable that holds a method: save := s.Save.
func (x *extractor) methodValue(call *ast.CallExpr, sel *ast.SelectorExpr) bool {
	fn, ok := x.f.prog.info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	if managerMethod(fn) == "" {
		return false // the variable's value was a use of the session: nothing is known any more
	}
	for _, arg := range call.Args {
		x.use(arg)
	}
	x.created(call)
	return true
}

// operand reads a session-typed receiver or argument and returns its cell.
func (x *extractor) operand(e ast.Expr) (*cell, bool) {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		x.call(call)
	}
	c := x.f.cells.of(e)
	if c == nil {
		x.use(e)
	}
	return c, c != nil
}

// function reads the call of a function or a method that is not a session's. fn is nil if it is unknown.
func (x *extractor) function(call *ast.CallExpr, fn *types.Func) {
	p := x.f.prog
	var sum *summary
	if fn != nil && p.staticCallee(call) != nil {
		sum = p.summaryOf(fn)
	}
	type given struct {
		cell  *cell
		param int
	}
	var sessions []given
	var writers []response
	read := func(arg ast.Expr, param int) {
		if p.sessions.of(p.info.TypeOf(arg)) == nil || x.isNilOrOther(arg) {
			x.use(arg)
			if w, ok := x.f.writerOf(arg); ok && sum != nil && param < len(sum.Params) {
				if does := sum.Params[param]; does.Writes || does.Caching != known.SaysNothing {
					writers = append(writers, response{to: w, written: does.Writes, mayFail: p.returnsError(call), caching: does.Caching})
				}
			}
			return
		}
		if c, ok := x.operand(arg); ok {
			sessions = append(sessions, given{c, param})
		}
	}
	param := 0
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && p.info.Selections[sel] != nil {
		if fn != nil && fn.Signature().Recv() != nil && p.info.Selections[sel].Kind() == types.MethodVal {
			read(sel.X, 0)
			param = 1
		} else {
			x.use(sel.X)
		}
	} else if !ok {
		x.use(call.Fun)
	}
	for i, arg := range call.Args {
		n := param + i
		if fn != nil && fn.Signature().Variadic() && i >= fn.Signature().Params().Len()-1 {
			n = 1 << 20 // no summary tells what becomes of it
		}
		read(arg, n)
	}
	for _, g := range sessions {
		e := unknown()
		switch {
		case fn != nil && known.OnlyReads(fn):
			e = effect{}
		case sum != nil && g.param < len(sum.Params) && p.sessions.of(params(fn.Signature())[g.param].Type()) != nil:
			e = sum.Params[g.param].Session
		}
		x.emit(event{node: call, what: methodName(call), cell: g.cell, effect: e})
	}
	if r, ok := x.f.setsCaching(call, fn); ok {
		x.emit(event{node: call, what: r.header, response: r})
		return
	}
	direct, ok := x.f.respond(call, fn)
	if ok && len(writers) == 0 {
		writers = append(writers, direct)
	}
	for _, r := range writers {
		r.fails = r.fails || direct.fails || sum != nil && sum.Fails
		x.emit(event{node: call, what: methodName(call), response: r})
	}
	if len(writers) == 0 && sum != nil && sum.Fails && p.concerns(fn.Signature()) {
		x.emit(event{node: call, what: methodName(call), response: response{fails: true}})
	}
}

// isNilOrOther reports whether an argument is no session that has a cell: nil, a field, an element.
func (x *extractor) isNilOrOther(e ast.Expr) bool {
	switch ast.Unparen(e).(type) {
	case *ast.Ident, *ast.CallExpr:
		return x.f.prog.isNil(e)
	}
	return true
}

// created notes that a call has returned a fresh session.
func (x *extractor) created(call *ast.CallExpr) {
	for r, c := range x.f.cells.madeBy(call) {
		e := event{node: call, what: methodName(call), cell: c, created: true}
		if fn := x.f.prog.staticCallee(call); fn != nil && managerMethod(fn) == "" {
			if sum := x.f.prog.summaryOf(fn); sum != nil && r < len(sum.Results) {
				e.effect.MustChange = sum.Results[r].Changed
			}
		}
		x.emit(e)
	}
}
