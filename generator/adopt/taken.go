package adopt

import (
	"go/ast"
	"go/types"
	"slices"
)

// take rewrites a read that removes: into a variable, asserted or not, or as the value that it was.
func (r *rewriter) take(s *site, k *key, method func(string, ...any) string, group any) bool {
	n := s.cur.Node().(ast.Expr)
	text := method("Take%s()", k.name)
	up := outOfParens(s.cur).Parent()
	if assertion, ok := up.Node().(*ast.TypeAssertExpr); ok && s.typ == nil && assertion.Type != nil && isCommaOK(up) &&
		k.typ != nil && types.Identical(s.pkg.Info.TypeOf(assertion.Type), k.typ) {
		r.replace(s, assertion, text, group)
		return true
	}
	if s.typ == nil {
		r.replace(s, n, orNil+"("+text+")", group)
		return true
	}
	if !types.Identical(s.typ, k.typ) {
		return false
	}
	a, ok := up.Node().(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		r.replace(s, n, orZero+"("+text+")", group)
		return true
	}
	r.edits = append(r.edits, edit{s.pkg, a.Lhs[0].End(), a.Lhs[0].End(), ", _", nil, group})
	r.replace(s, n, text, group)
	return true
}

// onlyRead reports whether a read is its function's only one of the key.
func (r *rewriter) onlyRead(s *site, k *key) bool {
	return !slices.ContainsFunc(k.reads, func(o *site) bool { return o != s && o.fn == s.fn })
}

// taken reports whether the read before a removal takes the value, so that nothing is left to remove.
func (r *rewriter) taken(remove *site, k *key) bool {
	return slices.ContainsFunc(k.reads, func(s *site) bool {
		return s.fn == remove.fn && s.at < remove.at && r.onlyRead(s, k)
	})
}
