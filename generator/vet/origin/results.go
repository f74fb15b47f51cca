package origin

import "go/ast"

// findResults looks at all returns: where a session comes from is known if it is the same for all of them.
func (f *Func) findResults() []Result {
	out := make([]Result, f.Sig.Results().Len())
	returnsSession := false
	for v := range f.Sig.Results().Variables() {
		returnsSession = returnsSession || f.Pkg.Session(v.Type()) != nil
	}
	if !returnsSession {
		return out
	}
	var returns []*ast.ReturnStmt
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			returns = append(returns, n)
		}
		return true
	})
	for i := range out {
		if f.Pkg.Session(f.Sig.Results().At(i).Type()) != nil {
			out[i] = f.findResult(i, returns)
		}
	}
	return out
}

func (f *Func) findResult(i int, returns []*ast.ReturnStmt) Result {
	var session *Session
	for _, ret := range returns {
		s, isNil := f.ReturnedBy(ret, i)
		switch {
		case isNil:
		case s == nil || session != nil && s != session:
			return Result{}
		default:
			session = s
		}
	}
	if session == nil || len(session.Origins) == 0 {
		return Result{}
	}
	first := session.Origins[0]
	if !session.From(first.Kind) {
		return Result{}
	}
	r := Result{From: first.Kind, Param: first.Param}
	switch first.Kind {
	case Load:
		w, _ := session.LoadedFor()
		r.Param = -1
		if w.Path == "" && w.Root != nil {
			r.Param = f.ParamIndex(w.Root)
		}
	case Param:
		for _, o := range session.Origins {
			if o.Param != first.Param {
				return Result{}
			}
		}
	case Outside:
		return Result{}
	}
	return r
}

// ReturnedBy returns the session that is the i-th result at a return.
func (f *Func) ReturnedBy(ret *ast.ReturnStmt, i int) (s *Session, isNil bool) {
	switch n := f.Sig.Results().Len(); {
	case len(ret.Results) == n:
		return f.Sessions.Of(ret.Results[i]), f.Pkg.IsNil(ret.Results[i])
	case len(ret.Results) == 1:
		if call, ok := ast.Unparen(ret.Results[0]).(*ast.CallExpr); ok {
			return f.Sessions.OfCall(CallResult{call, i}), false
		}
	case len(ret.Results) == 0:
		s := f.Sessions.OfVar(f.Sig.Results().At(i))
		return s, s == nil // never assigned
	}
	return nil, false
}
