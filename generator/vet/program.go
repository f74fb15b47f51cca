package vet

import (
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/cfg"
)

// flow reads functions into events and exports what they do to the sessions and response writers that they are given.
var flow = &analysis.Analyzer{
	Name:       "sessionflow",
	Doc:        "infer what functions do to sessions and responses\n\nIt reports nothing; the other analyzers of sessionvet need it.",
	URL:        docURL,
	Run:        runFlow,
	Requires:   []*analysis.Analyzer{inspect.Analyzer, ctrlflow.Analyzer},
	FactTypes:  []analysis.Fact{new(summary)},
	ResultType: reflect.TypeFor[*program](),
}

// A program is one package as the analyzers see it.
type program struct {
	pass     *analysis.Pass // of flow
	info     *types.Info
	cfgs     *ctrlflow.CFGs
	sessions *sessionTypes
	writers  implementers // of net/http.ResponseWriter, of none if nothing that the package imports knows it
	errors   implementers

	decls     map[*types.Func]*ast.FuncDecl
	functions []*function // all that have a body, in source order
	byNode    map[ast.Node]*function
	skipped   map[*token.File]bool // tests and generated files: nothing is reported there
	inside    map[ast.Node]bool    // functions that run within Middleware, by node
}

// A function is a declared function or a function literal.
type function struct {
	prog  *program
	node  ast.Node // *ast.FuncDecl or *ast.FuncLit
	sig   *types.Signature
	body  *ast.BlockStmt
	outer *function // of a literal: the function that it stands in
	opens bool      // some call in it returns a session
	adds  bool      // some call in it changes a counter

	vars     *vars
	cells    *cells
	blocks   []*block // as in the control-flow graph
	writers  []writer
	compared map[string]int   // see comparisons
	saves    map[*cell][]bool // see savedBehind

	summary    *summary // if the function has been looked at
	inProgress bool     // its summary is being computed: if it is asked for, the function is recursive
}

// A block is a basic block with its events.
type block struct {
	*cfg.Block
	events []event
	edges  []edge // to its successors
	start  state
	end    state
	fails  bool // it ends in a return that is a failure
}

// runFlow passes over packages that can know neither sessions nor responses.
func runFlow(pass *analysis.Pass) (any, error) {
	response, runtime := reach(pass.Pkg)
	if response == nil && !runtime {
		return (*program)(nil), nil
	}
	p := &program{
		pass:     pass,
		info:     pass.TypesInfo,
		cfgs:     pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs),
		sessions: newSessionTypes(),
		writers:  implementers{of: response},
		errors:   implementers{of: types.Universe.Lookup("error").Type().Underlying().(*types.Interface)},
		decls:    map[*types.Func]*ast.FuncDecl{},
		byNode:   map[ast.Node]*function{},
		skipped:  map[*token.File]bool{},
	}
	for _, f := range pass.Files {
		if isPassedOver(pass.Fset, f) {
			p.skipped[pass.Fset.File(f.Pos())] = true
		}
	}
	p.index(pass.ResultOf[inspect.Analyzer].(*inspector.Inspector))
	if runtime {
		p.inside = p.insideMiddleware()
	}
	for fn, decl := range p.decls {
		f := p.byNode[decl]
		if f == nil || !fn.Exported() {
			continue
		}
		if p.concerns(f.sig) || p.makesError(f) && p.summarize(f).Fails {
			pass.ExportObjectFact(fn, p.summarize(f))
		}
	}
	for _, f := range p.functions { // for the analyzers, which run at the same time and must find all done
		if f.opens || f.adds {
			p.summarize(f)
		}
	}
	return p, nil
}

// opened returns the functions that load or open a session, but for those in tests and in generated files.
func (p *program) opened() []*function {
	var out []*function
	for _, f := range p.functions {
		if f.opens && !p.skipped[p.pass.Fset.File(f.node.Pos())] {
			out = append(out, f)
		}
	}
	return out
}

// index finds all functions.
func (p *program) index(in *inspector.Inspector) {
	root := in.Root()
	for c := range root.Preorder((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil), (*ast.CallExpr)(nil)) {
		f := &function{prog: p, node: c.Node()}
		switch n := c.Node().(type) {
		case *ast.CallExpr:
			opens, adds := p.returnsSession(n), p.changesCounter(n)
			if !opens && !adds {
				continue
			}
			if f := p.enclosing(c); f != nil {
				f.opens, f.adds = f.opens || opens, f.adds || adds
			}
			continue
		case *ast.FuncDecl:
			fn, ok := p.info.Defs[n.Name].(*types.Func)
			if !ok || n.Body == nil {
				continue
			}
			p.decls[fn] = n
			f.sig, f.body = fn.Signature(), n.Body
		case *ast.FuncLit:
			sig, ok := p.info.TypeOf(n).(*types.Signature)
			if !ok {
				continue
			}
			f.sig, f.body = sig, n.Body
			f.outer = p.enclosing(c.Parent())
		}
		p.functions = append(p.functions, f)
		p.byNode[f.node] = f
	}
}

// enclosing returns the function around a node.
func (p *program) enclosing(c inspector.Cursor) *function {
	for up := range c.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return p.byNode[up.Node()]
	}
	return nil
}

// returnsSession reports whether a result of a call is a session.
func (p *program) returnsSession(call *ast.CallExpr) bool {
	switch t := p.info.TypeOf(call).(type) {
	case *types.Tuple:
		for v := range t.Variables() {
			if p.sessions.of(v.Type()) != nil {
				return true
			}
		}
		return false
	default:
		return p.sessions.of(t) != nil
	}
}

// changesCounter reports whether a call changes a counter of a session.
func (p *program) changesCounter(call *ast.CallExpr) bool {
	if name := methodName(call); !strings.HasPrefix(name, "Add") && !strings.HasPrefix(name, "Set") {
		return false // most calls: not worth a question
	}
	m, _, _ := p.sessions.callee(p.info, call)
	return m.kind == kindChange && m.field != nil && m.field.Counter
}

func (f *function) cfg() *cfg.CFG {
	switch n := f.node.(type) {
	case *ast.FuncDecl:
		return f.prog.cfgs.FuncDecl(n)
	case *ast.FuncLit:
		return f.prog.cfgs.FuncLit(n)
	}
	return nil
}

// contains reports whether a variable is declared in the function, be it as a parameter.
func (f *function) contains(v *types.Var) bool {
	return f.node.Pos() <= v.Pos() && v.Pos() < f.node.End()
}

// params returns the receiver, if any, and the parameters.
func params(sig *types.Signature) []*types.Var {
	var out []*types.Var
	if recv := sig.Recv(); recv != nil {
		out = append(out, recv)
	}
	for v := range sig.Params().Variables() {
		out = append(out, v)
	}
	return out
}

// concerns reports whether callers of a function with this signature may learn anything from its summary.
func (p *program) concerns(sig *types.Signature) bool {
	for _, v := range params(sig) {
		if p.sessions.of(v.Type()) != nil || p.isWriterOwner(v.Type()) {
			return true
		}
	}
	for v := range sig.Results().Variables() {
		if p.sessions.of(v.Type()) != nil {
			return true
		}
	}
	return false
}

// makesError reports whether a function looks as if it did nothing but make an error: NotFound("item").
func (p *program) makesError(f *function) bool {
	results := f.sig.Results()
	if results.Len() != 1 || !p.isError(results.At(0).Type()) {
		return false
	}
	makes := true
	ast.Inspect(f.body, func(n ast.Node) bool {
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

// reach looks through everything that a package imports, directly or not, for net/http and the runtime.
func reach(pkg *types.Package) (response *types.Interface, runtime bool) {
	seen := map[*types.Package]bool{pkg: true}
	todo := []*types.Package{pkg}
	for len(todo) > 0 {
		p := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		switch p.Path() {
		case runtimePath:
			runtime = true
		case "net/http":
			if obj := p.Scope().Lookup("ResponseWriter"); obj != nil {
				response, _ = obj.Type().Underlying().(*types.Interface)
			}
			continue // its own imports lead nowhere
		}
		for _, imp := range p.Imports() {
			if !seen[imp] {
				seen[imp] = true
				todo = append(todo, imp)
			}
		}
	}
	return response, runtime
}
