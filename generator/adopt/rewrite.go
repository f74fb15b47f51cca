package adopt

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"slices"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
)

// An edit replaces a part of a file.
type edit struct {
	pkg      *pkg
	from, to token.Pos
	text     string
	site     *site // that it rewrites, or nil for what has to change with it
	group    any   // edits of one group are made together or not at all
}

// A rewriter collects the edits that are certain: those of a single expression or statement, whose meaning stays what
// it was with Middleware around the handlers. Each is tried against the type checker before it counts.
type rewriter struct {
	st      *study
	in      target
	session *session
	keys    map[*site]*key // of the sites of the session
	manager string         // the variable that has the sessions
	edits   []edit

	generated map[string]bool           // by file, as far as it has been asked
	imports   map[string]*types.Package // see Import
	known     map[string]bool           // what the type checker says of the package today
}

const managerName = "visitors"

// rewrite returns what can be rewritten for certain, as a patch, and the nodes of the sites that it rewrites.
func (st *study) rewrite(in target) (patch string, done map[ast.Node]bool, err error) {
	if len(st.sessions) == 0 || in.scope == nil {
		return "", nil, nil
	}
	main := st.main()
	r := &rewriter{st: st, in: in, session: main, keys: map[*site]*key{}, manager: managerName, generated: map[string]bool{}}
	for obj := in.scope.Lookup(r.manager); obj != nil && !r.isManager(obj); obj = in.scope.Lookup(r.manager) {
		r.manager = "site" + strings.ToUpper(r.manager[:1]) + r.manager[1:]
	}
	for _, k := range main.keys {
		for _, list := range [][]*site{k.writes, k.reads, k.removes} {
			for _, s := range list {
				r.keys[s] = k
			}
		}
	}
	r.direct()
	r.threads()
	if err := r.verify(); err != nil {
		return "", nil, err
	}
	done = map[ast.Node]bool{}
	for _, e := range r.edits {
		if e.site != nil {
			done[e.site.cur.Node()] = true
		}
	}
	patch, err = r.patch()
	return patch, done, err
}

// isManager reports whether a variable is the one that an earlier patch has declared. Its type is not there before the
// code is generated.
func (r *rewriter) isManager(obj types.Object) bool {
	n := namedOf(obj.Type())
	return n != nil && n.Obj().Name() == r.wrapper()+"s" || isInvalid(obj.Type())
}

// here reports whether a site is one that this package's manager can be named at.
func (r *rewriter) here(s *site) bool {
	return s.pkg.Path == r.in.path && len(s.carriers) == 0 && s.fn != nil && !r.isGenerated(s.at)
}

// isGenerated reports whether a tool has written the file of a position. The program is loaded without comments.
func (r *rewriter) isGenerated(at token.Pos) bool {
	name := r.st.prog.Fset.File(at).Name()
	generated, known := r.generated[name]
	if !known {
		head, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.PackageClauseOnly|parser.ParseComments)
		generated = err == nil && ast.IsGenerated(head)
		r.generated[name] = generated
	}
	return generated
}

// direct rewrites the calls of libraries whose doors are no session's: scs has the request's context as an argument,
// beego's controllers have the request.
func (r *rewriter) direct() {
	for _, s := range r.st.sites {
		if !r.here(s) || !r.ofMain(s) {
			continue
		}
		if s.op == opMiddleware && s.lib == scs {
			r.middleware(s)
			continue
		}
		n, ok := s.cur.Node().(*ast.CallExpr)
		if !ok {
			continue
		}
		request := ""
		switch {
		case s.lib == scs && len(n.Args) > 0:
			request = r.requestOf(s.pkg, n.Args[0])
		case s.lib == beego:
			request = requestOfController(s.pkg, n)
		}
		if request == "" {
			continue
		}
		on := fmt.Sprintf("%s.Must(%s)", r.manager, request)
		_, alone := s.cur.Parent().Node().(*ast.ExprStmt)
		switch {
		case s.op == opDestroy:
			r.replace(s, s.cur.Node(), on+".Destroy()", s)
		case s.op == opRemember && alone && len(n.Args) == 2:
			r.keep(s, n, on+".Remember(", n.Args[1], ")", s)
		case s.op == opRenew:
			r.renewal(s, on, s)
		default:
			if k := r.keys[s]; k != nil && k.has("flash") { // what is taken is not removed
				r.access(s, k, on, [2]any{k, s.fn})
			} else if k != nil {
				r.access(s, k, on, s)
			}
		}
	}
}

// middleware puts a function around handlers that does what LoadAndSave did.
func (r *rewriter) middleware(s *site) {
	n, isCall := s.cur.Node().(*ast.CallExpr)
	if isCall && len(n.Args) == 1 {
		r.replace(s, n.Fun, around, s)
	} else if !isCall {
		r.replace(s, s.cur.Node(), around, s)
	}
}

// renewal takes a new id away where the function sets a renew field afterwards, which renews; else it stays one.
func (r *rewriter) renewal(s *site, on string, group any) bool {
	n, check := ownStatement(s)
	if n == nil {
		return false
	}
	for _, e := range r.edits {
		if within(n, e.from) || check != nil && within(check, e.from) {
			return false
		}
	}
	r.drop(s, check, group)
	text := on + ".Renew()"
	if slices.ContainsFunc(r.session.keys, func(k *key) bool {
		return k.has("renew") && slices.ContainsFunc(k.writes, func(w *site) bool { return w.fn == s.fn && w.at > s.at })
	}) {
		text = ""
	}
	r.replace(s, n, text, group)
	return true
}

// requestOf is the request whose context an expression is, as it is written there, or nothing.
func (r *rewriter) requestOf(p *pkg, e ast.Expr) string {
	if v := variable(p, e); v != nil && len(r.st.prog.defs[v]) == 1 && r.st.prog.defs[v][0].expr != nil {
		e = r.st.prog.defs[v][0].expr
	}
	of := contextOf(e)
	if of == nil || !isRequest(p.Info.TypeOf(of)) {
		return ""
	}
	return types.ExprString(of)
}

// contextOf is the r of r.Context(), or nil.
func contextOf(e ast.Expr) ast.Expr {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || len(call.Args) > 0 {
		return nil
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Context" {
		return nil
	}
	return sel.X
}

func isRequest(t types.Type) bool { return t != nil && t.String() == "*net/http.Request" }

// requestOfController is the request of a beego controller, or nothing.
func requestOfController(p *pkg, n *ast.CallExpr) string {
	sel, ok := n.Fun.(*ast.SelectorExpr)
	if !ok {
		return ""
	}
	if obj, _, _ := types.LookupFieldOrMethod(p.Info.TypeOf(sel.X), true, p.Types, "Ctx"); obj == nil {
		return ""
	}
	return types.ExprString(sel.X) + ".Ctx.Request"
}

func (r *rewriter) replace(s *site, n ast.Node, text string, group any) {
	r.edits = append(r.edits, edit{s.pkg, n.Pos(), n.End(), text, s, group})
}

// keep replaces what stands around an expression, in which other edits can be made.
func (r *rewriter) keep(s *site, n ast.Node, before string, kept ast.Expr, after string, group any) {
	r.edits = append(r.edits, edit{s.pkg, n.Pos(), kept.Pos(), before, s, group},
		edit{s.pkg, kept.End(), n.End(), after, nil, group})
}

// patch writes the edits as a unified diff, with the files that they need.
func (r *rewriter) patch() (string, error) {
	if len(r.edits) == 0 {
		return "", nil
	}
	var b strings.Builder
	for _, f := range r.newFiles(true) {
		b.Write(diff.Diff("/dev/null", nil, r.st.relative(f.path), f.text))
	}
	for _, f := range r.changed() {
		name := r.st.relative(f.path)
		b.Write(diff.Diff(name, f.old, name, f.text))
	}
	return b.String(), nil
}

// A text is a file as it will be.
type text struct {
	path      string
	old, text []byte
}

// changed returns the files with the edits in them, by path.
func (r *rewriter) changed() []text {
	byFile := map[*token.File][]edit{}
	for _, e := range r.edits {
		f := r.st.prog.Fset.File(e.from)
		byFile[f] = append(byFile[f], e)
	}
	var all []text
	for f, edits := range byFile {
		old, err := os.ReadFile(f.Name())
		if err != nil {
			continue
		}
		all = append(all, text{f.Name(), old, apply(f, old, edits)})
	}
	slices.SortFunc(all, func(a, b text) int { return cmp.Compare(a.path, b.path) })
	return all
}

// apply makes edits in a file. A statement that goes takes its line along.
func apply(f *token.File, src []byte, edits []edit) []byte {
	slices.SortStableFunc(edits, func(a, b edit) int { return cmp.Or(cmp.Compare(a.from, b.from), cmp.Compare(a.to, b.to)) })
	var out []byte
	at := 0
	for _, e := range edits {
		from, to := f.Offset(e.from), f.Offset(e.to)
		if from < at || from == to && e.text == "" { // within another one
			continue
		}
		if e.text == "" {
			for from > at && (src[from-1] == ' ' || src[from-1] == '\t') {
				from--
			}
			for to < len(src) && (src[to] == ' ' || src[to] == '\t') {
				to++
			}
			if to < len(src) && src[to] == '\n' {
				to++
			}
		}
		out = append(append(out, src[at:from]...), e.text...)
		at = to
	}
	return append(out, src[at:]...)
}

// byHand says what is left to do at a site.
func (s *site) byHand() string {
	switch s.op {
	case opRenew:
		return "remove it: a renew field that changes renews the id; else s.Renew()"
	case opMiddleware:
		return s.lib.middleware()
	case opStore, opCookie:
		return "NewSessions(store, session.Config{Secrets: …}): see doc/configuration.md"
	case opOpen:
		return "sessions.Get(r), or Must(r) where it is loaded"
	case opSave:
		return "remove it within Middleware; else s.Save()"
	case opDestroy:
		return "s.Destroy()"
	case opClear:
		return "s.Destroy(), or ClearF for each field"
	case opAll:
		return "s.Snapshot() has all fields"
	case opRemember:
		return "s.Remember(true)"
	case opFlashes, opPop:
		return "TakeF returns the value and whether there was one"
	case opUnserved:
		return "there is no counterpart: see doc/adopting.md"
	}
	return "the key's field has methods for it"
}

// middleware says what takes the place of a library's own. What is rewritten into Must wants the session loaded.
func (l *library) middleware() string {
	put := l.adapter
	if put == "" {
		return "put sessions.Middleware there, and within it sessions.Require(func(*Session) bool { return true }, nil), which loads the session"
	}
	put = "put " + put + ".Middleware(sessions) there"
	if l == ginContrib {
		put += ", and behind it ginsession.Require(sessions, func(*Session) bool { return true }, nil), which loads the session"
	}
	return put
}
