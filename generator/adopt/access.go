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
	n := s.cur.Node()
	up := s.cur.Parent()
	if k.hole != nil {
		return false
	}
	method := func(format string, args ...any) string { return on + "." + fmt.Sprintf(format, args...) }
	switch s.op {
	case opWrite:
		return r.write(s, k, method, group)
	case opFlash:
		if s.value == nil {
			return false
		}
		r.keep(s, n, method("Append%s(", k.name), s.value.expr, ")", group)
		return true
	case opRemove:
		if _, ok := up.Node().(*ast.ExprStmt); !ok {
			return false
		}
		r.replace(s, n, method("Clear%s()", k.name), group)
		return true
	case opExists:
		r.replace(s, n, method("Has%s()", k.name), group)
		return true
	case opPop:
		a, ok := up.Node().(*ast.AssignStmt)
		if !ok || !k.has("flash") || len(a.Lhs) != 1 || len(a.Rhs) != 1 || s.typ == nil || !types.Identical(s.typ, k.typ) {
			return false
		}
		r.edits = append(r.edits, edit{s.pkg, a.Lhs[0].End(), a.Lhs[0].End(), ", _", nil, group})
		r.replace(s, n, method("Take%s()", k.name), group)
		return true
	case opRead:
		return !k.has("flash") && r.read(s, k, method, group)
	}
	return false
}

func (r *rewriter) write(s *site, k *key, method func(string, ...any) string, group any) bool {
	if s.value == nil || k.typ == nil {
		return false
	}
	var n ast.Node = s.cur.Node()
	if a, ok := s.cur.Parent().Node().(*ast.AssignStmt); ok { // values[key] = v
		if len(a.Lhs) != 1 {
			return false
		}
		n = a
	} else if _, ok := s.cur.Parent().Node().(*ast.ExprStmt); !ok {
		return false
	}
	written := r.st.prog.typesOf(s.value)
	if len(written) != 1 {
		return false
	}
	w := write{written: written[0], site: s}
	switch {
	case w.isNil || clears(k, w):
		r.replace(s, n, method("Clear%s()", k.name), group)
	case w.typ != nil && types.Identical(w.typ, k.typ):
		r.keep(s, n, method("Set%s(", k.name), s.value.expr, ")", group)
	default:
		return false
	}
	return true
}

// read rewrites a typed getter, an assertion, a test of presence or a comparison.
func (r *rewriter) read(s *site, k *key, method func(string, ...any) string, group any) bool {
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
			return r.readInto(s, k, variable(s.pkg, p.Lhs[0]), method, group)
		}
		if len(p.Lhs) == 2 && len(p.Rhs) == 1 && isBlank(p.Lhs[0]) { // _, ok := values[key]
			r.edits = append(r.edits, edit{s.pkg, p.Lhs[0].Pos(), p.Lhs[1].End(), r.source(p.Lhs[1]), nil, group})
			r.replace(s, n, method("Has%s()", k.name), group)
			return true
		}
	}
	return false
}

// readInto rewrites a read into a variable that is asserted, or asked for nil, and nothing else.
func (r *rewriter) readInto(s *site, k *key, v *types.Var, method func(string, ...any) string, group any) bool {
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
	if !asserts { // it was only asked whether there is a value
		r.replace(s, s.cur.Parent().Node(), "", group)
		return true
	}
	r.replace(s, s.cur.Node(), method("%s()", k.name), group)
	return true
}

// changedIn reports whether a function changes a key, so that whether it is there depends on when it is asked.
func (r *rewriter) changedIn(k *key, f *function) bool {
	in := func(s *site) bool { return s.fn == f }
	return slices.ContainsFunc(k.writes, in) || slices.ContainsFunc(k.removes, in)
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
