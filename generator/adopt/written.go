package adopt

import (
	"go/ast"
	"go/constant"
	"go/types"
)

// A written is one type that a value can have.
type written struct {
	typ   types.Type // nil if it cannot be told, or of nil
	isNil bool       // the predeclared nil
	zero  bool       // a constant 0, "" or false
}

// typesOf tells what can be written by an expression: through variables, parameters and results of type any.
func (prog *program) typesOf(v *value) []written {
	w := writtenTypes{prog: prog, seen: map[any]bool{}}
	w.expr(v.pkg, v.expr, 0)
	return w.found
}

type writtenTypes struct {
	prog  *program
	seen  map[any]bool
	found []written
}

func (w *writtenTypes) add(one written) {
	for _, have := range w.found {
		if have.isNil == one.isNil && have.zero == one.zero && (have.typ == one.typ || have.typ != nil && one.typ != nil && types.Identical(have.typ, one.typ)) {
			return
		}
	}
	w.found = append(w.found, one)
}

func (w *writtenTypes) expr(p *pkg, e ast.Expr, depth int) {
	e = ast.Unparen(e)
	tv := p.Info.Types[e]
	switch {
	case tv.IsNil():
		w.add(written{isNil: true})
		return
	case tv.Type == nil || depth > deepest || isInvalid(tv.Type):
		w.add(written{})
		return
	case !types.IsInterface(tv.Type):
		w.add(written{typ: types.Default(tv.Type), zero: tv.Value != nil && isZero(tv.Value)})
		return
	}
	switch x := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		v := variable(p, x)
		if v == nil || w.seen[v] {
			break
		}
		w.seen[v] = true
		if at, ok := w.prog.params[v]; ok {
			for _, c := range w.prog.callsOf(at.fn) {
				for _, arg := range at.fn.arguments(c, at.index) {
					w.expr(c.pkg, arg, depth+1)
				}
			}
		}
		for _, d := range w.prog.defs[v] {
			if d.expr == nil || d.part != whole {
				w.add(written{})
				continue
			}
			if call, ok := ast.Unparen(d.expr).(*ast.CallExpr); ok {
				w.result(d.pkg, call, d.result, depth+1)
				continue
			}
			if d.result == 0 {
				w.expr(d.pkg, d.expr, depth+1)
			}
		}
		return
	case *ast.CallExpr:
		w.result(p, x, 0, depth+1)
		return
	}
	w.add(written{})
}

// result is one result of a call.
func (w *writtenTypes) result(p *pkg, c *ast.CallExpr, i, depth int) {
	t := p.Info.TypeOf(c)
	if tuple, ok := t.(*types.Tuple); ok && i < tuple.Len() {
		t = tuple.At(i).Type()
	}
	if t == nil || isInvalid(t) {
		w.add(written{})
		return
	}
	if !types.IsInterface(t) {
		w.add(written{typ: t})
		return
	}
	if tv := p.Info.Types[c.Fun]; tv.IsType() && len(c.Args) == 1 {
		w.expr(p, c.Args[0], depth)
		return
	}
	f := w.prog.calledBy(p, c)
	if f == nil || w.seen[f] || depth > deepest {
		w.add(written{})
		return
	}
	w.seen[f] = true
	for _, r := range w.prog.results(f, i) {
		w.expr(f.pkg, r, depth)
	}
}

func isZero(v constant.Value) bool {
	switch v.Kind() {
	case constant.String:
		return constant.StringVal(v) == ""
	case constant.Bool:
		return !constant.BoolVal(v)
	case constant.Int, constant.Float:
		return constant.Sign(v) == 0
	}
	return false
}
