package adopt

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"regexp"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// A term is what an expression that makes a key can be told to be.
type term struct {
	kind termKind
	text string     // of a constant: the key; of a pattern: the same with one verb, as in block_%d
	hole types.Type // of a pattern: what fills it
	of   param      // of a parameter
	part part       // of a parameter: what of it
	// said is the constant's or the variable's name, for fields whose key is no word.
	said string
}

type termKind int

const (
	unknown termKind = iota
	constantKey
	pattern
	parameter
)

const deepest = 12 // a key that goes through more hands is unknown

// terms tells what a key is: all that it can be.
func (prog *program) terms(p *pkg, e ast.Expr) []term {
	r := resolver{prog: prog, seen: map[any]bool{}}
	r.whole(p, e, 0)
	return r.found
}

// A resolver follows an expression to where its values come from.
type resolver struct {
	prog  *program
	seen  map[any]bool
	found []term
	said  string
}

func (r *resolver) add(t term) {
	for _, have := range r.found {
		if have.kind == t.kind && have.text == t.text && have.of == t.of && have.part == t.part {
			return
		}
	}
	if t.said == "" {
		t.said = r.said
	}
	r.found = append(r.found, t)
}

func (r *resolver) unknown() { r.add(term{}) }

func (r *resolver) whole(p *pkg, e ast.Expr, depth int) {
	e = ast.Unparen(e)
	tv := p.Info.Types[e]
	switch {
	case depth > deepest:
		r.unknown()
		return
	case tv.Value != nil:
		r.add(term{kind: constantKey, text: keyText(tv.Value), said: nameOf(e)})
		return
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr:
		if v := variable(p, e); v != nil {
			r.variable(v, whole, depth)
			return
		}
	case *ast.CompositeLit: // a struct or an array as a key: gorilla takes any comparable value
		if t, ok := types.Unalias(tv.Type).(*types.Named); ok && len(e.Elts) == 0 {
			r.add(term{kind: constantKey, text: t.Obj().Name()})
			return
		}
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			r.sum(p, e, depth)
			return
		}
	case *ast.IndexExpr: // of a table
		r.part(p, e.X, elements, depth+1)
		return
	case *ast.CallExpr:
		r.call(p, e, depth)
		return
	}
	r.unknown()
}

func keyText(v constant.Value) string {
	if v.Kind() == constant.String {
		return constant.StringVal(v)
	}
	return v.ExactString()
}

// nameOf is the name of a constant, conversions taken away.
func nameOf(e ast.Expr) string {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	case *ast.CallExpr:
		if len(e.Args) == 1 {
			return nameOf(e.Args[0])
		}
	}
	return ""
}

// variable follows a variable to all that it is set to, wherever in the program.
func (r *resolver) variable(v *types.Var, of part, depth int) {
	type key struct {
		v  *types.Var
		of part
	}
	if r.seen[key{v, of}] {
		return
	}
	r.seen[key{v, of}] = true
	defs := r.prog.defs[v]
	at, isParam := r.prog.params[v]
	switch {
	case isParam && (len(defs) == 0 || at.fn.sig.Variadic()):
		r.add(term{kind: parameter, of: at, part: of})
		return
	case len(defs) == 0, isParam, v.IsField() && len(defs) > 1: // what fills a struct, a decoder say, need not be seen
		r.unknown()
		return
	}
	inner := resolver{prog: r.prog, seen: r.seen, said: v.Name()}
	for _, d := range defs {
		switch {
		case d.expr == nil || d.result > 0 || d.part != whole && of != whole:
			inner.unknown()
		case d.part != whole:
			inner.part(d.pkg, d.expr, d.part, depth+1)
		case of != whole:
			inner.part(d.pkg, d.expr, of, depth+1)
		default:
			inner.whole(d.pkg, d.expr, depth+1)
		}
	}
	r.addAll(inner.found)
}

// addAll adds what a variable can be. One that can be something unknown is unknown.
func (r *resolver) addAll(found []term) {
	for _, t := range found {
		if t.kind == unknown {
			found = []term{{}}
			break
		}
	}
	for _, t := range found {
		if len(found) == 1 || t.kind != constantKey || t.text != "" {
			r.add(t)
		}
	}
}

// part follows the elements of a list, or the keys of a map.
func (r *resolver) part(p *pkg, e ast.Expr, of part, depth int) {
	e = ast.Unparen(e)
	if depth > deepest {
		r.unknown()
		return
	}
	switch x := e.(type) {
	case *ast.CompositeLit:
		for _, elt := range x.Elts {
			kv, keyed := elt.(*ast.KeyValueExpr)
			switch {
			case of == mapKeys && keyed:
				r.whole(p, kv.Key, depth+1)
			case of == elements && keyed:
				r.whole(p, kv.Value, depth+1)
			case of == elements:
				r.whole(p, elt, depth+1)
			default:
				r.unknown()
			}
		}
		return
	case *ast.Ident, *ast.SelectorExpr:
		if v := variable(p, x); v != nil {
			r.variable(v, of, depth+1)
			return
		}
	}
	r.unknown()
}

// sum is a constant and something else put together: a key for each of many things.
func (r *resolver) sum(p *pkg, e *ast.BinaryExpr, depth int) {
	left, right := r.alone(p, e.X, depth), r.alone(p, e.Y, depth)
	switch {
	case left.kind == constantKey && right.kind == constantKey:
		r.add(term{kind: constantKey, text: left.text + right.text})
	case left.kind == constantKey && right.kind == pattern:
		r.add(term{kind: pattern, text: escaped(left.text) + right.text, hole: right.hole})
	case left.kind == pattern && right.kind == constantKey:
		r.add(term{kind: pattern, text: left.text + escaped(right.text), hole: left.hole})
	case left.kind == constantKey && right.kind != pattern:
		r.add(term{kind: pattern, text: escaped(left.text) + "%s", hole: types.Typ[types.String]})
	case right.kind == constantKey && left.kind != pattern:
		r.add(term{kind: pattern, text: "%s" + escaped(right.text), hole: types.Typ[types.String]})
	default:
		r.unknown()
	}
}

func escaped(text string) string { return strings.ReplaceAll(text, "%", "%%") }

// alone returns the one term that an expression is, or an unknown one.
func (r *resolver) alone(p *pkg, e ast.Expr, depth int) term {
	inner := resolver{prog: r.prog, seen: r.seen}
	inner.whole(p, e, depth+1)
	if len(inner.found) != 1 {
		return term{}
	}
	return inner.found[0]
}

var verb = regexp.MustCompile(`%[-+# 0-9.]*[a-zA-Z]`)

func (r *resolver) call(p *pkg, e *ast.CallExpr, depth int) {
	if tv := p.Info.Types[ast.Unparen(e.Fun)]; tv.IsType() && len(e.Args) == 1 { // a conversion
		r.whole(p, e.Args[0], depth+1)
		return
	}
	fn, _ := typeutil.Callee(p.Info, e).(*types.Func)
	if fn == nil {
		r.unknown()
		return
	}
	switch fn.FullName() {
	case "fmt.Sprintf":
		r.format(p, e)
		return
	case "fmt.Sprint", "strings.ToLower", "strings.TrimSpace":
		if len(e.Args) == 1 {
			r.whole(p, e.Args[0], depth+1)
			return
		}
	case "strconv.Itoa", "strconv.FormatInt", "strconv.FormatUint":
		r.add(term{kind: pattern, text: "%d", hole: fn.Signature().Params().At(0).Type()})
		return
	}
	f := r.prog.declared[fn.Origin()]
	if f == nil || r.seen[f] || f.sig.Results().Len() == 0 {
		r.unknown()
		return
	}
	r.seen[f] = true
	for _, result := range r.prog.results(f, 0) {
		for _, t := range r.within(f.pkg, result, depth) {
			if t.kind == parameter && t.of.fn == f && t.part == whole {
				for _, arg := range f.arguments(call{pkg: p, expr: e}, t.of.index) {
					r.whole(p, arg, depth+1)
				}
				continue
			}
			r.add(t)
		}
	}
}

func (r *resolver) within(p *pkg, e ast.Expr, depth int) []term {
	inner := resolver{prog: r.prog, seen: r.seen}
	inner.whole(p, e, depth+1)
	return inner.found
}

// format reads a format: without verbs it is a constant, with one it makes keys for many things.
func (r *resolver) format(p *pkg, e *ast.CallExpr) {
	if len(e.Args) == 0 || p.Info.Types[e.Args[0]].Value == nil {
		r.unknown()
		return
	}
	text := keyText(p.Info.Types[e.Args[0]].Value)
	verbs := verb.FindAllString(strings.ReplaceAll(text, "%%", ""), -1)
	for i := 0; i < len(verbs) && i+1 < len(e.Args); i++ { // constants can be put in their places
		if t := r.alone(p, e.Args[i+1], 0); t.kind == constantKey {
			text = strings.Replace(text, verbs[i], escaped(t.text), 1)
			verbs = append(verbs[:i:i], verbs[i+1:]...)
			e = &ast.CallExpr{Fun: e.Fun, Args: append(append([]ast.Expr{}, e.Args[:i+1]...), e.Args[i+2:]...)}
			i--
		}
	}
	switch {
	case len(verbs) == 0:
		r.add(term{kind: constantKey, text: strings.ReplaceAll(text, "%%", "%")})
	case len(verbs) == 1 && len(e.Args) == 2:
		hole := p.Info.TypeOf(e.Args[1])
		if b, ok := hole.Underlying().(*types.Basic); !ok || b.Info()&(types.IsInteger|types.IsString) == 0 {
			hole = types.Typ[types.String]
		}
		r.add(term{kind: pattern, text: text, hole: types.Default(hole)})
	default:
		r.unknown()
	}
}

// results returns the expressions that a function returns as one of its results.
func (prog *program) results(f *function, i int) []ast.Expr {
	var all []ast.Expr
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == f.sig.Results().Len() && i < len(n.Results) {
				all = append(all, n.Results[i])
			}
		}
		return true
	})
	return all
}
