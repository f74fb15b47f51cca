package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"golang.org/x/tools/go/cfg"
)

// A doubt is why a reader of the code alone cannot say that a branch can be taken with a session that was changed. If the
// other branch saves, the author is taken to know why this one does not.
type doubt struct {
	always bool     // the condition is a variable that may have been set along with the session, or a list of cases is complete
	fields []string // the condition asks the session for these fields: if s.Visits()%10 == 0 { save }
}

// doubtOn returns what there is to doubt on the way from b to its i-th successor.
func (f *function) doubtOn(b *cfg.Block, i int) doubt {
	if len(b.Succs) != 2 {
		return doubt{}
	}
	next := b.Succs[i]
	if clause, ok := b.Succs[0].Stmt.(*ast.CaseClause); ok && b.Succs[0].Kind == cfg.KindSwitchCaseBody {
		if _, ok := f.vars.typeTags[clause]; ok || f.vars.tags[clause] != nil {
			pastTheLast := len(next.Succs) == 1 && next.Succs[0].Kind == cfg.KindSwitchDone && next.Kind == cfg.KindSwitchNextCase
			return doubt{always: pastTheLast}
		}
	}
	cond, ok := lastExpr(b)
	if !ok {
		return doubt{}
	}
	if x, ok := f.comparedWithConstant(cond); ok && i == 1 && f.comparisons()[x] > 1 && !f.comparesAgain(next, x) {
		return doubt{always: true}
	}
	var d doubt
	d.dependsOn(f, cond, 0)
	return d
}

// dependsOn adds what an expression asks a session for, and whether it depends on a variable that is assigned in several
// places, be it in part. An error that is assigned again and again is no such variable: error edges are known.
func (d *doubt) dependsOn(f *function, e ast.Expr, depth int) {
	if depth > 4 {
		d.always = true
		return
	}
	ast.Inspect(e, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			if m, _, _ := f.prog.sessions.callee(f.prog.info, n); m.field != nil {
				d.fields = append(d.fields, m.field.Name)
				return false
			}
		case *ast.Ident:
			v, ok := f.prog.info.Uses[n].(*types.Var)
			if !ok || v.IsField() || f.prog.isError(v.Type()) {
				return true
			}
			defs := len(f.vars.defs[v])
			if defs > 0 {
				defs += f.vars.parts[v] // problems["name"] = "missing" is like problems = append(problems, "name")
			}
			if defs > 1 || defs == 1 && f.isParam(v) {
				d.always = true
			} else if val, _ := f.vars.value(v); val != nil {
				d.dependsOn(f, val, depth+1)
			}
		}
		return true
	})
}

// about reports whether a session that has been changed by the given events is in doubt.
func (d doubt) about(changes []*event) bool {
	if d.always {
		return true
	}
	return len(d.fields) > 0 && slices.ContainsFunc(changes, func(e *event) bool {
		return e.field == nil && e.what != "Renew" || e.field != nil && slices.Contains(d.fields, e.field.Name)
	})
}

// comparesAgain reports whether a condition from a block on compares x with a constant.
func (f *function) comparesAgain(b *cfg.Block, x string) bool {
	seen := map[*cfg.Block]bool{b: true}
	todo := []*cfg.Block{b}
	for len(todo) > 0 {
		b := todo[0]
		todo = todo[1:]
		if cond, ok := lastExpr(b); ok {
			if y, ok := f.comparedWithConstant(cond); ok && x == y {
				return true
			}
		}
		for _, succ := range b.Succs {
			if !seen[succ] {
				seen[succ] = true
				todo = append(todo, succ)
			}
		}
	}
	return false
}

// comparedWithConstant returns what a condition compares with a constant, as source text.
func (f *function) comparedWithConstant(cond ast.Expr) (string, bool) {
	c, ok := ast.Unparen(cond).(*ast.BinaryExpr)
	if !ok || c.Op != token.EQL {
		return "", false
	}
	info := f.prog.info
	switch {
	case info.Types[c.Y].Value != nil:
		return types.ExprString(c.X), true
	case info.Types[c.X].Value != nil:
		return types.ExprString(c.Y), true
	}
	return "", false
}

// comparisons counts for each expression how many conditions of the function compare it with a constant.
func (f *function) comparisons() map[string]int {
	if f.compared == nil {
		f.compared = map[string]int{}
		for _, b := range f.cfg().Blocks {
			if cond, ok := lastExpr(b); ok {
				if x, ok := f.comparedWithConstant(cond); ok {
					f.compared[x]++
				}
			}
		}
	}
	return f.compared
}

// savedBehind reports for each block whether the session may still be saved from its start on.
func (f *function) savedBehind(c *cell) []bool {
	if known := f.saves[c]; known != nil {
		return known
	}
	out := make([]bool, len(f.blocks))
	for changed := true; changed; {
		changed = false
		for i := len(f.blocks) - 1; i >= 0; i-- {
			b := f.blocks[i]
			o := outlook{}
			for _, succ := range b.Succs {
				o.save = o.save || out[succ.Index]
			}
			for j := len(b.events) - 1; j >= 0; j-- {
				o.apply(&b.events[j], c)
			}
			if o.save != out[i] {
				out[i], changed = o.save, true
			}
		}
	}
	if f.saves == nil {
		f.saves = map[*cell][]bool{}
	}
	f.saves[c] = out
	return out
}

// excuseDoubtful excuses the sessions that the other branch saves and this one does not, as far as they are in doubt.
func (f *function) excuseDoubtful(s *state, b *block, i int) {
	d := b.edges[i].doubt
	if !d.always && len(d.fields) == 0 {
		return
	}
	for _, c := range f.cells.list {
		if cs := &s.cells[c.index]; cs.level == dirty && d.about(cs.pending) {
			if saves := f.savedBehind(c); saves[b.Succs[1-i].Index] && !saves[b.Succs[i].Index] {
				cs.level = excused
			}
		}
	}
}
