package adopt

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A readingKind is what a program does with a value that it has read.
type readingKind int

const (
	asserted   readingKind = iota // x.(T), which panics
	checked                       // v, ok := x.(T)
	arm                           // of a type switch
	compared                      // with a value of a type
	presence                      // with nil
	presentKey                    // v, ok := values[key]: also where the value is nil
	decoded                       // a typed getter
	shown                         // anything else: its type does not matter there
)

// A reading is one thing that is done with a value.
type reading struct {
	kind readingKind
	typ  types.Type // nil where there is none
	node ast.Node
	fn   *function
}

// readings tells what the program does with the value that a site reads, also where functions hand it on.
func (prog *program) readings(s *site) []reading {
	if s.typ != nil {
		return []reading{{kind: decoded, typ: s.typ, node: s.cur.Node(), fn: s.fn}}
	}
	r := reader{prog: prog, carriers: s.carriers, seen: map[any]bool{}}
	start := s
	if s.origin != nil { // the value comes out of the innermost function first
		start = s.origin
	}
	r.value(start.pkg, start.cur, 0)
	return r.found
}

type reader struct {
	prog     *program
	carriers []carrier
	seen     map[any]bool
	found    []reading
}

func (r *reader) add(kind readingKind, t types.Type, cur inspector.Cursor) {
	r.found = append(r.found, reading{kind, t, cur.Node(), r.prog.enclosing(cur)})
}

// value looks at what is done with the value that cur is.
func (r *reader) value(p *pkg, cur inspector.Cursor, depth int) {
	e, ok := cur.Node().(ast.Expr)
	if !ok || depth > deepest {
		return
	}
	up := cur.Parent()
	switch n := up.Node().(type) {
	case *ast.ParenExpr:
		r.value(p, up, depth)
	case *ast.TypeAssertExpr:
		r.assertion(p, up, n)
	case *ast.BinaryExpr:
		if n.Op != token.EQL && n.Op != token.NEQ {
			break
		}
		r.comparison(p, up, otherOperand(n, e))
	case *ast.SwitchStmt:
		if n.Tag == e {
			for _, c := range n.Body.List {
				for _, x := range c.(*ast.CaseClause).List {
					r.comparison(p, up, x)
				}
			}
		}
	case *ast.CaseClause:
		if sw, ok := up.Parent().Parent().Node().(*ast.SwitchStmt); ok && sw.Tag != nil {
			r.comparison(p, up, sw.Tag)
		}
	case *ast.AssignStmt:
		r.assigned(p, up, n.Lhs, n.Rhs, e, depth)
	case *ast.ValueSpec:
		var names []ast.Expr
		for _, id := range n.Names {
			names = append(names, id)
		}
		r.assigned(p, up, names, n.Values, e, depth)
	case *ast.CallExpr:
		r.argument(p, up, n, e, depth)
	case *ast.ReturnStmt:
		r.returned(p, up, n, e, depth)
	case *ast.ExprStmt:
	default:
		r.add(shown, nil, cur)
	}
}

func (r *reader) assertion(p *pkg, cur inspector.Cursor, n *ast.TypeAssertExpr) {
	if n.Type != nil {
		kind := asserted
		if isCommaOK(cur) {
			kind = checked
		}
		r.add(kind, p.Info.TypeOf(n.Type), cur)
		return
	}
	for up := range cur.Enclosing((*ast.TypeSwitchStmt)(nil)) {
		for _, c := range up.Node().(*ast.TypeSwitchStmt).Body.List {
			for _, x := range c.(*ast.CaseClause).List {
				if tv := p.Info.Types[x]; tv.IsType() {
					r.add(arm, tv.Type, cur)
				}
			}
		}
		return
	}
}

// isCommaOK reports whether an expression gives two values: v, ok := e.
func isCommaOK(cur inspector.Cursor) bool {
	switch up := cur.Parent().Node().(type) {
	case *ast.AssignStmt:
		return len(up.Lhs) == 2 && len(up.Rhs) == 1
	case *ast.ValueSpec:
		return len(up.Names) == 2 && len(up.Values) == 1
	}
	return false
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// otherOperand is what an expression is compared with.
func otherOperand(n *ast.BinaryExpr, one ast.Node) ast.Expr {
	if ast.Unparen(n.X) == ast.Unparen(one.(ast.Expr)) {
		return n.Y
	}
	return n.X
}

// comparison is the value == other.
func (r *reader) comparison(p *pkg, cur inspector.Cursor, other ast.Expr) {
	tv := p.Info.Types[ast.Unparen(other)]
	switch {
	case tv.IsNil():
		r.add(presence, nil, cur)
	case tv.Type == nil || types.IsInterface(tv.Type) || isInvalid(tv.Type):
		r.add(shown, nil, cur)
	default:
		r.add(compared, types.Default(tv.Type), cur)
	}
}

func (r *reader) assigned(p *pkg, cur inspector.Cursor, names, values []ast.Expr, e ast.Expr, depth int) {
	for i, v := range values {
		if ast.Unparen(v) != ast.Unparen(e) {
			continue
		}
		if len(names) == 2 && len(values) == 1 {
			if _, isIndex := ast.Unparen(e).(*ast.IndexExpr); isIndex && !isBlank(names[1]) {
				r.add(presentKey, nil, cur)
			}
		}
		if len(names) == len(values) || i == 0 {
			r.into(p, names[i], depth)
		}
	}
}

// into follows a variable that has the value.
func (r *reader) into(p *pkg, name ast.Expr, depth int) {
	if isBlank(name) {
		return
	}
	v := variable(p, name)
	if v == nil {
		r.found = append(r.found, reading{kind: shown, node: name})
		return
	}
	if r.seen[v] {
		return
	}
	r.seen[v] = true
	for _, u := range r.prog.uses(p, v) {
		cur := u.cur
		if sel, ok := cur.Parent().Node().(*ast.SelectorExpr); ok && sel.Sel == cur.Node() {
			cur = cur.Parent()
		}
		if a, ok := cur.Parent().Node().(*ast.AssignStmt); ok && isTarget(a, cur.Node()) {
			continue
		}
		r.value(u.pkg, cur, depth+1)
	}
}

func isTarget(a *ast.AssignStmt, n ast.Node) bool {
	for _, lhs := range a.Lhs {
		if lhs == n {
			return true
		}
	}
	return false
}

// argument follows the value into a function of the program.
func (r *reader) argument(p *pkg, cur inspector.Cursor, n *ast.CallExpr, e ast.Expr, depth int) {
	f := r.prog.calledBy(p, n)
	if tv := p.Info.Types[n.Fun]; tv.IsType() {
		r.value(p, cur, depth+1)
		return
	}
	if f == nil {
		r.add(shown, nil, cur)
		return
	}
	for i := range f.sig.Params().Len() {
		for _, arg := range f.arguments(call{pkg: p, expr: n}, i) {
			v := f.sig.Params().At(i)
			if arg != e || r.seen[v] {
				continue
			}
			r.seen[v] = true
			for _, u := range r.prog.usesIn(f, v) {
				r.value(u.pkg, u.cur, depth+1)
			}
		}
	}
}

// returned follows the value out of a function: to the call that has carried the key there, or to all of them.
func (r *reader) returned(p *pkg, cur inspector.Cursor, n *ast.ReturnStmt, e ast.Expr, depth int) {
	f := r.prog.enclosing(cur)
	if f == nil {
		return
	}
	index := 0
	for i, x := range n.Results {
		if x == e {
			index = i
		}
	}
	for _, c := range r.carriers {
		if c.of == f {
			r.result(c.call, index, depth)
			return
		}
	}
	if r.seen[f] {
		return
	}
	r.seen[f] = true
	for _, c := range r.prog.callsOf(f) {
		r.result(c, index, depth)
	}
}

func (r *reader) result(c call, index, depth int) {
	a, ok := c.cur.Parent().Node().(*ast.AssignStmt)
	if ok && len(a.Rhs) == 1 && len(a.Lhs) > 1 {
		if index < len(a.Lhs) {
			r.into(c.pkg, a.Lhs[index], depth+1)
		}
		return
	}
	if index == 0 {
		r.value(c.pkg, c.cur, depth+1)
	}
}
