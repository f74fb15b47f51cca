// Package secretleak has the analyzer that reports secrets of a session on their way to a log.
package secretleak

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
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

// logsParams is the fact that a function passes some of its parameters to a logger.
type logsParams struct{ Params []int }

func (*logsParams) AFact() {}

func (l *logsParams) String() string { return fmt.Sprintf("logs %v", l.Params) }

// secrets is one run.
type secrets struct {
	*generated.Package
	pass  *analysis.Pass
	vars  *source.Vars                // of all functions at once: a literal sees the variables around it
	found map[*types.Func]*logsParams // of this package

	stores map[*types.Var][]fieldStore
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

// isSink reports whether an argument is itself a call that is reported, as slog.String within slog.Info is.
func (x *secrets) isSink(arg ast.Expr) bool {
	call, ok := ast.Unparen(arg).(*ast.CallExpr)
	if !ok {
		return false
	}
	args, _ := x.sinkArgs(call)
	return len(args) > 0
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

// inferLoggers finds the functions of the package that log their arguments, until no more come up.
func (x *secrets) inferLoggers() {
	for again := true; again; {
		again = false
		for fn, decl := range x.Decls {
			f := x.FuncAt(decl)
			if f == nil || fn.Signature().Params().Len() == 0 {
				continue
			}
			if m, _ := x.Method(fn); m.Kind != generated.NotGenerated {
				continue
			}
			logs := x.logsOf(f)
			if before := x.found[fn]; len(logs) > 0 && (before == nil || len(before.Params) < len(logs)) {
				x.found[fn] = &logsParams{logs}
				again = true
			}
		}
	}
	for fn, fact := range x.found {
		if fn.Exported() {
			x.pass.ExportObjectFact(fn, fact)
		}
	}
}

// logsOf returns which parameters a function passes to a logger.
func (x *secrets) logsOf(f *source.Func) []int {
	var out []int
	ast.Inspect(f.Body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		args, where := x.sinkArgs(call)
		if where == string(known.ErrorText) || where == string(known.Panic) {
			return true // an error that a function makes is not logged yet
		}
		for _, arg := range args {
			for _, i := range x.paramsIn(f, arg) {
				if !slices.Contains(out, i) {
					out = append(out, i)
				}
			}
		}
		return true
	})
	slices.Sort(out)
	return out
}

// logged returns which parameters of a function end in a log.
func (x *secrets) logged(fn *types.Func) []int {
	fn = fn.Origin()
	if l := x.found[fn]; l != nil {
		return l.Params
	}
	var fact logsParams
	if fn.Pkg() != x.Types && x.pass.ImportObjectFact(fn, &fact) {
		return fact.Params
	}
	return nil
}
