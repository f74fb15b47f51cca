package adopt

import (
	"go/ast"
	"go/types"
	"strings"

	"golang.org/x/tools/go/ast/inspector"
)

// use rewrites what one expression that is the session is a part of. on is how the session is written there.
func (t *thread) use(cur inspector.Cursor, on string) bool {
	up := cur
	for range 3 { // session, session.Values, session.Values[key] or delete(session.Values, key)
		up = up.Parent()
		if s := t.byNode[up.Node()]; s != nil && s.op != opOpen {
			if s.op == opAll { // the session shows itself, less its secrets
				return isLogged(s.pkg, cur.Parent()) && t.shown(s, cur.Parent().Node(), on)
			}
			return t.site(s, up, on)
		}
	}
	e := cur.Node().(ast.Expr)
	cur = outOfParens(cur)
	up = cur.Parent()
	switch n := up.Node().(type) {
	case *ast.AssignStmt:
		for i, lhs := range n.Lhs {
			if lhs == cur.Node() {
				return true // what sets it
			}
			if len(n.Lhs) == len(n.Rhs) && n.Rhs[i] == cur.Node() {
				return isBlank(lhs) || t.variable(variable(t.pkg(), lhs))
			}
		}
	case *ast.BinaryExpr:
		return t.pkg().Info.Types[ast.Unparen(otherOperand(n, cur.Node()))].IsNil()
	case *ast.CallExpr:
		return t.argument(n, e)
	case *ast.ReturnStmt:
		for i, x := range n.Results {
			if x == cur.Node() {
				return t.result(t.st.prog.enclosing(cur), i)
			}
		}
	case *ast.SelectorExpr:
		return t.field(up, n, on)
	}
	return false
}

func (t *thread) shown(s *site, n ast.Node, on string) bool {
	t.replace(s, n, on, t)
	return true
}

// argument follows the session into a function.
func (t *thread) argument(n *ast.CallExpr, e ast.Expr) bool {
	f := t.st.prog.calledBy(t.pkg(), n)
	if f == nil {
		return false
	}
	for i := range f.sig.Params().Len() {
		for _, arg := range f.arguments(call{pkg: t.pkg(), expr: n}, i) {
			if ast.Unparen(arg) == e {
				return t.variable(f.sig.Params().At(i))
			}
		}
	}
	return false
}

// site rewrites a door.
func (t *thread) site(s *site, cur inspector.Cursor, on string) bool {
	switch {
	case t.isGenerated(s.at):
		return false
	case s.op == opSave:
		t.save(s, on)
		return true
	case s.op == opDestroy && s.lib != gorilla && s.lib != ginContrib:
		t.replace(s, s.cur.Node(), on+".Destroy()", t)
		return true
	case s.op == opDestroy || s.op == opClear:
		return t.end(s, cur)
	case s.op == opRenew:
		return t.renewal(s, on, t)
	case t.keys[s] != nil:
		return t.access(s, t.keys[s], on, t)
	}
	return false
}

// field rewrites what is read of a session that is no value of it.
func (t *thread) field(cur inspector.Cursor, n *ast.SelectorExpr, on string) bool {
	switch n.Sel.Name {
	case "IsNew":
		t.edits = append(t.edits, edit{t.pkg(), n.Pos(), n.End(), on + ".Meta().New", nil, t})
		return true
	case "Fresh":
		if call, ok := cur.Parent().Node().(*ast.CallExpr); ok && call.Fun == n {
			t.edits = append(t.edits, edit{t.pkg(), call.Pos(), call.End(), on + ".Meta().New", nil, t})
			return true
		}
	case "Options": // session.Options = &sessions.Options{MaxAge: -1}, session.Options(sessions.Options{MaxAge: -1})
		for below := range cur.Parent().Preorder((*ast.CompositeLit)(nil)) {
			if s := t.byNode[below.Node()]; s != nil && s.op == opDestroy {
				return t.end(s, below)
			}
		}
	}
	return false
}

// save removes a save that stands alone, which Middleware does, and keeps one whose error is looked at. One that ends
// the session becomes the end.
func (t *thread) save(s *site, on string) {
	if t.ended[s] {
		t.replace(s, s.cur.Node(), on+".Destroy()", t)
		return
	}
	switch n := s.cur.Parent().Node().(type) {
	case *ast.ExprStmt:
		t.replace(s, n, "", t)
		return
	case *ast.AssignStmt:
		if len(n.Lhs) == 1 && isBlank(n.Lhs[0]) {
			t.replace(s, n, "", t)
			return
		}
	}
	t.replace(s, s.cur.Node(), on+".Save()", t)
}

// end takes away what makes the next save the session's end: a cookie that has expired, or no values. That save is to
// follow in the same list of statements, with nothing written between.
func (t *thread) end(s *site, cur inspector.Cursor) bool {
	for !inList(cur) {
		if _, ok := cur.Node().(*ast.BlockStmt); ok || cur.Parent().Node() == nil {
			return false
		}
		cur = cur.Parent()
	}
	for _, other := range t.st.sites {
		if other.fn == s.fn && other.at > s.at && (other.op == opWrite && !t.isZero(other) || other.op == opFlash) {
			return false
		}
	}
	for next, ok := cur.NextSibling(); ok; next, ok = next.NextSibling() {
		for below := range next.Preorder((*ast.CallExpr)(nil)) {
			save := t.byNode[below.Node()]
			if save == nil || save.op != opSave {
				continue
			}
			if statement(below).Node() != next.Node() {
				return false
			}
			t.ended[save] = true
			t.replace(s, cur.Node(), "", t)
			return true
		}
	}
	return false
}

// isZero reports whether a write takes a value away.
func (t *thread) isZero(s *site) bool {
	k := t.keys[s]
	if k == nil || s.value == nil {
		return false
	}
	for _, w := range t.st.prog.typesOf(s.value) {
		if !w.isNil && !w.zero {
			return false
		}
	}
	return true
}

// isLogged reports whether an expression is written to a log and goes nowhere else.
func isLogged(p *pkg, cur inspector.Cursor) bool {
	call, ok := outOfParens(cur).Parent().Node().(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	logs := func(path string) bool {
		for _, element := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '.' || r == '-' || r == '_' }) {
			switch element {
			case "log", "slog", "zap", "logrus", "zerolog", "klog", "glog", "logger", "logs", "logging":
				return true
			}
		}
		return false
	}
	if obj := p.Info.Uses[sel.Sel]; obj == nil || obj.Pkg() == nil || !logs(obj.Pkg().Path()) {
		return false
	}
	_, void := cur.Parent().Parent().Node().(*ast.ExprStmt)
	_, isFunc := p.Info.Uses[sel.Sel].(*types.Func)
	return void && isFunc
}
