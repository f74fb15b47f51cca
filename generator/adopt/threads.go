package adopt

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
)

// A thread is the way of one session through a package: the variables and parameters that have it, and the functions
// that return it. All of it is rewritten, or nothing.
type thread struct {
	*rewriter
	opened  map[ast.Node]bool // expressions that open a session
	vars    map[*types.Var]bool
	returns map[*function]bool
	typed   map[ast.Expr]bool // types that have been rewritten
	byNode  map[ast.Node]*site
	ended   map[*site]bool // saves that end the session
}

// threads rewrites the functions that have a session in hand.
func (r *rewriter) threads() {
	byNode := map[ast.Node]*site{}
	for _, s := range r.st.sites {
		if s.fn != nil && s.pkg == r.pkg() {
			byNode[s.cur.Node()] = s
		}
	}
	tried := map[ast.Node]bool{}
	try := func(cur inspector.Cursor) {
		if tried[cur.Node()] {
			return
		}
		t := &thread{
			rewriter: r, opened: map[ast.Node]bool{}, vars: map[*types.Var]bool{}, returns: map[*function]bool{},
			typed: map[ast.Expr]bool{}, byNode: byNode, ended: map[*site]bool{},
		}
		before := len(r.edits)
		if !t.open(cur) {
			r.edits = r.edits[:before]
		}
		for n := range t.opened {
			tried[n] = true
		}
	}
	for cur := range r.pkg().root.Preorder((*ast.CallExpr)(nil), (*ast.TypeAssertExpr)(nil)) {
		if r.opens(cur) {
			try(cur)
		}
	}
}

// opens recognises expressions that have the session of a request: store.Get(r, "site"), and
// context.Get(r, "session").(*sessions.Session) where the program has but one.
func (r *rewriter) opens(cur inspector.Cursor) bool {
	s := r.openSite(cur)
	return s != nil && r.here(s) && r.ofMain(s)
}

func (r *rewriter) openSite(cur inspector.Cursor) *site {
	p := r.pkg()
	switch n := cur.Node().(type) {
	case *ast.CallExpr:
		if s := r.st.prog.callSite(p, cur, n); s != nil && s.op == opOpen && s.lib != scs {
			return s
		}
	case *ast.TypeAssertExpr:
		if n.Type == nil || sessionType(p.Info.TypeOf(n.Type)) != gorilla {
			return nil
		}
		if _, ok := n.X.(*ast.CallExpr); ok && len(r.st.sessions) == 1 {
			return r.st.prog.newSite(p, cur, door{gorilla, opNone})
		}
	}
	return nil
}

// ofMain reports whether a site is one of the session that is rewritten.
func (r *rewriter) ofMain(s *site) bool {
	return len(r.st.sessions) == 1 || len(s.name) == 1 && s.name[0].text == r.session.cookie
}

// open rewrites an expression that opens a session, and follows what it is given to.
func (t *thread) open(cur inspector.Cursor) bool {
	n := cur.Node().(ast.Expr)
	if t.opened[n] {
		return true
	}
	t.opened[n] = true
	s := t.openSite(cur)
	if known := t.byNode[n]; known != nil {
		s = known
	}
	text := t.opening(s, n)
	if text == "" {
		return false
	}
	if sel, ok := cur.Parent().Node().(*ast.SelectorExpr); ok && sel.X == n { // sessions.Default(c).Get("lang")
		t.edits = append(t.edits, edit{s.pkg, n.Pos(), n.Pos(), "", s, t})
		return t.use(cur, text)
	}
	t.replace(s, n, text, t)
	return t.given(s.pkg, cur, 0)
}

// opening is what opens the session here, or nothing.
func (t *thread) opening(s *site, n ast.Expr) string {
	call, ok := n.(*ast.CallExpr)
	if assertion, isAssertion := n.(*ast.TypeAssertExpr); isAssertion {
		call, ok = assertion.X.(*ast.CallExpr)
	}
	if !ok {
		return ""
	}
	_, both := s.pkg.Info.TypeOf(n).(*types.Tuple)
	for _, arg := range call.Args {
		at := s.pkg.Info.TypeOf(arg)
		if at == nil {
			continue
		}
		named := namedOf(at)
		switch {
		case named == nil || named.Obj().Pkg() == nil:
		case isRequest(at):
			return t.door(both) + "(" + t.source(arg) + ")"
		case named.Obj().Name() == "Context" && withoutVersion(named.Obj().Pkg().Path()) == "github.com/labstack/echo":
			return t.door(both) + "(" + t.source(arg) + ".Request())"
		case named.Obj().Name() == "Context" && named.Obj().Pkg().Path() == "github.com/gin-gonic/gin":
			return t.door(both) + "(" + t.source(arg) + ".Request)"
		case named.Obj().Name() == "Ctx" && withoutVersion(named.Obj().Pkg().Path()) == "github.com/gofiber/fiber":
			context := "Context"
			if _, v2 := types.Unalias(at).(*types.Pointer); v2 {
				context = "UserContext" // which is called Context in version 3
			}
			if !both {
				return ofFiber + "(" + t.source(arg) + ")"
			}
			return t.manager + ".FromContext(" + t.source(arg) + "." + context + "())"
		}
	}
	return ""
}

func (t *thread) door(both bool) string {
	if both {
		return t.manager + ".Get"
	}
	return t.manager + ".Must"
}

// given follows the session that is result i of an expression.
func (t *thread) given(p *pkg, cur inspector.Cursor, i int) bool {
	up := cur.Parent()
	switch n := up.Node().(type) {
	case *ast.AssignStmt:
		if len(n.Rhs) == 1 && i < len(n.Lhs) {
			return isBlank(n.Lhs[i]) || t.variable(variable(p, n.Lhs[i]))
		}
	case *ast.ValueSpec:
		if len(n.Values) == 1 && n.Type == nil && i < len(n.Names) {
			return t.variable(variable(p, n.Names[i]))
		}
	case *ast.ReturnStmt:
		if len(n.Results) == 1 {
			return t.result(t.st.prog.enclosing(cur), i)
		}
	case *ast.ExprStmt:
		return true
	}
	return i == 0 && t.use(cur, t.source(cur.Node().(ast.Expr)))
}

// variable follows a variable to all that sets it, and to all that uses it.
func (t *thread) variable(v *types.Var) bool {
	switch {
	case v == nil || v.IsField() || v.Pkg() == nil || v.Pkg().Path() != t.in.path || v.Parent() == v.Pkg().Scope():
		return false
	case t.vars[v]:
		return true
	}
	t.vars[v] = true
	for _, d := range t.st.prog.defs[v] {
		if d.expr == nil || d.part != whole || !t.from(d.pkg, d.expr, d.result) {
			return false
		}
	}
	if at, ok := t.st.prog.params[v]; ok {
		if !t.parameter(at) {
			return false
		}
	} else if !t.declared(v) {
		return false
	}
	for _, u := range t.st.prog.uses(t.pkg(), v) {
		if !t.use(u.cur, v.Name()) {
			return false
		}
	}
	return true
}

// declared rewrites the type in var session *sessions.Session.
func (t *thread) declared(v *types.Var) bool {
	at, ok := t.pkg().root.FindByPos(v.Pos(), v.Pos())
	if !ok {
		return false
	}
	if spec, ok := at.Parent().Node().(*ast.ValueSpec); ok && spec.Type != nil {
		return len(spec.Names) == 1 && t.retype(spec.Type)
	}
	return true
}

// retype puts this library's session in the place of the other's, in a declaration.
func (t *thread) retype(e ast.Expr) bool {
	if sessionType(t.pkg().Info.TypeOf(e)) == nil {
		return false
	}
	if !t.typed[e] {
		t.typed[e] = true
		t.edits = append(t.edits, edit{t.pkg(), e.Pos(), e.End(), "*" + t.wrapper(), nil, t})
	}
	return true
}

// from reports whether an expression has the session of this thread, or nil, and rewrites what opens it.
func (t *thread) from(p *pkg, e ast.Expr, i int) bool {
	e = ast.Unparen(e)
	if p.Info.Types[e].IsNil() {
		return true
	}
	if p != t.pkg() {
		return false
	}
	switch e := e.(type) {
	case *ast.Ident:
		return i == 0 && t.variable(variable(p, e))
	case *ast.CallExpr, *ast.TypeAssertExpr:
		cur, ok := p.root.FindNode(e)
		if ok && t.opens(cur) {
			return i == 0 && t.open(cur)
		}
		if call, ok := e.(*ast.CallExpr); ok {
			return t.result(t.st.prog.calledBy(p, call), i)
		}
	}
	return false
}

// mine reports whether the signature of a function can be changed: all that uses it is seen, and stands here.
func (t *thread) mine(f *function) (*ast.FuncDecl, bool) {
	if f == nil || f.pkg != t.pkg() || t.st.prog.isValue(f) || t.isGenerated(f.node.Pos()) {
		return nil, false
	}
	d, ok := f.node.(*ast.FuncDecl)
	if !ok {
		return nil, false
	}
	for _, c := range t.st.prog.callsOf(f) {
		if c.pkg != t.pkg() {
			return nil, false
		}
	}
	return d, true
}

// parameter follows a parameter to the calls that give it.
func (t *thread) parameter(at param) bool {
	d, ok := t.mine(at.fn)
	if !ok || !t.retypeField(d.Type.Params, at.index) {
		return false
	}
	for _, c := range t.st.prog.callsOf(at.fn) {
		args := at.fn.arguments(c, at.index)
		if len(args) != 1 || !t.from(c.pkg, args[0], 0) {
			return false
		}
	}
	return true
}

// result follows what a function returns to where it has it from, and to its calls.
func (t *thread) result(f *function, i int) bool {
	if f != nil && t.returns[f] {
		return true
	}
	d, ok := t.mine(f)
	if !ok || i >= f.sig.Results().Len() || f.sig.Results().At(i).Name() != "" || !t.retypeField(d.Type.Results, i) {
		return false
	}
	t.returns[f] = true
	fine := true
	ast.Inspect(f.body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) == f.sig.Results().Len() {
				fine = fine && t.from(f.pkg, n.Results[i], 0)
			} else {
				fine = fine && len(n.Results) == 1 && t.from(f.pkg, n.Results[0], i)
			}
		}
		return fine
	})
	for _, c := range t.st.prog.callsOf(f) {
		fine = fine && t.given(c.pkg, c.cur, i)
	}
	return fine
}

func (t *thread) retypeField(fields *ast.FieldList, i int) bool {
	for _, f := range fields.List {
		n := max(1, len(f.Names))
		if i < n {
			return n == 1 && t.retype(f.Type)
		}
		i -= n
	}
	return false
}
