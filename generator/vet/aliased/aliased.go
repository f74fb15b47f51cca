// Package aliased has the analyzer that reports changes of copies that a getter of a session returned.
package aliased

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
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
