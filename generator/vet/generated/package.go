// Package generated knows session types, their generated methods, and the runtime that they stand on.
//
// A session type is recognised by its field of type session.Of, whose type argument is the schema; which methods are
// generated follows from the schema's fields. Names alone decide nothing.
package generated

import (
	"go/ast"
	"go/types"
	"reflect"
	"sync"

	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// Analyzer reads a package, for the other analyzers. Its result is a *Package, nil for a package that can know neither
// sessions nor responses.
var Analyzer = &analysis.Analyzer{
	Name:       "sessiontypes",
	Doc:        "find generated session types\n\nIt reports nothing; the other analyzers of sessionvet need it.",
	URL:        "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet",
	Run:        run,
	Requires:   []*analysis.Analyzer{inspect.Analyzer},
	ResultType: reflect.TypeFor[*Package](),
}

// A Package is a package under analysis with the session types that it uses. It is safe for concurrent use.
type Package struct {
	*source.Package
	KnowsSessions bool // else it knows responses alone

	mu    sync.Mutex
	types map[*types.Named]*Type // nil for types that are none
}

func run(pass *analysis.Pass) (any, error) {
	response, runtime := reach(pass.Pkg)
	if response == nil && !runtime {
		return (*Package)(nil), nil
	}
	return &Package{
		Package:       source.New(pass, pass.ResultOf[inspect.Analyzer].(*inspector.Inspector), response),
		KnowsSessions: runtime,
		types:         map[*types.Named]*Type{},
	}, nil
}

// Session returns the session type that t points to, or nil.
func (p *Package) Session(t types.Type) *Type {
	if t == nil {
		return nil
	}
	ptr, ok := types.Unalias(t).(*types.Pointer)
	if !ok {
		return nil
	}
	named, ok := types.Unalias(ptr.Elem()).(*types.Named)
	if !ok {
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	session, ok := p.types[named]
	if !ok {
		session = recognise(named)
		p.types[named] = session
	}
	return session
}

// IsSession reports whether an expression is a session.
func (p *Package) IsSession(e ast.Expr) bool { return p.Session(p.Info.TypeOf(e)) != nil }

// ReturnsSession reports whether a result of a call is a session.
func (p *Package) ReturnsSession(call *ast.CallExpr) bool {
	switch t := p.Info.TypeOf(call).(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			if p.Session(v.Type()) != nil {
				return true
			}
		}
		fn := p.StaticCallee(call)
		return fn != nil && Lists(fn)
	default:
		return p.Session(t) != nil
	}
}

// Method returns the generated method that a function is, and the session type it belongs to.
func (p *Package) Method(fn *types.Func) (Method, *Type) {
	recv := fn.Signature().Recv()
	if recv == nil {
		return Method{}, nil
	}
	t := p.Session(recv.Type())
	if t == nil {
		return Method{}, nil
	}
	return t.methods[fn.Name()], t
}

// Called returns the generated method that a call calls, and the expression of the session. The expression is nil if
// the method is one of a struct that embeds the session.
func (p *Package) Called(call *ast.CallExpr) (m Method, t *Type, session ast.Expr) {
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok {
		return Method{}, nil, nil
	}
	fn, ok := p.Callee(call).(*types.Func)
	if !ok {
		return Method{}, nil, nil
	}
	m, t = p.Method(fn)
	if m.Kind == NotGenerated {
		return Method{}, nil, nil
	}
	switch s := p.Info.Selections[sel]; {
	case s == nil:
	case s.Kind() == types.MethodExpr && len(call.Args) > 0:
		session = call.Args[0]
	case s.Kind() == types.MethodVal && len(s.Index()) == 1:
		session = sel.X
	}
	return m, t, session
}
