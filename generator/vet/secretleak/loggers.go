package secretleak

import (
	"go/ast"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

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
