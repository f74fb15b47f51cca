package flow

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// call reads a call: its operands, then its effects.
func (x *extractor) call(call *ast.CallExpr) {
	p := x.f.pkg
	if tv := p.Info.Types[call.Fun]; tv.IsType() || tv.IsBuiltin() {
		for _, arg := range call.Args {
			x.use(arg)
		}
		return
	}
	if m, _, session := p.Called(call); m.Kind != generated.NotGenerated {
		x.sessionCall(call, m, session)
		return
	}
	fun := x.f.Vars.Resolve(call.Fun)
	if sel, ok := fun.(*ast.SelectorExpr); ok && fun != ast.Unparen(call.Fun) {
		if x.methodValue(call, sel) {
			return
		}
	}
	if lit := x.f.Vars.Literal(call.Fun); lit != nil {
		for _, arg := range call.Args {
			x.use(arg)
		}
		x.run(call, lit, false)
		return
	}
	fn, _ := p.Callee(call).(*types.Func)
	x.function(call, fn)
	x.created(call)
}

// sessionCall reads the call of a generated method. session is nil if it is unknown which session it belongs to.
func (x *extractor) sessionCall(call *ast.CallExpr, m generated.Method, session ast.Expr) {
	for _, arg := range call.Args {
		if arg != session {
			x.use(arg)
		}
	}
	if session == nil {
		return
	}
	if c, ok := x.operand(session); ok {
		x.emit(Event{Node: call, What: source.CalledName(call), Field: m.Field, Session: c, Effect: effectOf(m)})
	}
}

// effectOf returns the effect of a generated method on its session.
func effectOf(m generated.Method) Effect {
	switch m.Kind {
	case generated.Changes:
		return Effect{MustChange: true}
	case generated.Saves, generated.Destroys:
		return Effect{MaySave: true, MustCommit: true}
	case generated.Counts:
		return Effect{MayCount: true, MustCommit: true}
	}
	return Effect{}
}

// methodValue reads a call through a variable that holds a method: save := s.Save.
func (x *extractor) methodValue(call *ast.CallExpr, sel *ast.SelectorExpr) bool {
	fn, ok := x.f.pkg.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	if generated.ManagerMethodOf(fn) == generated.NoManagerMethod {
		return false // the method value was a use of the session, which has escaped
	}
	for _, arg := range call.Args {
		x.use(arg)
	}
	x.created(call)
	return true
}

// operand reads a receiver or argument of a session type and returns the session.
func (x *extractor) operand(e ast.Expr) (*origin.Session, bool) {
	e = ast.Unparen(e)
	if call, ok := e.(*ast.CallExpr); ok {
		x.call(call)
	}
	c := x.f.Sessions.Of(e)
	if c == nil {
		x.use(e)
	}
	return c, c != nil
}

// function reads the call of a function or a method that is not a session's. fn is nil if it is unknown.
func (x *extractor) function(call *ast.CallExpr, fn *types.Func) {
	p := x.f.pkg
	var sum *Summary
	if fn != nil && p.StaticCallee(call) != nil {
		sum = p.summaryOf(fn)
	}
	type given struct {
		cell  *origin.Session
		param int
	}
	var sessions []given
	var writers []Response
	read := func(arg ast.Expr, param int) {
		if p.Session(p.Info.TypeOf(arg)) == nil || x.isNilOrOther(arg) {
			x.use(arg)
			if w, ok := x.f.WriterOf(arg); ok && sum != nil && param < len(sum.Params) {
				if does := sum.Params[param]; does.Writes || does.Caching != known.SaysNothing {
					writers = append(writers, Response{
						To: w, Written: does.Writes, MayFail: p.ReturnsError(call), Caching: does.Caching,
					})
				}
			}
			return
		}
		if c, ok := x.operand(arg); ok {
			sessions = append(sessions, given{c, param})
		}
	}
	param := 0
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && p.Info.Selections[sel] != nil {
		if fn != nil && fn.Signature().Recv() != nil && p.Info.Selections[sel].Kind() == types.MethodVal {
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
			n = 1 << 20 // no summary knows it
		}
		read(arg, n)
	}
	for _, g := range sessions {
		e := unknown()
		switch {
		case fn != nil && known.OnlyReads(fn):
			e = Effect{}
		case sum != nil && g.param < len(sum.Params) && p.Session(source.Params(fn.Signature())[g.param].Type()) != nil:
			e = sum.Params[g.param].Session
		}
		x.emit(Event{Node: call, What: source.CalledName(call), Session: g.cell, Effect: e})
	}
	if r, ok := x.f.setsCaching(call, fn); ok {
		x.emit(Event{Node: call, What: r.Header, Response: r})
		return
	}
	direct, ok := x.f.respond(call, fn)
	if ok && len(writers) == 0 {
		writers = append(writers, direct)
	}
	for _, r := range writers {
		r.Fails = r.Fails || direct.Fails || sum != nil && sum.Fails
		x.emit(Event{Node: call, What: source.CalledName(call), Response: r})
	}
	if len(writers) == 0 && sum != nil && sum.Fails && p.concerns(fn.Signature()) {
		x.emit(Event{Node: call, What: source.CalledName(call), Response: Response{Fails: true}})
	}
}

// isNilOrOther reports whether an argument is no session that has a Session: nil, a field, an element.
func (x *extractor) isNilOrOther(e ast.Expr) bool {
	switch ast.Unparen(e).(type) {
	case *ast.Ident, *ast.CallExpr:
		return x.f.pkg.IsNil(e)
	}
	return true
}

// created notes that a call has returned a fresh session.
func (x *extractor) created(call *ast.CallExpr) {
	for r, c := range x.f.Sessions.MadeBy(call) {
		e := Event{Node: call, What: source.CalledName(call), Session: c, Created: true}
		if fn := x.f.pkg.StaticCallee(call); fn != nil && generated.ManagerMethodOf(fn) == generated.NoManagerMethod {
			if sum := x.f.pkg.summaryOf(fn); sum != nil && r < len(sum.Results) {
				e.Effect.MustChange = sum.Results[r].Changed
				if sum.Results[r].Escapes {
					e.Effect = unknown()
				}
			}
		}
		x.emit(e)
	}
}
