// Package origin tells which variables and calls of a function are one session, and where that comes from: Load,
// Open, Get, the caller. It takes no notice of order: package flow tells what happens to a session, and when.
package origin

import (
	"go/types"
	"reflect"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/middleware"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

// Analyzer finds the sessions of a package's functions. Its result is a *Package, nil as that of generated.Analyzer.
var Analyzer = &analysis.Analyzer{
	Name:       "sessionorigin",
	Doc:        "tell where sessions come from\n\nIt reports nothing; the other analyzers of sessionvet need it.",
	URL:        "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet",
	Run:        run,
	Requires:   []*analysis.Analyzer{generated.Analyzer},
	FactTypes:  []analysis.Fact{new(Returned)},
	ResultType: reflect.TypeFor[*Package](),
}

// Returned is the fact that a function returns sessions whose origin is known.
type Returned struct{ Results []Result }

func (*Returned) AFact() {}

func (r *Returned) String() string { return "returns a session" }

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[generated.Analyzer].(*generated.Package)
	if p == nil {
		return (*Package)(nil), nil
	}
	pkg := &Package{Package: p, pass: pass, funcs: make(map[*source.Func]*Func, len(p.Funcs))}
	for _, f := range p.Funcs {
		pkg.funcs[f] = &Func{Func: f, Pkg: pkg, Outer: pkg.funcs[f.Outer]}
	}
	if !p.KnowsSessions {
		return pkg, nil
	}
	pkg.inside = middleware.Inside(p)
	for _, f := range p.Funcs {
		pkg.funcs[f].Resolve()
	}
	for fn := range p.Decls {
		if f := pkg.FuncOf(fn); fn.Exported() && f.knowsResult() {
			pass.ExportObjectFact(fn, &Returned{f.results})
		}
	}
	return pkg, nil
}

// Func returns the function with its sessions, or nil. In a package that knows sessions it is resolved.
func (p *Package) Func(f *source.Func) *Func { return p.funcs[f] }

// read finds where the variables of the function get their values.
func (f *Func) read() {
	if f.Vars == nil {
		f.Vars = f.Pkg.VarsOf(f.Func)
	}
}

// Resolve finds the sessions of the function and where they come from, if that has not been done.
func (f *Func) Resolve() {
	f.read()
	if f.Sessions == nil {
		f.findSessions()
		f.results = f.findResults()
		f.resolved = true
	}
}

func (f *Func) knowsResult() bool {
	for _, r := range f.results {
		if r.From != Unknown {
			return true
		}
	}
	return false
}

// resultsOf returns where the sessions come from that a function returns, or nil if nothing is known of it, as of one
// that is recursive.
func (p *Package) resultsOf(fn *types.Func) []Result {
	fn = fn.Origin()
	if f := p.FuncOf(fn); f != nil {
		f.Resolve()
		if !f.resolved {
			return nil
		}
		return f.results
	}
	var fact Returned
	if fn.Pkg() != p.Types && p.pass.ImportObjectFact(fn, &fact) {
		return fact.Results
	}
	return nil
}
