package adopt

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// An option is one of a field's tag, and why it is there.
type option struct {
	text string
	why  string
}

var (
	// who end the keys that say who somebody is, or what they may do.
	who = setOf("user", "uid", "userid", "username", "account", "accountid", "member", "admin", "role", "roles", "permission",
		"permissions", "rights", "authenticated", "authorized", "loggedin", "customer", "staff", "superuser", "principal", "identity")
	// owners are what an id or a name may belong to.
	owners = setOf("user", "account", "member", "admin", "customer", "staff", "login", "authenticated")
	hidden = setOf("token", "tokens", "secret", "password", "passwd", "otp", "csrf", "jwt", "apikey", "credential", "credentials", "hash")
	states = setOf("nonce", "verifier", "challenge", "pkce", "webauthn")
)

// has reports whether a field has an option.
func (k *key) has(text string) bool {
	return slices.ContainsFunc(k.options, func(o option) bool { return o.text == text })
}

// saysWho reports whether a key names a user, a role or a right.
func saysWho(k *key) bool {
	w := words(k.text)
	if len(w) == 0 {
		return false
	}
	last := w[len(w)-1]
	switch {
	case who[last]:
		return len(w) < 2 || !setOf("last", "old", "previous", "prev")[w[0]]
	case last == "in" && len(w) > 1 && setOf("logged", "signed")[w[len(w)-2]]:
		return true
	case len(w) == 1 && last == "id", len(w) > 1 && owners[w[len(w)-2]] && setOf("id", "name", "uuid", "key")[last]:
		return true
	}
	n := namedOf(orAny(k.typ))
	return n != nil && setOf("User", "Account", "Member", "Admin", "Customer", "Principal", "Claims")[n.Obj().Name()]
}

// isState reports whether a key is there for one round trip of a login. A number or a time beside it says how long.
func isState(k *key) bool {
	if isMeasure(k.typ) {
		return false
	}
	w := words(k.text)
	for i, word := range w {
		if states[word] || strings.HasPrefix(word, "verifier") {
			return true
		}
		if word == "state" && (len(w) == 1 || i > 0 && setOf("oauth", "oauth2", "oidc", "auth", "login", "sso", "saml", "google", "github", "csrf")[w[i-1]]) {
			return true
		}
	}
	return false
}

// isMeasure reports whether a type is of numbers, times or truths, which neither guard nor open anything.
func isMeasure(t types.Type) bool {
	b, ok := orAny(t).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString == 0 || orAny(t).String() == "time.Time"
}

// isSecret reports whether a key's value opens something.
func isSecret(k *key) bool {
	if b, ok := orAny(k.typ).Underlying().(*types.Basic); ok && b.Info()&types.IsBoolean != 0 {
		return false // that there is one, or was
	}
	w := words(k.text)
	for i, word := range w {
		if hidden[word] && (word != "hash" || i > 0 && setOf("password", "passwd", "pw")[w[i-1]]) {
			return true
		}
	}
	return false
}

// chooseOptions decides the options of a field. A counter is never one of them: that each writer means to add is more
// than can be told.
func (st *study) chooseOptions(k *key) {
	if k.hole == nil && saysWho(k) && !isState(k) && !isSecret(k) {
		if at, ok := st.login(k); ok {
			k.options = append(k.options, option{"renew", "says who is logged in, and is set in a login: " + st.at(at)})
		}
	}
	if why := st.readOnce(k); why != "" && len(k.options) == 0 && !isState(k) && (!isSecret(k) || k.flash) {
		k.options = append(k.options, option{"flash", why})
	}
	switch {
	case isState(k):
		k.options = append(k.options, option{"secret", "guards a login"}, option{"ttl=10m", "no login takes longer"})
	case isSecret(k):
		k.options = append(k.options, option{"secret", "is not for logs"})
	}
	if k.usesJSON() {
		k.options = append(k.options, option{"json", "its type could not be told: write the one that it has"})
	}
}

// login returns a place where a login writes the key.
func (st *study) login(k *key) (token.Pos, bool) {
	for _, w := range k.written {
		if st.isLogin(k, w) {
			return w.site.at, true
		}
	}
	return token.NoPos, false
}

// isLogin reports whether a write of a value stands in a login.
func (st *study) isLogin(k *key, w write) bool {
	f := w.site.fn
	return f != nil && !w.isNil && !w.zero && st.prog.about(f, loginName, near) && !st.prog.about(f, logoutName, 0) && !hasFailed(w.site)
}

// hasFailed reports whether a site stands in what is done about an error: the name that somebody gave for a login that
// failed is not who is logged in.
func hasFailed(s *site) bool {
	for up := range s.cur.Enclosing((*ast.IfStmt)(nil)) {
		n := up.Node().(*ast.IfStmt)
		c, ok := ast.Unparen(n.Cond).(*ast.BinaryExpr)
		if !ok || c.Op != token.NEQ || !within(n.Body, s.at) {
			continue
		}
		if t := s.pkg.Info.TypeOf(c.X); t != nil && t.String() == "error" && s.pkg.Info.Types[c.Y].IsNil() {
			return true
		}
	}
	return false
}

// readOnce says why a key is a flash, or nothing.
func (st *study) readOnce(k *key) string {
	if k.flash {
		return "is added as a flash: " + st.at(k.writes[0].at)
	}
	if len(k.writes) == 0 {
		return ""
	}
	var reads, pops []*site
	for _, s := range k.reads {
		switch s.op {
		case opPop:
			pops = append(pops, s)
		case opRead, opDecode:
			reads = append(reads, s)
		}
	}
	if len(pops) > 0 && len(reads) == 0 {
		return "is popped: " + st.at(pops[0].at)
	}
	if len(reads) == 0 || len(k.removes) == 0 {
		return ""
	}
	for _, r := range reads { // each read has a removal in its own function
		if !slices.ContainsFunc(k.removes, func(d *site) bool { return d.fn == r.fn && d.at > r.at && removesWhatWasRead(r, d) }) {
			return ""
		}
	}
	return "is read and removed at once: " + st.at(reads[0].at)
}

// removesWhatWasRead reports whether a function removes a value whenever it has read one: not in a branch for a value
// that is wrong or absent, not where something else decides, not behind a return that leaves it for another time.
func removesWhatWasRead(read, remove *site) bool {
	if read.fn == nil {
		return false
	}
	got := gotten(read)
	for up := range remove.cur.Enclosing((*ast.IfStmt)(nil), (*ast.CaseClause)(nil), (*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		if up.Node() == read.fn.node {
			break
		}
		n, ok := up.Node().(*ast.IfStmt)
		if !ok {
			return false
		}
		if within(n.Init, remove.at) || within(n.Cond, remove.at) || within(n.Body, read.at) || within(n.Else, read.at) {
			continue
		}
		if !within(n.Body, remove.at) || isNegative(n.Cond) || !within(n.Init, read.at) && !within(n.Cond, read.at) && !mentions(read.pkg, n.Cond, got) {
			return false
		}
	}
	return !returnsBetween(read, remove, got)
}

// gotten are the variables that a read sets.
func gotten(read *site) map[*types.Var]bool {
	set := map[*types.Var]bool{}
	for up := range read.cur.Enclosing((*ast.AssignStmt)(nil)) {
		for _, lhs := range up.Node().(*ast.AssignStmt).Lhs {
			if v := variable(read.pkg, lhs); v != nil {
				set[v] = true
			}
		}
		break
	}
	return set
}

// mentions reports whether a condition is one on a variable.
func mentions(p *pkg, e ast.Expr, vars map[*types.Var]bool) bool {
	found := false
	ast.Inspect(e, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok && !isLen(call) { // what a function says of it is something else
			return false
		}
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := p.Info.Uses[id].(*types.Var); ok && vars[v] {
				found = true
			}
		}
		return !found
	})
	return found
}

func isLen(call *ast.CallExpr) bool {
	id, ok := call.Fun.(*ast.Ident)
	return ok && id.Name == "len"
}

// returnsBetween reports whether a function can return between a read and a removal for a reason that is not the value.
func returnsBetween(read, remove *site, got map[*types.Var]bool) bool {
	found := false
	var conds []ast.Expr
	var walk func(n ast.Node) bool
	walk = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return n == read.fn.node
		case *ast.IfStmt:
			conds = append(conds, n.Cond)
			ast.Inspect(n.Body, walk)
			conds = conds[:len(conds)-1]
			if n.Else != nil {
				ast.Inspect(n.Else, walk)
			}
			return false
		case *ast.ReturnStmt:
			if read.at < n.Pos() && n.Pos() < remove.at {
				found = found || !slices.ContainsFunc(conds, func(c ast.Expr) bool { return mentions(read.pkg, c, got) })
			}
		}
		return true
	}
	ast.Inspect(read.fn.body, walk)
	return found
}

func within(n ast.Node, at token.Pos) bool {
	return n != nil && n.Pos() <= at && at < n.End()
}

// isNegative recognises conditions of a failure: !ok, v == nil, err != nil.
func isNegative(e ast.Expr) bool {
	negative := false
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			negative = negative || n.Op == token.NOT
		case *ast.BinaryExpr:
			id, _ := n.X.(*ast.Ident)
			negative = negative || n.Op == token.EQL || n.Op == token.NEQ && id != nil && id.Name == "err"
		}
		return true
	})
	return negative
}
