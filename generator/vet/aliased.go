package vet

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Aliased reports changes of copies.
var Aliased = &analysis.Analyzer{
	Name: "aliased",
	Doc: `report changes of what a getter of a session returned

Question: is a slice, map, pointer or struct that a getter, LookupF or Snapshot has returned changed, and the result never
used? Getters return copies: the session does not change with them.

A change is an assignment to an element or a field, ++ and --, delete, clear, copy, append, and the functions of sort, slices
and maps that work in place. It is lost at once if it is made on the call itself. If it is made on a variable it is lost if
the variable is not used after it: only changed further, compared, or asked for a length that no change can have altered.

Out of scope: a changed copy that is used afterwards, for it may have been changed to be shown; variables that a closure
captures or whose address is taken.

	s.Prefs()["lang"] = "en" // s.PutPrefs("lang", "en")
	s.Cart()[0].Qty++        // cart := s.Cart(); cart[0].Qty++; s.SetCart(cart)`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow, inspect.Analyzer},
	Run:      runAliased,
}

func runAliased(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	copies := map[*types.Var]*copyOf{}
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	for c := range root.Preorder((*ast.CallExpr)(nil)) {
		if p.skipped[pass.Fset.File(c.Node().Pos())] {
			continue
		}
		m, t, session := p.sessions.callee(pass.TypesInfo, c.Node().(*ast.CallExpr))
		switch m.kind {
		case kindValue:
			if m.field.Flash {
				continue
			}
		case kindSnapshot:
		default:
			continue
		}
		g := getter{c.Node().(*ast.CallExpr), m, t, session}
		e, change := p.changeOf(c)
		switch {
		case change != nil:
			pass.Report(g.diagnose(change, e))
		default:
			if v := p.copyIn(c, e); v != nil {
				copies[v] = &copyOf{getter: g, appended: isAppend(p, e)}
			}
		}
	}
	if len(copies) > 0 {
		p.reportCopies(pass, root, copies)
	}
	return nil, nil
}

// A getter is the call of one.
type getter struct {
	call    *ast.CallExpr
	method  method
	session *sessionType
	on      ast.Expr // may be nil
}

// diagnose reports a change of the getter's result itself. whole is the expression that is changed.
func (g getter) diagnose(change ast.Node, whole ast.Expr) analysis.Diagnostic {
	d := analysis.Diagnostic{
		Pos: whole.Pos(), End: whole.End(),
		Message: fmt.Sprintf("this changes the copy that %s returned, not the session%s", methodName(g.call), g.advice()),
	}
	if fix := g.fix(change); fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*fix}
	}
	return d
}

func (g getter) advice() string {
	if g.method.field == nil {
		return ": use a setter"
	}
	return ": use Set" + g.method.field.Name
}

// changeOf climbs from a call to the largest part of it that an expression is (an element, a field, appended to) and
// returns that, and the statement or call that changes it, if one does.
func (p *program) changeOf(c inspector.Cursor) (ast.Expr, ast.Node) {
	e := c.Node().(ast.Expr)
	for {
		parent := c.Parent()
		switch n := parent.Node().(type) {
		case *ast.ParenExpr, *ast.StarExpr, *ast.TypeAssertExpr:
			e, c = n.(ast.Expr), parent
			continue
		case *ast.SelectorExpr:
			if _, isField := p.info.Uses[n.Sel].(*types.Var); isField {
				e, c = n, parent
				continue
			}
		case *ast.IndexExpr:
			if n.X == e {
				e, c = n, parent
				continue
			}
		case *ast.SliceExpr:
			if n.X == e {
				e, c = n, parent
				continue
			}
		case *ast.UnaryExpr:
			if n.Op.String() == "&" {
				e, c = n, parent
				continue
			}
		case *ast.CallExpr:
			if len(n.Args) > 0 && n.Args[0] == e {
				switch p.inPlace(n) {
				case known.ChangesArgument:
					return e, n
				case known.ReturnsChanged:
					e, c = n, parent
					continue
				}
			}
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if lhs == e {
					return e, n
				}
				if id, ok := lhs.(*ast.Ident); ok && id.Name == "_" && len(n.Rhs) == len(n.Lhs) && n.Rhs[i] == e && isAppend(p, e) {
					return e, n
				}
			}
		case *ast.IncDecStmt:
			return e, n
		}
		return e, nil
	}
}

// copyIn returns the variable that e, which contains the call of a getter, is the first value of.
func (p *program) copyIn(c inspector.Cursor, e ast.Expr) *types.Var {
	for c.Node() != e {
		c = c.Parent()
	}
	var id *ast.Ident
	switch n := c.Parent().Node().(type) {
	case *ast.AssignStmt:
		for i, rhs := range n.Rhs {
			if rhs == e {
				id, _ = n.Lhs[i].(*ast.Ident)
			}
		}
	case *ast.ValueSpec:
		for i, value := range n.Values {
			if value == e {
				id = n.Names[i]
			}
		}
	}
	if id == nil {
		return nil
	}
	v, _ := p.info.Defs[id].(*types.Var)
	return v
}

// inPlace returns how a call changes its first argument.
func (p *program) inPlace(call *ast.CallExpr) known.Change { return known.ChangeOf(p.callee(call)) }

func isAppend(p *program, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	return ok && p.inPlace(call) == known.ReturnsChanged
}
