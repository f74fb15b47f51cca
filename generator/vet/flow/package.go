// Package flow infers the effects of functions on sessions and responses, and their order. Its types are in model.go.
//
// Each function is read into events on its control-flow graph (events.go, calls.go): a session is loaded, changed or
// saved, something is written to a response, the function fails. Two passes over the graph tell what has certainly
// happened before each point (forward.go) and what may still happen after it (backward.go). The effects of a whole
// function are its summary (summary.go): an event at its callers, and a fact for other packages.
package flow

import (
	"go/ast"
	"go/types"
	"reflect"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"
)

// Analyzer reads a package's functions and exports their effects on sessions and response writers that they are
// given. Its result is a *Package, nil as that of generated.Analyzer.
var Analyzer = &analysis.Analyzer{
	Name:       "sessionflow",
	Doc:        "infer effects on sessions and responses\n\nIt reports nothing; other analyzers of sessionvet need it.",
	URL:        "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet",
	Run:        run,
	Requires:   []*analysis.Analyzer{origin.Analyzer, ctrlflow.Analyzer},
	FactTypes:  []analysis.Fact{new(Summary)},
	ResultType: reflect.TypeFor[*Package](),
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[origin.Analyzer].(*origin.Package)
	if p == nil {
		return (*Package)(nil), nil
	}
	pkg := &Package{
		Package: p, pass: pass, cfgs: pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs),
		funcs: make(map[*source.Func]*Func, len(p.Funcs)),
	}
	for _, f := range p.Funcs {
		pkg.funcs[f] = &Func{Func: p.Func(f), pkg: pkg}
	}
	if p.KnowsSessions {
		pkg.findCalls()
	}
	for fn := range p.Decls {
		f := pkg.FuncOf(fn)
		if f == nil || !fn.Exported() {
			continue
		}
		if pkg.concerns(f.Sig) || pkg.makesError(f) && pkg.summarize(f).Fails {
			pass.ExportObjectFact(fn, pkg.summarize(f))
		}
	}
	for _, f := range p.Funcs { // the analyzers run at the same time and must find all done
		if f := pkg.funcs[f]; f.Opens || f.Adds {
			pkg.summarize(f)
			pkg.read = append(pkg.read, f)
		}
	}
	return pkg, nil
}

// Opened returns the functions that load or open a session, but for those in tests and in generated files.
func (p *Package) Opened() []*Func {
	return p.reported(func(f *Func) bool { return f.Opens })
}

// Adding returns the functions that change a counter, but for those in tests and in generated files.
func (p *Package) Adding() []*Func {
	return p.reported(func(f *Func) bool { return f.Adds })
}

func (p *Package) reported(which func(*Func) bool) []*Func {
	var out []*Func
	for _, f := range p.read {
		if which(f) && !p.PassedOver(f.Node) {
			out = append(out, f)
		}
	}
	return out
}

// findCalls finds the functions that open sessions or change counters.
func (p *Package) findCalls() {
	for c := range p.Root.Preorder((*ast.CallExpr)(nil)) {
		call := c.Node().(*ast.CallExpr)
		opens, adds := p.ReturnsSession(call), p.changesCounter(call)
		if !opens && !adds {
			continue
		}
		if f := p.funcs[p.Enclosing(c)]; f != nil {
			f.Opens, f.Adds = f.Opens || opens, f.Adds || adds
		}
	}
}

// changesCounter reports whether a call changes a counter of a session.
func (p *Package) changesCounter(call *ast.CallExpr) bool {
	if name := source.CalledName(call); !strings.HasPrefix(name, "Add") && !strings.HasPrefix(name, "Set") {
		return false // most calls: not worth a question
	}
	m, _, _ := p.Called(call)
	return m.Kind == generated.Changes && m.Field != nil && m.Field.Counter
}

func (f *Func) cfg() *cfg.CFG {
	switch n := f.Node.(type) {
	case *ast.FuncDecl:
		return f.pkg.cfgs.FuncDecl(n)
	case *ast.FuncLit:
		return f.pkg.cfgs.FuncLit(n)
	}
	return nil
}

// concerns reports whether callers of a function with this signature may learn anything from its summary.
func (p *Package) concerns(sig *types.Signature) bool {
	for _, v := range source.Params(sig) {
		if p.Session(v.Type()) != nil || p.IsWriterOwner(v.Type()) {
			return true
		}
	}
	for v := range sig.Results().Variables() {
		if p.Session(v.Type()) != nil {
			return true
		}
	}
	return false
}

// makesError reports whether a function looks as if it did nothing but make an error: NotFound("item").
func (p *Package) makesError(f *Func) bool {
	results := f.Sig.Results()
	if results.Len() != 1 || !p.IsError(results.At(0).Type()) {
		return false
	}
	makes := true
	ast.Inspect(f.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			if len(n.Results) != 1 {
				makes = false
			} else if _, bare := ast.Unparen(n.Results[0]).(*ast.Ident); bare {
				makes = false
			}
		}
		return makes
	})
	return makes
}
