// Package aliased has the analyzer that reports changes of copies that a getter of a session returned.
package aliased

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/ast/inspector"
)

//go:embed doc.txt
var doc string

// Analyzer reports changes of copies.
var Analyzer = &analysis.Analyzer{
	Name:     "aliased",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/aliased",
	Requires: []*analysis.Analyzer{generated.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	pkg := pass.ResultOf[generated.Analyzer].(*generated.Package)
	if pkg == nil || !pkg.KnowsSessions {
		return nil, nil
	}
	p := finder{pkg}
	copies := map[*types.Var]*copyOf{}
	for c := range p.Root.Preorder((*ast.CallExpr)(nil)) {
		if p.PassedOver(c.Node()) {
			continue
		}
		m, t, session := p.Called(c.Node().(*ast.CallExpr))
		switch m.Kind {
		case generated.Returns:
			if m.Field.Flash {
				continue
			}
		case generated.Snapshots:
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
				copies[v] = &copyOf{getter: g, appended: p.IsAppend(e)}
			}
		}
	}
	if len(copies) > 0 {
		p.reportCopies(pass, copies)
	}
	return nil, nil
}

// A finder looks through a package.
type finder struct{ *generated.Package }

// A getter is the call of one.
type getter struct {
	call    *ast.CallExpr
	method  generated.Method
	session *generated.Type
	on      ast.Expr // may be nil
}

// diagnose reports a change of the getter's result itself. whole is the expression that is changed.
func (g getter) diagnose(change ast.Node, whole ast.Expr) analysis.Diagnostic {
	d := analysis.Diagnostic{
		Pos: whole.Pos(), End: whole.End(),
		Message: fmt.Sprintf("this changes the copy that %s returned, not the session%s",
			source.CalledName(g.call), g.advice()),
	}
	if fix := g.fix(change); fix != nil {
		d.SuggestedFixes = []analysis.SuggestedFix{*fix}
	}
	return d
}

func (g getter) advice() string {
	if g.method.Field == nil {
		return ": use a setter"
	}
	return ": use Set" + g.method.Field.Name
}

// changeOf climbs from a call to the largest part of it that an expression is (an element, a field, appended to) and
// returns that, and the statement or call that changes it, if one does.
func (p finder) changeOf(c inspector.Cursor) (ast.Expr, ast.Node) {
	e := c.Node().(ast.Expr)
	for {
		parent := c.Parent()
		switch n := parent.Node().(type) {
		case *ast.ParenExpr, *ast.StarExpr, *ast.TypeAssertExpr:
			e, c = n.(ast.Expr), parent
			continue
		case *ast.SelectorExpr:
			if _, isField := p.Info.Uses[n.Sel].(*types.Var); isField {
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
				switch p.ChangeBy(n) {
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
				id, ok := lhs.(*ast.Ident)
				if ok && id.Name == "_" && len(n.Rhs) == len(n.Lhs) && n.Rhs[i] == e && p.IsAppend(e) {
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
func (p finder) copyIn(c inspector.Cursor, e ast.Expr) *types.Var {
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
	v, _ := p.Info.Defs[id].(*types.Var)
	return v
}
