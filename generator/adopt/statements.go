package adopt

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/ast/inspector"
)

// ownStatement is the statement that a call is: alone, with its error left out of account, or asked for an error that
// no longer can be, where check is a statement of its own or nil.
func ownStatement(s *site) (n, check ast.Node) {
	up := s.cur.Parent()
	a, ok := up.Node().(*ast.AssignStmt)
	if !ok || len(a.Lhs) != 1 || len(a.Rhs) != 1 {
		if _, ok := up.Node().(*ast.ExprStmt); ok {
			return s.cur.Node(), nil
		}
		return nil, nil
	}
	if isBlank(a.Lhs[0]) {
		return a, nil
	}
	err := variable(s.pkg, a.Lhs[0])
	isCheck := func(i *ast.IfStmt) bool {
		c, ok := i.Cond.(*ast.BinaryExpr)
		return ok && i.Else == nil && c.Op == token.NEQ && err != nil && variable(s.pkg, c.X) == err
	}
	if i, ok := up.Parent().Node().(*ast.IfStmt); ok && i.Init == a && isCheck(i) && inList(up.Parent()) {
		return i, nil
	}
	if next, ok := up.NextSibling(); ok && inList(up) {
		if i, ok := next.Node().(*ast.IfStmt); ok && i.Init == nil && isCheck(i) {
			return a, i
		}
	}
	return nil, nil
}

// drop takes a statement away, if there is one.
func (r *rewriter) drop(s *site, n ast.Node, group any) {
	if n != nil {
		r.edits = append(r.edits, edit{s.pkg, n.Pos(), n.End(), "", nil, group})
	}
}

// inList reports whether a statement is one of a list.
func inList(cur inspector.Cursor) bool {
	if _, ok := cur.Node().(ast.Stmt); !ok {
		return false
	}
	switch cur.Parent().Node().(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
		return true
	}
	return false
}

// statement is the statement of a list that an expression is directly in: itself, what is assigned or returned, or the
// first part of an if.
func statement(cur inspector.Cursor) inspector.Cursor {
	for !inList(cur) {
		if _, ok := cur.Node().(*ast.BlockStmt); ok {
			return cur
		}
		cur = cur.Parent()
	}
	return cur
}
