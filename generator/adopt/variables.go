package adopt

import (
	"fmt"
	"go/ast"
	"go/types"
)

// variables rewrites the functions that have a session in a variable of their own: all that they do with it, or
// nothing.
func (r *rewriter) variables() {
	for _, s := range r.st.sites {
		n, ok := s.cur.Node().(*ast.CallExpr)
		if ok && s.op == opOpen && s.lib != scs && r.here(s) && r.ofMain(s) {
			r.variable(s, n)
		}
	}
	for cur := range r.pkg().root.Preorder((*ast.TypeAssertExpr)(nil)) { // context.Get(r, "session").(*sessions.Session)
		n := cur.Node().(*ast.TypeAssertExpr)
		if n.Type == nil || sessionType(r.pkg().Info.TypeOf(n.Type)) != gorilla {
			continue
		}
		if _, ok := n.X.(*ast.CallExpr); ok && len(r.st.sessions) == 1 {
			s := r.st.prog.newSite(r.pkg(), cur, door{gorilla, opNone})
			if r.here(s) {
				r.variable(s, n)
			}
		}
	}
}

// variable rewrites the uses of the variable that a session is opened into.
func (r *rewriter) variable(s *site, opened ast.Expr) {
	a, ok := s.cur.Parent().Node().(*ast.AssignStmt)
	if !ok || len(a.Rhs) != 1 {
		return
	}
	v := variable(s.pkg, a.Lhs[0])
	if v == nil || len(r.st.prog.defs[v]) != 1 {
		return
	}
	before := len(r.edits)
	if !r.open(s, opened, a, v) || !r.all(s, v) {
		r.edits = r.edits[:before]
	}
}

// open rewrites the expression that has the session.
func (r *rewriter) open(s *site, n ast.Expr, a *ast.AssignStmt, v *types.Var) bool {
	call, ok := n.(*ast.CallExpr)
	if assertion, isAssertion := n.(*ast.TypeAssertExpr); isAssertion {
		call, ok = assertion.X.(*ast.CallExpr)
	}
	if !ok {
		return false
	}
	request := ""
	for _, arg := range call.Args {
		t := s.pkg.Info.TypeOf(arg)
		if t == nil {
			continue
		}
		named := namedOf(t)
		switch {
		case named == nil || named.Obj().Pkg() == nil:
		case isRequest(t):
			request = r.source(arg)
		case named.Obj().Name() != "Context":
		case withoutVersion(named.Obj().Pkg().Path()) == "github.com/labstack/echo":
			request = r.source(arg) + ".Request()"
		case named.Obj().Pkg().Path() == "github.com/gin-gonic/gin":
			request = r.source(arg) + ".Request"
		}
	}
	if request == "" {
		return false
	}
	door := "Get"
	if len(a.Lhs) == 1 {
		door = "Must"
	}
	r.replace(s, n, fmt.Sprintf("%s.%s(%s)", r.manager, door, request), v)
	return true
}

// ofMain reports whether a site is one of the session that is rewritten.
func (r *rewriter) ofMain(s *site) bool {
	return len(r.st.sessions) == 1 || len(s.name) == 1 && s.name[0].text == r.session.cookie
}

// all rewrites each use of a session's variable.
func (r *rewriter) all(opened *site, v *types.Var) bool {
	byNode := map[ast.Node]*site{}
	for _, s := range r.st.sites {
		if s.fn != nil && s.pkg == opened.pkg {
			byNode[s.cur.Node()] = s
		}
	}
	for _, u := range r.st.prog.uses(opened.pkg, v) {
		if !r.use(u, v, byNode) {
			return false
		}
	}
	return true
}

// use rewrites what one use of the variable is a part of.
func (r *rewriter) use(u use, v *types.Var, byNode map[ast.Node]*site) bool {
	cur := u.cur
	for range 3 { // session, session.Values, session.Values[key] or delete(session.Values, key)
		cur = cur.Parent()
		s := byNode[cur.Node()]
		switch {
		case s == nil:
			continue
		case s.op == opSave:
			return r.save(s, v)
		case r.keys[s] != nil:
			return r.access(s, r.keys[s], v.Name(), v)
		}
		return false
	}
	return false
}

// save removes a save that stands alone, which Middleware does, and keeps one whose error is looked at.
func (r *rewriter) save(s *site, v *types.Var) bool {
	switch n := s.cur.Parent().Node().(type) {
	case *ast.ExprStmt:
		r.replace(s, n, "", v)
		return true
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 && isBlank(n.Lhs[0]) {
			r.replace(s, n, "", v)
			return true
		}
	}
	r.replace(s, s.cur.Node(), v.Name()+".Save()", v)
	return true
}
