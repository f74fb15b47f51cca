package adopt

import "go/ast"

// carry follows keys that are parameters out to the calls that give them, through as many functions as it takes. It
// returns sites whose keys are constants, patterns or unknown.
func (prog *program) carry(sites []*site) []*site {
	var done []*site
	for len(sites) > 0 {
		s := sites[0]
		sites = sites[1:]
		if len(s.keys) == 0 {
			done = append(done, s)
			continue
		}
		var known []term
		for _, t := range s.keys {
			if t.kind != parameter {
				known = append(known, t)
				continue
			}
			sites = append(sites, prog.through(s, t)...)
		}
		if len(known) > 0 {
			settled := *s
			settled.keys = known
			done = append(done, &settled)
		}
	}
	return done
}

// through returns a site for each call of the function whose parameter a key is.
func (prog *program) through(s *site, t term) []*site {
	f := t.of.fn
	calls := prog.callsOf(f)
	if len(s.carriers) > deepest {
		unknown := *s
		unknown.keys = []term{{}}
		return []*site{&unknown}
	}
	var out []*site
	for _, c := range calls {
		if prog.recursive(s, c) {
			continue
		}
		next := *s
		next.pkg, next.cur, next.at = c.pkg, c.cur, c.expr.Pos()
		next.fn = prog.enclosing(c.cur)
		if next.origin == nil {
			next.origin = s
		}
		next.carriers = append(s.carriers[:len(s.carriers):len(s.carriers)], carrier{f, c})
		next.keys = nil
		for _, arg := range f.arguments(c, t.of.index) {
			r := resolver{prog: prog, seen: map[any]bool{}}
			switch {
			case t.part == whole:
				r.whole(c.pkg, arg, 0)
			case f.sig.Variadic() && t.of.index == f.sig.Params().Len()-1 && !c.expr.Ellipsis.IsValid():
				r.whole(c.pkg, arg, 0)
			default:
				r.part(c.pkg, arg, t.part, 0)
			}
			next.keys = append(next.keys, r.found...)
		}
		if len(next.keys) == 0 {
			continue
		}
		switch {
		case t.part == mapKeys && s.op == opWrite: // a value of its own for each key
			out = append(out, prog.eachKey(&next, f.arguments(c, t.of.index))...)
			continue
		case s.value != nil:
			next.value = prog.valueAt(s.value, f, c)
		}
		out = append(out, &next)
	}
	return out
}

// recursive reports whether a call has carried the key before.
func (prog *program) recursive(s *site, c call) bool {
	for _, have := range s.carriers {
		if have.expr == c.expr {
			return true
		}
	}
	return false
}

// valueAt replaces a value that is a parameter by what a call gives for it.
func (prog *program) valueAt(v *value, f *function, c call) *value {
	x := variable(v.pkg, v.expr)
	if x == nil {
		return v
	}
	if at, ok := prog.params[x]; ok && at.fn == f {
		if args := f.arguments(c, at.index); len(args) == 1 {
			return &value{c.pkg, args[0]}
		}
	}
	return v
}

// eachKey splits a call that gives a map of keys and values.
func (prog *program) eachKey(s *site, args []ast.Expr) []*site {
	if len(args) != 1 {
		return []*site{s}
	}
	lit, p := prog.literal(s.pkg, args[0])
	if lit == nil {
		return []*site{s}
	}
	var out []*site
	for _, e := range lit.Elts {
		kv, ok := e.(*ast.KeyValueExpr)
		if !ok {
			continue
		}
		one := *s
		one.at = kv.Pos()
		one.keys = prog.terms(p, kv.Key)
		one.value = &value{p, kv.Value}
		out = append(out, &one)
	}
	return out
}

// literal returns the composite literal that an expression is, or a variable that is set once is.
func (prog *program) literal(p *pkg, e ast.Expr) (*ast.CompositeLit, *pkg) {
	switch e := ast.Unparen(e).(type) {
	case *ast.CompositeLit:
		return e, p
	case *ast.Ident, *ast.SelectorExpr:
		if v := variable(p, e); v != nil && len(prog.defs[v]) == 1 {
			if d := prog.defs[v][0]; d.expr != nil && d.part == whole {
				if lit, ok := ast.Unparen(d.expr).(*ast.CompositeLit); ok {
					return lit, d.pkg
				}
			}
		}
	}
	return nil, nil
}
