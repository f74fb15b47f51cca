package aliased

import (
	"go/ast"
	"go/token"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"golang.org/x/tools/go/analysis"
)

// fix returns how a change of a getter's result is written as a change of the session, where there is a method for just
// that: PutF for s.F()[k] = v, DeleteF for delete(s.F(), k), AppendF for _ = append(s.F(), v...).
func (g getter) fix(change ast.Node) *analysis.SuggestedFix {
	sel, ok := ast.Unparen(g.call.Fun).(*ast.SelectorExpr)
	if !ok || g.method.Field == nil || g.on == nil || sel.Sel.Name != g.method.Field.Name {
		return nil
	}
	name := g.method.Field.Name
	owns := func(prefix string) bool { return g.session.Method(prefix+name).Kind == generated.Changes }
	edit := func(from, to token.Pos, text string) analysis.TextEdit {
		return analysis.TextEdit{Pos: from, End: to, NewText: []byte(text)}
	}
	replace := func(method string, between ...analysis.TextEdit) *analysis.SuggestedFix {
		return &analysis.SuggestedFix{
			Message:   "Use " + method,
			TextEdits: append([]analysis.TextEdit{edit(sel.Sel.Pos(), sel.Sel.End(), method)}, between...),
		}
	}
	switch n := change.(type) {
	case *ast.AssignStmt:
		if len(n.Lhs) != 1 || len(n.Rhs) != 1 || n.Tok != token.ASSIGN {
			return nil
		}
		if index, ok := n.Lhs[0].(*ast.IndexExpr); ok && index.X == g.call && owns("Put") {
			return replace("Put"+name,
				edit(g.call.Lparen, index.Index.Pos(), "("),
				edit(index.Index.End(), n.Rhs[0].Pos(), ", "),
				edit(n.End(), n.End(), ")"))
		}
		if call, ok := n.Rhs[0].(*ast.CallExpr); ok && owns("Append") {
			id, ok := call.Fun.(*ast.Ident)
			if ok && id.Name == "append" && len(call.Args) > 1 && call.Args[0] == g.call {
				return replace("Append"+name,
					edit(n.Pos(), g.call.Pos(), ""), edit(g.call.Lparen, call.Args[1].Pos(), "("))
			}
		}
	case *ast.CallExpr:
		id, ok := n.Fun.(*ast.Ident)
		if ok && id.Name == "delete" && len(n.Args) == 2 && n.Args[0] == g.call && owns("Delete") {
			return replace("Delete"+name,
				edit(n.Pos(), g.call.Pos(), ""), edit(g.call.Lparen, n.Args[1].Pos(), "("))
		}
	}
	return nil
}
