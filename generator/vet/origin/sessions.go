package origin

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// From reports whether the session comes from origins of the given kinds, and from at least one.
func (c *Session) From(kinds ...Kind) bool {
	for _, s := range c.Origins {
		if !slices.Contains(kinds, s.Kind) {
			return false
		}
	}
	return len(c.Origins) > 0
}

// Alone reports whether one call makes all that the session may be: executed again it makes a new one, and the old is
// gone.
func (c *Session) Alone() bool { return len(c.made) == 1 && len(c.Origins) == 1 }

// LoadedFor returns the response writer that a session from Load is bound to.
func (c *Session) LoadedFor() (Writer, bool) {
	if !c.From(Load) {
		return Writer{}, false
	}
	w := c.Origins[0].Writer
	for _, s := range c.Origins {
		if s.Writer != w {
			return Writer{}, false
		}
	}
	return w, w.Root != nil
}

// findSessions finds all sessions that the function and the literals in it mention.
func (f *Func) findSessions() {
	cs := &Sessions{f: f, byVar: map[*types.Var]*Session{}, byCall: map[CallResult]*Session{}}
	f.Sessions = cs
	if !f.Pkg.KnowsSessions {
		cs.sealed = true
		return
	}
	for v, defs := range f.Vars.Defs {
		// To assign a session to a variable outside is an escape: package flow knows it.
		if f.Pkg.Session(v.Type()) != nil && f.Contains(v) {
			for _, d := range defs {
				cs.assign(v, d)
			}
		}
	}
	cs.mentioned(f.Body)
	cs.seal()
}

// mentioned adds the sessions that a body mentions, and those that the literals in it capture.
func (cs *Sessions) mentioned(body ast.Node) {
	p := cs.f.Pkg
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			cs.capturedBy(n)
			return false
		case *ast.Ident:
			if v, ok := p.Info.ObjectOf(n).(*types.Var); ok && !v.IsField() && p.Session(v.Type()) != nil {
				cs.OfVar(v)
			}
		case *ast.CallExpr:
			cs.MadeBy(n)
			cs.Of(n)
		}
		return true
	})
}

func (cs *Sessions) capturedBy(lit *ast.FuncLit) {
	p := cs.f.Pkg
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := p.Info.Uses[id].(*types.Var)
			if ok && !v.IsField() && p.Session(v.Type()) != nil && (v.Pos() < lit.Pos() || lit.End() <= v.Pos()) {
				cs.OfVar(v)
			}
		}
		return true
	})
}

// seal drops those that have become part of others.
func (cs *Sessions) seal() {
	cs.List = slices.DeleteFunc(cs.List, func(s *Session) bool { return len(s.Vars) == 0 && len(s.calls) == 0 })
	for i, s := range cs.List {
		s.Index = i
	}
	cs.sealed = true
}

func (cs *Sessions) assign(v *types.Var, d source.Definition) {
	c := cs.OfVar(v)
	switch {
	case d.Zero:
		return
	case d.Value == nil:
		if list := cs.listed(d.Of); list != nil {
			cs.merge(c, cs.OfCall(CallResult{Call: list}))
		} else {
			c.Origins = append(c.Origins, Origin{})
		}
		return
	case cs.f.Pkg.IsNil(d.Value):
		return
	}
	switch e := cs.f.Vars.Resolve(d.Value).(type) {
	case *ast.Ident:
		if x := cs.f.Vars.Of(e); x != nil && cs.f.Pkg.Session(x.Type()) != nil {
			cs.merge(c, cs.OfVar(x))
			return
		}
	case *ast.CallExpr:
		cs.merge(c, cs.OfCall(CallResult{e, max(d.Result, 0)}))
		return
	}
	c.Origins = append(c.Origins, Origin{})
}

// listed returns the call of Owner.List that a list comes from, or nil.
func (cs *Sessions) listed(list ast.Expr) *ast.CallExpr {
	if list == nil {
		return nil
	}
	v := cs.f.Vars.Of(list)
	if v == nil || len(cs.f.Vars.Defs[v]) != 1 {
		return nil
	}
	call, ok := cs.f.Vars.Defs[v][0].Value.(*ast.CallExpr)
	if !ok {
		return nil
	}
	if fn := cs.f.Pkg.StaticCallee(call); fn == nil || !generated.Lists(fn) {
		return nil
	}
	return call
}

// Of returns the session that an expression of a session type is, or nil if it is neither a variable nor a call.
func (cs *Sessions) Of(e ast.Expr) *Session {
	if cs.f.Pkg.Session(cs.f.Pkg.Info.TypeOf(e)) == nil {
		return nil
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		if v := cs.f.Vars.Of(e); v != nil {
			return cs.OfVar(v)
		}
	case *ast.CallExpr:
		return cs.OfCall(CallResult{Call: e})
	}
	return nil
}

// OfVar returns the session in a variable, or nil if the function does not mention it.
func (cs *Sessions) OfVar(v *types.Var) *Session {
	if c := cs.byVar[v]; c != nil || cs.sealed {
		return c
	}
	c := cs.add()
	c.Vars = append(c.Vars, v)
	cs.byVar[v] = c
	switch i := cs.f.ParamIndex(v); {
	case i >= 0:
		c.Origins = append(c.Origins, Origin{Kind: Param, Param: i})
	case !cs.f.Contains(v):
		c.Origins = append(c.Origins, Origin{Kind: Outside})
	case len(cs.f.Vars.Defs[v]) == 0: // the variable of a type switch
		c.Origins = append(c.Origins, Origin{})
	}
	return c
}

// OfCall returns the session that a call returns, or nil.
func (cs *Sessions) OfCall(r CallResult) *Session {
	if c := cs.byCall[r]; c != nil || cs.sealed {
		return c
	}
	c := cs.add()
	c.calls = append(c.calls, r)
	cs.byCall[r] = c
	src, arg := cs.f.originOf(r.Call, r.Result)
	if arg != nil { // the function returns the session that it is given
		if given := cs.Of(arg); given != nil {
			return cs.merge(given, c) // which may have events already
		}
	}
	c.made = append(c.made, r)
	c.Origins = append(c.Origins, src)
	return c
}

func (cs *Sessions) add() *Session {
	c := &Session{Index: len(cs.List)}
	cs.List = append(cs.List, c)
	return c
}

// merge makes a and b one. The other stays in the list, empty.
func (cs *Sessions) merge(a, b *Session) *Session {
	if a == b {
		return a
	}
	for _, v := range b.Vars {
		cs.byVar[v] = a
	}
	for _, r := range b.calls {
		cs.byCall[r] = a
	}
	a.Vars = append(a.Vars, b.Vars...)
	a.calls = append(a.calls, b.calls...)
	a.made = append(a.made, b.made...)
	a.Origins = append(a.Origins, b.Origins...)
	b.Vars, b.calls, b.made, b.Origins = nil, nil, nil, nil
	return a
}

// MadeBy returns the sessions that come from a call, by the number of the result.
func (cs *Sessions) MadeBy(call *ast.CallExpr) map[int]*Session {
	out := map[int]*Session{}
	add := func(i int, t types.Type) {
		if cs.f.Pkg.Session(t) != nil {
			r := CallResult{call, i}
			if c := cs.OfCall(r); slices.Contains(c.made, r) {
				out[i] = c
			}
		}
	}
	switch t := cs.f.Pkg.Info.TypeOf(call).(type) {
	case *types.Tuple:
		for i := range t.Len() {
			add(i, t.At(i).Type())
		}
	default:
		add(0, t)
	}
	return out
}
