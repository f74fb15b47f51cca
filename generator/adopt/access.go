package adopt

import (
	"fmt"
	"go/ast"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// access rewrites one access to a key, where it is a single expression or statement. on is the session. It reports
// whether it could.
func (r *rewriter) access(s *site, k *key, on string, group any) bool {
	before := len(r.edits)
	if r.accessed(s, k, on, group) {
		return true
	}
	r.edits = r.edits[:before]
	return false
}

func (r *rewriter) accessed(s *site, k *key, on string, group any) bool {
	n := s.cur.Node()
	if k.hole != nil {
		return r.member(s, k, on, group)
	}
	method := func(format string, args ...any) string { return on + "." + fmt.Sprintf(format, args...) }
	switch s.op {
	case opWrite:
		return r.write(s, k, method, group)
	case opFlash:
		amp, ok := r.fits(s, k)
		if !ok {
			return false
		}
		r.keep(s, n, method("Append%s(", k.name)+amp, s.value.expr, ")", group)
		return true
	case opFlashes:
		r.replace(s, n, flashList+"("+method("Take%s()", k.name)+")", group)
		return true
	case opRemove:
		n, check := ownStatement(s)
		if n == nil {
			return false
		}
		r.drop(s, check, group)
		text := method("Clear%s()", k.name)
		if k.has("flash") && r.taken(s, k) {
			text = ""
		}
		r.replace(s, n, text, group)
		return true
	case opExists:
		r.replace(s, n, method("Has%s()", k.name), group)
		return true
	case opPop:
		return k.has("flash") && r.take(s, k, method, group)
	case opRead:
		if k.has("flash") {
			return !k.flash && r.onlyRead(s, k) && r.take(s, k, method, group)
		}
		return r.read(s, k, method, group)
	}
	return false
}

// fits reports whether the value that a site writes is one of the key's type, or a literal whose address is.
func (r *rewriter) fits(s *site, k *key) (amp string, ok bool) {
	if s.value == nil || k.typ == nil {
		return "", false
	}
	t := s.value.pkg.Info.TypeOf(s.value.expr)
	if t == nil {
		return "", false
	}
	if _, literal := ast.Unparen(s.value.expr).(*ast.CompositeLit); literal && types.Identical(types.NewPointer(t), k.typ) {
		return "&", true
	}
	return "", types.Identical(types.Default(t), k.typ)
}

func (r *rewriter) write(s *site, k *key, method func(string, ...any) string, group any) bool {
	if s.value == nil || k.typ == nil {
		return false
	}
	n, check := ownStatement(s)
	if a, ok := s.cur.Parent().Node().(*ast.AssignStmt); ok && len(a.Lhs) == 1 && a.Lhs[0] == s.cur.Node() { // values[key] = v
		n = a
	}
	if n == nil {
		return false
	}
	written := r.st.prog.typesOf(s.value)
	if len(written) != 1 {
		return false
	}
	w := write{written: written[0], site: s}
	r.drop(s, check, group)
	switch {
	case w.isNil || clears(k, w):
		r.replace(s, n, method("Clear%s()", k.name), group)
	default:
		amp, ok := r.fits(s, k)
		if !ok {
			return false
		}
		r.keep(s, n, method("Set%s(", k.name)+amp, s.value.expr, ")", group)
	}
	return true
}

// read rewrites a typed getter, an assertion, a test of presence or a comparison; anything else into the value that it
// was, which is nil where there is none.
func (r *rewriter) read(s *site, k *key, method func(string, ...any) string, group any) bool {
	before := len(r.edits)
	if r.readAs(s, k, method, group) {
		return true
	}
	r.edits = r.edits[:before]
	if s.typ != nil || k.typ == nil || k.ambiguous() || isAsserted(s) {
		return false
	}
	value, has := method("%s()", k.name), method("Has%s()", k.name)
	text := fmt.Sprintf("%s(%s, %s)", orNil, value, has)
	if isCommaOK(s.cur) {
		text += ", " + has
	}
	r.replace(s, s.cur.Node(), text, group)
	return true
}

// isAsserted reports whether a value is asserted where it is read: to be of another type than the key's, then, which
// is for somebody to look at.
func isAsserted(s *site) bool {
	n, ok := outOfParens(s.cur).Parent().Node().(*ast.TypeAssertExpr)
	return ok && n.Type != nil
}

func (r *rewriter) readAs(s *site, k *key, method func(string, ...any) string, group any) bool {
	n := s.cur.Node().(ast.Expr)
	if s.typ != nil {
		if !types.Identical(s.typ, k.typ) {
			return false
		}
		r.replace(s, n, method("%s()", k.name), group)
		return true
	}
	up := outOfParens(s.cur).Parent()
	switch p := up.Node().(type) {
	case *ast.TypeAssertExpr:
		if p.Type == nil || k.typ == nil || !types.Identical(s.pkg.Info.TypeOf(p.Type), k.typ) {
			return false
		}
		text := method("%s()", k.name)
		if isCommaOK(up) {
			if a, ok := up.Parent().Node().(*ast.AssignStmt); ok && a.Tok == token.DEFINE && isBlank(a.Lhs[1]) {
				r.replace(s, a, r.source(a.Lhs[0])+" := "+text, group)
				return true
			}
			text += ", " + method("Has%s()", k.name)
		}
		r.replace(s, p, text, group)
		return true
	case *ast.BinaryExpr:
		return r.compare(s, k, p, n, method, group)
	case *ast.AssignStmt:
		if len(p.Lhs) == 1 && len(p.Rhs) == 1 {
			return r.readInto(s, k, variable(s.pkg, p.Lhs[0]), false, method, group)
		}
		if len(p.Lhs) == 2 && len(p.Rhs) == 1 && isBlank(p.Lhs[0]) { // _, ok := values[key]
			r.edits = append(r.edits, edit{s.pkg, p.Lhs[0].Pos(), p.Lhs[1].End(), r.source(p.Lhs[1]), nil, group})
			r.replace(s, n, method("Has%s()", k.name), group)
			return true
		}
		if len(p.Lhs) == 2 && len(p.Rhs) == 1 { // v, ok := values[key]
			return r.readInto(s, k, variable(s.pkg, p.Lhs[0]), true, method, group)
		}
	case *ast.CallExpr:
		if isLogged(s.pkg, s.cur) {
			r.replace(s, n, method("%s()", k.name), group)
			return true
		}
	}
	return false
}

// readInto rewrites a read into a variable that is asserted, or asked for nil, and nothing else; and into a second one
// that says whether there is a value.
func (r *rewriter) readInto(s *site, k *key, v *types.Var, both bool, method func(string, ...any) string, group any) bool {
	if v == nil || k.typ == nil || len(r.st.prog.defs[v]) != 1 || r.changedIn(k, s.fn) {
		return false
	}
	has := method("Has%s()", k.name)
	asserts := false
	for _, u := range r.st.prog.uses(s.pkg, v) {
		up := outOfParens(u.cur).Parent()
		switch n := up.Node().(type) {
		case *ast.TypeAssertExpr:
			if n.Type == nil || !types.Identical(s.pkg.Info.TypeOf(n.Type), k.typ) {
				return false
			}
			asserts = true
			text := v.Name()
			if isCommaOK(up) {
				text += ", " + has
			}
			r.edits = append(r.edits, edit{s.pkg, n.Pos(), n.End(), text, nil, group})
		case *ast.BinaryExpr:
			other := otherOperand(n, u.cur.Node())
			if !s.pkg.Info.Types[ast.Unparen(other)].IsNil() || n.Op != token.EQL && n.Op != token.NEQ {
				return false
			}
			text := has
			if n.Op == token.EQL {
				text = "!" + has
			}
			r.edits = append(r.edits, edit{s.pkg, n.Pos(), n.End(), text, nil, group})
		default:
			return false
		}
	}
	if both && asserts {
		r.replace(s, s.cur.Node(), method("%s()", k.name)+", "+has, group)
		return true
	}
	if both {
		return false
	}
	if !asserts { // it was only asked whether there is a value
		r.replace(s, s.cur.Parent().Node(), "", group)
		return true
	}
	r.replace(s, s.cur.Node(), method("%s()", k.name), group)
	return true
}

// changedIn reports whether a function, or one that it calls, changes a key or ends the session, so that whether the
// key is there depends on when it is asked.
func (r *rewriter) changedIn(k *key, f *function) bool {
	in := map[*function]bool{}
	r.st.prog.down(f, near, func(f *function) { in[f] = true })
	return slices.ContainsFunc(r.st.sites, func(s *site) bool {
		switch s.op {
		case opWrite, opRemove, opFlash, opPop, opFlashes:
			return in[s.fn] && r.keys[s] == k
		case opDestroy, opClear:
			return in[s.fn]
		}
		return false
	})
}

// compare rewrites v == nil, and v == x. The value that is absent was equal to nothing, not even to an empty x, and
// stays so.
func (r *rewriter) compare(s *site, k *key, p *ast.BinaryExpr, n ast.Expr, method func(string, ...any) string, group any) bool {
	if p.Op != token.EQL && p.Op != token.NEQ {
		return false
	}
	other := otherOperand(p, n)
	has := method("Has%s()", k.name)
	tv := s.pkg.Info.Types[ast.Unparen(other)]
	switch {
	case tv.IsNil() && p.Op == token.EQL:
		r.replace(s, p, "!"+has, group)
	case tv.IsNil():
		r.replace(s, p, has, group)
	case tv.Type == nil || k.typ == nil || !types.Identical(types.Default(tv.Type), k.typ):
		return false
	default:
		before, after := "!"+has+" || ", " != "+method("%s()", k.name)
		if p.Op == token.EQL {
			before, after = has+" && ", " == "+method("%s()", k.name)
		}
		if _, alone := outOfParens(s.cur).Parent().Parent().Node().(*ast.IfStmt); !alone {
			before, after = "("+before, after+")"
		}
		r.keep(s, p, before, other, after, group)
	}
	return true
}

func outOfParens(cur inspector.Cursor) inspector.Cursor {
	for {
		if _, ok := cur.Parent().Node().(*ast.ParenExpr); !ok {
			return cur
		}
		cur = cur.Parent()
	}
}

// source is an expression as a person would write it.
func (r *rewriter) source(e ast.Expr) string {
	var b strings.Builder
	if err := printer.Fprint(&b, r.st.prog.Fset, e); err != nil {
		return types.ExprString(e)
	}
	return b.String()
}
