// Package secretleak has the analyzer that reports secrets of a session on their way to a log.
package secretleak

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports secrets on their way to a log.
var Analyzer = &analysis.Analyzer{
	Name:      "secretleak",
	Doc:       strings.TrimSpace(doc),
	URL:       "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/secretleak",
	Requires:  []*analysis.Analyzer{generated.Analyzer},
	FactTypes: []analysis.Fact{new(logsParams)},
	Run:       run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[generated.Analyzer].(*generated.Package)
	if p == nil {
		return nil, nil
	}
	x := &secrets{
		Package: p, pass: pass, vars: p.NoVars(),
		found: map[*types.Func]*logsParams{}, stores: map[*types.Var][]fieldStore{},
	}
	x.inferLoggers()
	if !x.hasSources() {
		return nil, nil
	}
	x.vars = p.AllVars()
	x.findStores()
	for c := range x.Root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if p.PassedOver(call) {
			continue
		}
		args, where := x.sinkArgs(call)
		for _, arg := range args {
			if e, what := x.secretIn(arg); e != nil && !x.isSink(arg) {
				pass.Report(analysis.Diagnostic{
					Pos: arg.Pos(), End: arg.End(),
					Message: fmt.Sprintf("%s is secret and goes to %s", what, where),
					Related: []analysis.RelatedInformation{{Pos: e.Pos(), Message: "the secret comes from here"}},
				})
			}
		}
	}
	return nil, nil
}

// hasSources reports whether the package gets at a secret at all.
func (x *secrets) hasSources() bool {
	for c := range x.Root.Preorder((*ast.SelectorExpr)(nil)) {
		sel := c.Node().(*ast.SelectorExpr)
		if !x.PassedOver(sel) && x.secretOf(sel) != "" {
			return true
		}
	}
	return false
}
