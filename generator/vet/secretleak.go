package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// SecretLeak reports secrets on their way to a log.
var SecretLeak = &analysis.Analyzer{
	Name: "secretleak",
	Doc: `report secrets of a session that are logged, printed or put into an error

Question: is the value of a field with the secret option, a Snapshot of a schema that has one, or Meta().Token passed to a
logger, to fmt.Print or to the text of an error?

It is followed through conversions, concatenation, composite literals, fmt.Sprint, json.Marshal and the like, loops over a
secret list or map, and variables and fields that are assigned once. Loggers are log, log/slog, common logging packages, and
functions that pass their own parameters on to one. Error texts are fmt.Errorf, errors.New, http.Error and panic.

Out of scope: a secret that is written to the response or to another file, where it may belong; parts of a secret, hashes of
it, its length, which may be shown on purpose; a secret that is converted to a type with a LogValue, String, GoString, Format,
MarshalText or MarshalJSON method, or is of a type with LogValue, which is to hide it; a Snapshot in a variable whose secret
fields have all been assigned. The session itself and Meta() print without their secrets.

	log.Printf("wrong code %q, want %q", code, s.OTP())`,
	URL:       docURL,
	Requires:  []*analysis.Analyzer{flow, inspect.Analyzer},
	FactTypes: []analysis.Fact{new(logsParams)},
	Run:       runSecretLeak,
}

// logsParams is the fact that a function passes some of its parameters to a logger.
type logsParams struct{ Params []int }

func (*logsParams) AFact() {}

func (l *logsParams) String() string { return fmt.Sprintf("logs %v", l.Params) }

// secrets is one run.
type secrets struct {
	*program
	pass  *analysis.Pass
	vars  *vars                       // of all functions at once: a literal sees the variables around it
	found map[*types.Func]*logsParams // of this package

	stores map[*types.Var][]fieldStore
}

func runSecretLeak(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	x := &secrets{
		program: p, pass: pass, vars: newVars(p, nil), found: map[*types.Func]*logsParams{}, stores: map[*types.Var][]fieldStore{},
	}
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	x.inferLoggers()
	if !x.hasSources(root) {
		return nil, nil
	}
	for _, f := range p.functions {
		if f.outer == nil {
			x.vars.scan(f.node, false)
		}
	}
	x.findStores(root)
	for c := range root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		if p.skipped[pass.Fset.File(call.Pos())] {
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
func (x *secrets) hasSources(root inspector.Cursor) bool {
	for c := range root.Preorder((*ast.SelectorExpr)(nil)) {
		sel := c.Node().(*ast.SelectorExpr)
		if !x.skipped[x.pass.Fset.File(sel.Pos())] && x.source(sel) != "" {
			return true
		}
	}
	return false
}

// inferLoggers finds the functions of the package that log what they are given, until no more come up.
func (x *secrets) inferLoggers() {
	for again := true; again; {
		again = false
		for fn, decl := range x.decls {
			f := x.byNode[decl]
			if f == nil || fn.Signature().Params().Len() == 0 {
				continue
			}
			if m, _ := x.sessions.method(fn); m.kind != notGenerated {
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
func (x *secrets) logsOf(f *function) []int {
	var out []int
	ast.Inspect(f.body, func(n ast.Node) bool {
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
	if fn.Pkg() != x.pass.Pkg && x.pass.ImportObjectFact(fn, &fact) {
		return fact.Params
	}
	return nil
}
