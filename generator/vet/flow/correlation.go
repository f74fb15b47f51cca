package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// correlationOn returns the correlation of the condition on the edge from b to its i-th successor.
func (f *Func) correlationOn(b *cfg.Block, i int) correlation {
	if len(b.Succs) != 2 {
		return correlation{}
	}
	next := b.Succs[i]
	if clause, ok := b.Succs[0].Stmt.(*ast.CaseClause); ok && b.Succs[0].Kind == cfg.KindSwitchCaseBody {
		if _, ok := f.Vars.TypeTags[clause]; ok || f.Vars.Tags[clause] != nil {
			pastTheLast := next.Kind == cfg.KindSwitchNextCase && len(next.Succs) == 1 &&
				next.Succs[0].Kind == cfg.KindSwitchDone
			return correlation{always: pastTheLast}
		}
	}
	cond, ok := lastExpr(b)
	if !ok {
		return correlation{}
	}
	if x, ok := f.comparedWithConstant(cond); ok && i == 1 && f.comparisons()[x] > 1 && !f.comparesAgain(next, x) {
		return correlation{always: true}
	}
	var d correlation
	d.dependsOn(f, cond, 0)
	return d
}

// dependsOn adds the fields that an expression reads of a session, and whether it depends on a variable that is
// assigned in several places, be it in part. An error that is assigned again and again is no such variable: error
// edges are known.
func (d *correlation) dependsOn(f *Func, e ast.Expr, depth int) {
	if depth > 4 {
		d.always = true
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if m, _, _ := f.pkg.Called(n); m.Field != nil {
				d.fields = append(d.fields, m.Field.Name)
				return false
			}
		case *ast.Ident:
			v, ok := f.pkg.Info.Uses[n].(*types.Var)
			if !ok || v.IsField() || f.pkg.IsError(v.Type()) {
				return true
			}
			defs := len(f.Vars.Defs[v])
			if defs > 0 {
				defs += f.Vars.Parts[v] // problems["name"] = "missing" is like problems = append(problems, "name")
			}
			if defs > 1 || defs == 1 && f.IsParam(v) {
				d.always = true
			} else if val, _ := f.Vars.Value(v); val != nil {
				d.dependsOn(f, val, depth+1)
			}
		}
		return true
	})
}

// with reports whether the condition may be correlated with the given changes of a session.
func (d correlation) with(changes []*Event) bool {
	if d.always {
		return true
	}
	return len(d.fields) > 0 && slices.ContainsFunc(changes, func(e *Event) bool {
		return e.mayBeOfAnyField() || e.Field != nil && slices.Contains(d.fields, e.Field.Name)
	})
}

// comparesAgain reports whether a condition from a block on compares x with a constant.
func (f *Func) comparesAgain(b *cfg.Block, x string) bool {
	for i, reached := range f.Reachable(nil, int(b.Index)) {
		if cond, ok := lastExpr(f.Blocks[i].Block); ok && reached {
			if y, ok := f.comparedWithConstant(cond); ok && x == y {
				return true
			}
		}
	}
	return false
}

// comparedWithConstant returns the operand that a condition compares with a constant, as source text.
func (f *Func) comparedWithConstant(cond ast.Expr) (string, bool) {
	c, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || c.Op != token.EQL {
		return "", false
	}
	info := f.pkg.Info
	switch {
	case info.Types[c.Y].Value != nil:
		return types.ExprString(c.X), true
	case info.Types[c.X].Value != nil:
		return types.ExprString(c.Y), true
	}
	return "", false
}

// comparisons counts for each expression how many conditions of the function compare it with a constant.
func (f *Func) comparisons() map[string]int {
	if f.compared == nil {
		f.compared = map[string]int{}
		for _, b := range f.Blocks {
			if cond, ok := lastExpr(b.Block); ok {
				if x, ok := f.comparedWithConstant(cond); ok {
					f.compared[x]++
				}
			}
		}
	}
	return f.compared
}

// suppressCorrelated suppresses the sessions that the other branch saves and this one does not, if the condition may be
// correlated with their changes.
func (f *Func) suppressCorrelated(s *State, b *Block, i int) {
	d := b.edges[i].correlation
	if !d.always && len(d.fields) == 0 {
		return
	}
	for _, c := range f.Sessions.List {
		if cs := &s.Sessions[c.Index]; cs.Level == Dirty && d.with(cs.Pending) {
			if saves := f.savedBehind(c); saves[b.Succs[1-i].Index] && !saves[b.Succs[i].Index] {
				cs.Level = Suppressed
			}
		}
	}
}
