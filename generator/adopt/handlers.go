package adopt

import (
	"go/ast"
	"regexp"
)

// What a function is for is told by its name, by those of its callers, and by the paths that a literal is registered
// under.

var (
	loginName = regexp.MustCompile(`(?i)log_?in|sign_?in|sign_?on|sign_?up|authenti|oauth|callback|register|sso|oidc|impersonate|welcome|2fa|totp`)
	// impersonation is for who is logged in already.
	impersonation = regexp.MustCompile(`(?i)impersonat|sudo|switch_?user`)
	logoutName    = regexp.MustCompile(`(?i)log_?out|log_?off|sign_?out|sign_?off|unauthenticate|clear_?session|session_?clear|delete_?session|end_?session`)
)

const near = 3 // calls up or down that a function's purpose is looked for

// declaredFunc is the declared function that a function stands in.
func declaredFunc(f *function) *function {
	for f != nil && f.outer != nil {
		f = f.outer
	}
	return f
}

// labels are what names a function itself: its name, and the constants that a literal is an argument beside.
func (prog *program) labels(f *function) []string {
	names := []string{f.name}
	for ; f != nil && f.outer != nil; f = f.outer {
		cur, ok := f.pkg.root.FindNode(f.node)
		if !ok {
			break
		}
		if c, ok := cur.Parent().Node().(*ast.CallExpr); ok {
			for _, arg := range c.Args {
				if tv := f.pkg.Info.Types[arg]; tv.Value != nil {
					names = append(names, keyText(tv.Value))
				}
			}
		}
	}
	return names
}

// about reports whether a function, or one that calls it within so many steps, is named by a pattern.
func (prog *program) about(f *function, name *regexp.Regexp, steps int) bool {
	found := false
	prog.up(f, steps, func(f *function) bool {
		for _, label := range prog.labels(f) {
			found = found || name.MatchString(label)
		}
		return !found
	})
	return found
}

// up visits a function and those that call it.
func (prog *program) up(f *function, steps int, visit func(*function) bool) {
	seen := map[*function]bool{}
	var walk func(f *function, steps int) bool
	walk = func(f *function, steps int) bool {
		if f == nil || seen[f] {
			return true
		}
		seen[f] = true
		if !visit(f) {
			return false
		}
		if steps == 0 {
			return true
		}
		for _, c := range prog.callsOf(declaredFunc(f)) {
			if !walk(prog.enclosing(c.cur), steps-1) {
				return false
			}
		}
		return true
	}
	walk(f, steps)
}

// down visits a function and those that it calls.
func (prog *program) down(f *function, steps int, visit func(*function)) {
	seen := map[*function]bool{}
	var walk func(f *function, steps int)
	walk = func(f *function, steps int) {
		if f == nil || seen[f] {
			return
		}
		seen[f] = true
		visit(f)
		if steps == 0 {
			return
		}
		ast.Inspect(f.body, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				walk(prog.calledBy(f.pkg, n), steps-1)
			case *ast.FuncLit:
				walk(prog.funcs[n], steps)
				return false
			}
			return true
		})
	}
	walk(f, steps)
}

// around reports whether a function, one that it calls or one that calls it has a site of one of these ops.
func (st *study) around(f *function, has func(*site) bool) bool {
	if f == nil {
		return false
	}
	in := map[*function]bool{}
	st.prog.up(f, near, func(f *function) bool {
		st.prog.down(f, 2, func(f *function) { in[f] = true })
		return true
	})
	for _, s := range st.sites {
		if s.fn != nil && in[s.fn] && has(s) {
			return true
		}
	}
	return false
}
