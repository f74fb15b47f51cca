package aliased

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

// A copyOf is a variable whose first value a getter returned, and what happens to it.
type copyOf struct {
	getter
	appended bool // its first value was appended to
	changes  []use
	reads    []use // uses by which a changed copy may matter
	lengths  []use // uses that tell the length, and nothing else
	resized  bool  // some change may alter a length: lengths are reads then
	unclear  bool  // it is captured, or gets other values
}

// A use is one occurrence of a variable.
type use struct {
	node  ast.Node
	loops []ast.Node // the loops around it
}

// reportCopies reports the changes of copies after which nobody looks at the copy.
func (p finder) reportCopies(pass *analysis.Pass, copies map[*types.Var]*copyOf) {
	for c := range p.Root.Preorder((*ast.Ident)(nil)) {
		v, ok := p.Info.Uses[c.Node().(*ast.Ident)].(*types.Var)
		if !ok {
			continue
		}
		if cp := copies[v]; cp != nil {
			p.classify(c, v, cp)
		}
	}
	var found []*copyOf
	for _, cp := range copies {
		if cp.unclear {
			continue
		}
		if cp.appended {
			cp.changes = append(cp.changes, use{node: cp.call})
		}
		if cp.appended || cp.resized {
			cp.reads = append(cp.reads, cp.lengths...)
		}
		cp.changes = slices.DeleteFunc(cp.changes, func(change use) bool {
			return slices.ContainsFunc(cp.reads, func(read use) bool { return read.after(change) })
		})
		if len(cp.changes) > 0 {
			found = append(found, cp)
		}
	}
	slices.SortFunc(found, func(a, b *copyOf) int { return cmp.Compare(a.call.Pos(), b.call.Pos()) })
	for _, cp := range found {
		first := slices.MinFunc(cp.changes, func(a, b use) int { return cmp.Compare(a.node.Pos(), b.node.Pos()) }).node
		pass.Report(analysis.Diagnostic{
			Pos: first.Pos(), End: first.End(),
			Message: fmt.Sprintf("this changes the copy that %s returned, which is not used any more%s",
				source.CalledName(cp.call), cp.advice()),
			Related: []analysis.RelatedInformation{{Pos: cp.call.Pos(), Message: "the copy comes from here"}},
		})
	}
}

// after reports whether control may come to u after other: u stands behind it, or some loop is around both.
func (u use) after(other use) bool {
	return u.node.Pos() > other.node.Pos() ||
		slices.ContainsFunc(u.loops, func(l ast.Node) bool { return slices.Contains(other.loops, l) })
}

// classify adds one occurrence of a copy to its changes or to its reads, or to neither if it does not matter.
func (p finder) classify(c inspector.Cursor, v *types.Var, cp *copyOf) {
	u := use{node: c.Node()}
	var stmt ast.Stmt
	for up := c.Parent(); up.Node() != nil; up = up.Parent() {
		switch n := up.Node().(type) {
		case *ast.FuncLit:
			if v.Pos() < n.Pos() || n.End() <= v.Pos() {
				cp.unclear = true // captured
				return
			}
		case *ast.RangeStmt:
			if n.Body.Pos() <= u.node.Pos() { // the operand of range is evaluated once
				u.loops = append(u.loops, n)
			}
		case *ast.ForStmt:
			u.loops = append(u.loops, n)
		}
		if n, ok := up.Node().(ast.Stmt); ok && stmt == nil {
			stmt = n
		}
	}
	whole, change := p.changeOf(c)
	assign, _ := change.(*ast.AssignStmt)
	switch {
	case assign != nil && source.Drops(assign):
	case assign != nil && whole == c.Node() && !p.appendsTo(assign, v):
		cp.unclear = true // the variable gets another value
	case change != nil:
		u.node = whole
		cp.changes = append(cp.changes, u)
		cp.resized = cp.resized || p.resizes(whole, change)
	case p.tellsLength(c, whole):
		cp.lengths = append(cp.lengths, u)
	case p.neutral(c, whole, stmt, v):
	case p.shares(c, whole):
		cp.unclear = true
	default:
		cp.reads = append(cp.reads, u)
	}
}

// tellsLength reports whether a use of a copy tells its length: len, cap, a loop that looks at the indices of a list
// only. The keys of a map are more than that.
func (p finder) tellsLength(c inspector.Cursor, whole ast.Expr) bool {
	for c.Node() != whole {
		c = c.Parent()
	}
	switch n := c.Parent().Node().(type) {
	case *ast.CallExpr:
		b, ok := p.Callee(n).(*types.Builtin)
		return ok && (b.Name() == "len" || b.Name() == "cap")
	case *ast.RangeStmt:
		_, isMap := p.Info.TypeOf(whole).Underlying().(*types.Map)
		return n.X == whole && n.Value == nil && !isMap
	}
	return false
}

// resizes reports whether a change of whole may alter a length: it assigns a slice or a map, or puts something into a
// map, or takes something out.
func (p finder) resizes(whole ast.Expr, change ast.Node) bool {
	if call, ok := change.(*ast.CallExpr); ok {
		_, isMap := p.Info.TypeOf(call.Args[0]).Underlying().(*types.Map)
		return isMap
	}
	if index, ok := ast.Unparen(whole).(*ast.IndexExpr); ok {
		if _, isMap := p.Info.TypeOf(index.X).Underlying().(*types.Map); isMap {
			return true
		}
	}
	return holdsReferences(p.Info.TypeOf(whole), 0)
}

// neutral reports whether a use of a copy shows none of its changes: an element is compared, or the next value of an
// element is computed from it.
func (p finder) neutral(c inspector.Cursor, whole ast.Expr, stmt ast.Stmt, v *types.Var) bool {
	for c.Node() != whole {
		c = c.Parent()
	}
	switch n := c.Parent().Node().(type) {
	case *ast.BinaryExpr:
		switch n.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return true
		}
	case *ast.AssignStmt:
		if source.Drops(n) {
			return true
		}
	}
	assign, ok := stmt.(*ast.AssignStmt)
	if !ok || !slices.ContainsFunc(assign.Lhs, func(lhs ast.Expr) bool { return p.RootOf(lhs) == v }) {
		return false
	}
	for up := c.Parent(); up.Node() != assign; up = up.Parent() {
		if call, ok := up.Node().(*ast.CallExpr); ok && p.ChangeBy(call) != known.ReturnsChanged {
			return false
		}
	}
	return true
}

// shares reports whether a use may alias a value that is changed later: a map, say, that goes into a struct.
func (p finder) shares(c inspector.Cursor, whole ast.Expr) bool {
	for c.Node() != whole {
		c = c.Parent()
	}
	switch n := c.Parent().Node().(type) {
	case *ast.RangeStmt:
		return false
	case *ast.CallExpr:
		if fn := p.StaticCallee(n); fn != nil && known.OnlyReads(fn) {
			return false
		}
	}
	return holdsReferences(p.Info.TypeOf(whole), 0)
}

// holdsReferences reports whether two copies of a value of the type can share anything.
func holdsReferences(t types.Type, depth int) bool {
	if depth > 8 || t == nil {
		return true
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return false
	case *types.Array:
		return holdsReferences(u.Elem(), depth+1)
	case *types.Struct:
		for v := range u.Fields() {
			if holdsReferences(v.Type(), depth+1) {
				return true
			}
		}
		return false
	}
	return true
}

// appendsTo reports whether an assignment appends to v, or cuts from it, and does nothing else.
func (p finder) appendsTo(n *ast.AssignStmt, v *types.Var) bool {
	if len(n.Lhs) != 1 || len(n.Rhs) != 1 {
		return false
	}
	call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	return ok && p.ChangeBy(call) == known.ReturnsChanged && p.RootOf(call.Args[0]) == v
}
