package adopt

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// A door is a function by which a program gets at a session.
type door struct {
	lib *library
	op  op
}

// A site is one place where the program does something to a session.
type site struct {
	door
	pkg  *pkg
	fn   *function        // around it, or nil
	cur  inspector.Cursor // of the call, or of the index expression
	at   token.Pos
	keys []term // what its key can be; nil for ops without one
	name []term // of the cookie, as far as it is known; nil if it is the only one
	// typ is the type that a getter has in its name, or the pointer of an opDecode points to.
	typ types.Type
	// value is what is written, in the function that carriers have led to.
	value *value
	// origin is the site in the innermost function, if carriers lead from there.
	origin *site
	// carriers are the calls through which a key came here, the innermost first.
	carriers []carrier
}

// A value is an expression somewhere in the program.
type value struct {
	pkg  *pkg
	expr ast.Expr
}

// A carrier is a call of a function that hands a key on.
type carrier struct {
	of *function // that is called
	call
}

// findDoors lists the places where the program uses the doors of libraries.
func (prog *program) findDoors() []*site {
	prog.findInterfaces()
	var sites []*site
	for _, p := range prog.pkgs {
		for cur := range p.root.Preorder((*ast.CallExpr)(nil), (*ast.SelectorExpr)(nil), (*ast.AssignStmt)(nil), (*ast.CompositeLit)(nil)) {
			switch n := cur.Node().(type) {
			case *ast.CallExpr:
				if s := prog.callSite(p, cur, n); s != nil && !isImporter(s.fn) {
					sites = append(sites, s)
				}
			case *ast.SelectorExpr:
				if s := prog.valueSite(p, cur, n); s != nil {
					sites = append(sites, s)
				}
				if lib := prog.valuesOf(p, n); lib != nil && !isImporter(prog.enclosing(cur)) {
					m := mapUse{prog: prog, lib: lib, name: prog.sessionName(p, n.X), seen: map[*types.Var]bool{}}
					m.follow(p, cur)
					sites = append(sites, m.sites...)
				}
			case *ast.AssignStmt, *ast.CompositeLit:
				if lib := endsCookie(p, n); lib != nil && !isImporter(prog.enclosing(cur)) {
					sites = append(sites, prog.newSite(p, cur, door{lib, opDestroy}))
				}
			}
		}
	}
	return sites
}

// valueSite is a door that is handed on and not called: chain.Then(sessions.LoadAndSave).
func (prog *program) valueSite(p *pkg, cur inspector.Cursor, n *ast.SelectorExpr) *site {
	if call, ok := cur.Parent().Node().(*ast.CallExpr); ok && call.Fun == n {
		return nil
	}
	fn, _ := p.Info.Uses[n.Sel].(*types.Func)
	if fn == nil {
		return nil
	}
	d, ok := prog.doorOf(fn.Origin())
	if !ok || d.op != opMiddleware {
		return nil
	}
	s := prog.newSite(p, cur, d)
	s.name = prog.sessionName(p, n.X)
	return s
}

// isImporter recognises the functions for Manager.Import, which an earlier run has written: they are on the way out.
func isImporter(f *function) bool {
	for ; f != nil; f = f.outer {
		sig := f.sig
		if sig.Results().Len() == 1 {
			sig, _ = sig.Results().At(0).Type().(*types.Signature)
		}
		if sig == nil || sig.Params().Len() != 3 || sig.Results().Len() != 2 {
			continue
		}
		end, ok := sig.Results().At(0).Type().(*types.Signature)
		if ok && end.Params().Len() == 0 && end.Results().Len() == 1 && sig.Params().At(0).Type().String() == "net/http.ResponseWriter" {
			return true
		}
	}
	return false
}

func (prog *program) newSite(p *pkg, cur inspector.Cursor, d door) *site {
	return &site{door: d, pkg: p, fn: prog.enclosing(cur), cur: cur, at: cur.Node().Pos()}
}

// doorOf returns the door that a function is, if it is one.
func (prog *program) doorOf(fn *types.Func) (door, bool) {
	if fn == nil || fn.Pkg() == nil {
		return door{}, false
	}
	if d, ok := prog.doors[fn]; ok {
		return d, true
	}
	name := ""
	if recv := fn.Signature().Recv(); recv != nil {
		named := namedOf(recv.Type())
		if named == nil {
			return door{}, false
		}
		name = named.Obj().Name()
	}
	path := withoutVersion(fn.Pkg().Path())
	for _, lib := range libraries {
		if o := lib.pkgs[path][name][fn.Name()]; o != opNone {
			return door{lib, o}, true
		}
	}
	return door{}, false
}

// namedOf is the named type that a type is or points to, or nil.
func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	n, _ := t.(*types.Named)
	return n
}

// sessionType returns the library whose session, store or manager a type is, or nil.
func sessionType(t types.Type) *library {
	n := namedOf(t)
	if n == nil || n.Obj().Pkg() == nil {
		return nil
	}
	path := withoutVersion(n.Obj().Pkg().Path())
	for _, lib := range libraries {
		if lib.pkgs[path][n.Obj().Name()] != nil {
			return lib
		}
	}
	return nil
}

func (prog *program) callSite(p *pkg, cur inspector.Cursor, n *ast.CallExpr) *site {
	fn, _ := typeutil.Callee(p.Info, n).(*types.Func)
	if fn == nil {
		return nil
	}
	d, ok := prog.doorOf(fn.Origin())
	if !ok {
		return nil
	}
	s := prog.newSite(p, cur, d)
	if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
		if p.Info.Selections[sel] != nil {
			s.name = prog.sessionName(p, sel.X)
		}
	}
	sig := fn.Signature()
	switch d.op {
	case opFlash, opFlashes:
		first := 0
		if d.op == opFlash {
			first = 1
			if len(n.Args) > 0 {
				s.value = &value{p, n.Args[0]}
			}
		}
		s.keys = []term{{kind: constantKey, text: d.lib.flashKey}}
		if len(n.Args) > first {
			s.keys = prog.terms(p, n.Args[first])
		}
		return s
	case opOpen:
		s.name = prog.openedName(p, n)
		return s
	case opRead, opWrite, opRemove, opPop, opExists, opDecode:
	default:
		return s
	}
	i := keyParam(sig)
	if i < 0 || i >= len(n.Args) {
		return nil
	}
	s.keys = prog.terms(p, n.Args[i])
	if i+1 < len(n.Args) && d.op == opWrite {
		s.value = &value{p, n.Args[i+1]}
	}
	if i+1 < len(n.Args) && d.op == opDecode {
		if ptr, ok := p.Info.TypeOf(n.Args[i+1]).(*types.Pointer); ok {
			s.typ = ptr.Elem()
		}
	}
	if results := sig.Results(); (d.op == opRead || d.op == opPop) && results.Len() > 0 && !types.IsInterface(results.At(0).Type()) {
		s.typ = results.At(0).Type()
	}
	return s
}

// keyParam is the first parameter that can be a key: a string, or anything.
func keyParam(sig *types.Signature) int {
	for i := range sig.Params().Len() {
		switch t := sig.Params().At(i).Type().Underlying().(type) {
		case *types.Basic:
			if t.Info()&types.IsString != 0 {
				return i
			}
		case *types.Interface:
			if t.Empty() {
				return i
			}
		}
	}
	return -1
}

// openedName returns the name of the cookie that a call opens, if it has one as an argument.
func (prog *program) openedName(p *pkg, n *ast.CallExpr) []term {
	for _, arg := range n.Args {
		if t := p.Info.TypeOf(arg); t != nil {
			if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsString != 0 {
				return prog.terms(p, arg)
			}
		}
	}
	return nil
}

// sessionName follows a session to where it was opened.
func (prog *program) sessionName(p *pkg, e ast.Expr) []term {
	return prog.nameOf(p, e, map[*types.Var]bool{})
}

func (prog *program) nameOf(p *pkg, e ast.Expr, seen map[*types.Var]bool) []term {
	switch e := ast.Unparen(e).(type) {
	case *ast.CallExpr:
		fn, _ := typeutil.Callee(p.Info, e).(*types.Func)
		if fn == nil {
			return nil
		}
		if d, ok := prog.doorOf(fn.Origin()); ok && d.op == opOpen {
			return prog.openedName(p, e)
		}
		if f := prog.declared[fn.Origin()]; f != nil {
			var all []term
			for i := range f.sig.Results().Len() {
				if sessionType(f.sig.Results().At(i).Type()) == nil {
					continue
				}
				for _, result := range prog.results(f, i) {
					all = append(all, prog.nameOf(f.pkg, result, seen)...)
				}
			}
			return all
		}
	case *ast.StarExpr:
		return prog.nameOf(p, e.X, seen)
	case *ast.UnaryExpr:
		return prog.nameOf(p, e.X, seen)
	case *ast.Ident, *ast.SelectorExpr:
		v := variable(p, e)
		if v == nil || seen[v] {
			return nil
		}
		seen[v] = true
		var all []term
		for _, d := range prog.defs[v] {
			switch {
			case d.expr == nil || d.part != whole:
			case makesManager(d.pkg, d.expr): // each of scs's managers has a cookie of its own
				all = append(all, term{kind: constantKey, text: v.Name()})
			default:
				all = append(all, prog.nameOf(d.pkg, d.expr, seen)...)
			}
		}
		if at, ok := prog.params[v]; ok {
			for _, c := range prog.callsOf(at.fn) {
				for _, arg := range at.fn.arguments(c, at.index) {
					all = append(all, prog.nameOf(c.pkg, arg, seen)...)
				}
			}
		}
		return all
	}
	return nil
}

// makesManager recognises scs.New().
func makesManager(p *pkg, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn, _ := typeutil.Callee(p.Info, call).(*types.Func)
	return fn != nil && fn.Pkg() != nil && withoutVersion(fn.Pkg().Path()) == "github.com/alexedwards/scs" &&
		(fn.Name() == "New" || fn.Name() == "NewSession")
}

// valuesOf returns the library whose session's map of values an expression is, or nil.
func (prog *program) valuesOf(p *pkg, n *ast.SelectorExpr) *library {
	sel := p.Info.Selections[n]
	if sel == nil || sel.Kind() != types.FieldVal || sel.Obj().Pkg() == nil {
		return nil
	}
	path := withoutVersion(sel.Obj().Pkg().Path())
	for _, lib := range libraries {
		if lib.values == sel.Obj().Name() && lib.pkgs[path] != nil {
			return lib
		}
	}
	return nil
}

// endsCookie recognises MaxAge = -1, by which gorilla's and gin's sessions end.
func endsCookie(p *pkg, n ast.Node) *library {
	var field, val ast.Expr
	switch n := n.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
			return nil
		}
		field, val = n.Lhs[0], n.Rhs[0]
	case *ast.CompositeLit:
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "MaxAge" {
					field, val = id, kv.Value
				}
			}
		}
	}
	if field == nil {
		return nil
	}
	v := variable(p, field)
	tv := p.Info.Types[val]
	if v == nil || v.Name() != "MaxAge" || v.Pkg() == nil || tv.Value == nil || constant.Sign(tv.Value) >= 0 {
		return nil
	}
	path := withoutVersion(v.Pkg().Path())
	for _, lib := range libraries {
		if lib.pkgs[path] != nil {
			return lib
		}
	}
	return nil
}
