package adopt

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/load"
	"golang.org/x/tools/go/ast/inspector"
	"golang.org/x/tools/go/types/typeutil"
)

// A program is the code under study, indexed: which functions there are, who calls them, where variables get their
// values.
type program struct {
	*load.Program
	pkgs     []*pkg
	funcs    map[ast.Node]*function // declarations and literals with a body
	declared map[*types.Func]*function
	params   map[*types.Var]param
	calls    map[types.Object][]call // by the function, interface method or variable that is called
	byMethod map[string][]call       // those of interface methods, by name
	defs     map[*types.Var][]definition
	imports  map[string]*types.Package // everything that is imported, by path
	mentions map[*types.Func]int       // how often a declared function is named

	doors map[*types.Func]door // of interfaces that the program declares and a library's type has been put into
}

type pkg struct {
	*load.Code
	root inspector.Cursor
}

// A function is one with a body.
type function struct {
	pkg   *pkg
	node  ast.Node
	name  string      // of the declared function that it is or stands in
	obj   *types.Func // nil for a literal
	bound *types.Var  // the variable that a literal is the value of, or nil
	sig   *types.Signature
	body  *ast.BlockStmt
	outer *function // around a literal
}

type param struct {
	fn    *function
	index int // among the parameters, without the receiver
}

// A call is a call of a function that is not one of a library, as far as is known.
type call struct {
	pkg  *pkg
	expr *ast.CallExpr
	cur  inspector.Cursor
}

// A definition is one place where a variable gets a value.
type definition struct {
	pkg  *pkg
	expr ast.Expr // nil if it cannot be told
	part part     // what of expr
	// result is its number, if expr is a call with several; else 0.
	result int
}

// A part is what a variable is of an expression.
type part int

const (
	whole part = iota
	elements
	mapKeys
)

func index(p *load.Program) *program {
	prog := &program{
		Program: p, funcs: map[ast.Node]*function{}, declared: map[*types.Func]*function{}, params: map[*types.Var]param{},
		calls: map[types.Object][]call{}, byMethod: map[string][]call{}, defs: map[*types.Var][]definition{},
		imports: map[string]*types.Package{}, mentions: map[*types.Func]int{}, doors: map[*types.Func]door{},
	}
	for _, c := range p.Packages {
		prog.imports[c.Path] = c.Types
		for _, imp := range c.Types.Imports() {
			prog.imports[imp.Path()] = imp
		}
		prog.pkgs = append(prog.pkgs, &pkg{Code: c, root: inspector.New(c.Files).Root()})
	}
	for _, p := range prog.pkgs {
		prog.read(p)
	}
	for _, p := range prog.pkgs {
		for _, obj := range p.Info.Uses {
			if fn, ok := obj.(*types.Func); ok && prog.declared[fn.Origin()] != nil {
				prog.mentions[fn.Origin()]++
			}
		}
	}
	return prog
}

// read is the one pass over a package.
func (prog *program) read(p *pkg) {
	kinds := []ast.Node{
		(*ast.FuncDecl)(nil), (*ast.FuncLit)(nil), (*ast.CallExpr)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil),
		(*ast.RangeStmt)(nil), (*ast.CompositeLit)(nil), (*ast.IncDecStmt)(nil), (*ast.UnaryExpr)(nil),
	}
	for cur := range p.root.Preorder(kinds...) {
		switch n := cur.Node().(type) {
		case *ast.FuncDecl:
			if obj, ok := p.Info.Defs[n.Name].(*types.Func); ok && n.Body != nil {
				f := &function{pkg: p, node: n, name: n.Name.Name, obj: obj, sig: obj.Signature(), body: n.Body}
				prog.declared[obj] = f
				prog.add(f)
			}
		case *ast.FuncLit:
			if sig, ok := p.Info.TypeOf(n).(*types.Signature); ok {
				f := &function{pkg: p, node: n, sig: sig, body: n.Body, outer: prog.enclosing(cur.Parent())}
				if f.outer != nil {
					f.name = f.outer.name
				}
				f.bound = boundTo(p, cur)
				prog.add(f)
			}
		case *ast.CallExpr:
			prog.readCall(call{p, n, cur})
		case *ast.AssignStmt:
			prog.assign(p, n)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if len(n.Values) > 0 {
					prog.define(p, name, pair(p, n.Values, len(n.Names), i), whole)
				}
			}
		case *ast.RangeStmt:
			prog.readRange(p, n)
		case *ast.CompositeLit:
			prog.readFields(p, n)
		case *ast.IncDecStmt:
			prog.define(p, n.X, definition{}, whole)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				prog.define(p, n.X, definition{}, whole)
			}
		}
	}
}

func (prog *program) add(f *function) {
	prog.funcs[f.node] = f
	for i := range f.sig.Params().Len() {
		prog.params[f.sig.Params().At(i)] = param{f, i}
	}
}

// enclosing returns the function around a node, or nil.
func (prog *program) enclosing(cur inspector.Cursor) *function {
	for up := range cur.Enclosing((*ast.FuncDecl)(nil), (*ast.FuncLit)(nil)) {
		return prog.funcs[up.Node()]
	}
	return nil
}

// boundTo returns the variable that a literal is assigned to.
func boundTo(p *pkg, cur inspector.Cursor) *types.Var {
	var names []ast.Expr
	var values []ast.Expr
	switch n := cur.Parent().Node().(type) {
	case *ast.AssignStmt:
		names, values = n.Lhs, n.Rhs
	case *ast.ValueSpec:
		values = n.Values
		for _, id := range n.Names {
			names = append(names, id)
		}
	}
	for i, v := range values {
		if v == cur.Node() && len(names) == len(values) {
			return variable(p, names[i])
		}
	}
	return nil
}

func (prog *program) readCall(c call) {
	var obj types.Object = typeutil.Callee(c.pkg.Info, c.expr)
	switch obj := obj.(type) {
	case *types.Func:
		obj = obj.Origin()
		prog.calls[obj] = append(prog.calls[obj], c)
		if recv := obj.Signature().Recv(); recv != nil && types.IsInterface(recv.Type()) {
			prog.byMethod[obj.Name()] = append(prog.byMethod[obj.Name()], c)
		}
	case *types.Var:
		prog.calls[obj] = append(prog.calls[obj], c)
	}
}

func (prog *program) assign(p *pkg, n *ast.AssignStmt) {
	for i, lhs := range n.Lhs {
		d := definition{}
		if n.Tok == token.ASSIGN || n.Tok == token.DEFINE {
			d = pair(p, n.Rhs, len(n.Lhs), i)
		}
		prog.define(p, lhs, d, whole)
	}
}

// pair returns what the i-th of n variables gets from a list of values.
func pair(p *pkg, values []ast.Expr, n, i int) definition {
	switch {
	case len(values) == n:
		return definition{pkg: p, expr: values[i]}
	case len(values) == 1:
		return definition{pkg: p, expr: values[0], result: i}
	}
	return definition{}
}

func (prog *program) define(p *pkg, to ast.Expr, d definition, of part) {
	if v := variable(p, to); v != nil {
		d.part = of
		prog.defs[v] = append(prog.defs[v], d)
	}
}

func (prog *program) readRange(p *pkg, n *ast.RangeStmt) {
	of := definition{pkg: p, expr: n.X}
	keys := definition{}
	if t := p.Info.TypeOf(n.X); t != nil {
		if _, ok := t.Underlying().(*types.Map); ok {
			keys = of
		}
	}
	if n.Key != nil {
		prog.define(p, n.Key, keys, mapKeys)
	}
	if n.Value != nil {
		prog.define(p, n.Value, of, elements)
	}
}

// readFields reads what the fields of a struct get in a literal.
func (prog *program) readFields(p *pkg, n *ast.CompositeLit) {
	t := p.Info.TypeOf(n)
	if t == nil {
		return
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range n.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			prog.define(p, kv.Key, definition{pkg: p, expr: kv.Value}, whole)
		} else if i < st.NumFields() {
			v := st.Field(i).Origin()
			prog.defs[v] = append(prog.defs[v], definition{pkg: p, expr: e})
		}
	}
}

// variable returns the variable or field that an expression names, or nil.
func variable(p *pkg, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := p.Info.ObjectOf(e).(*types.Var)
		return v
	case *ast.SelectorExpr:
		if v, ok := p.Info.ObjectOf(e.Sel).(*types.Var); ok {
			return v.Origin()
		}
	}
	return nil
}

// calledBy returns the function of the program that a call calls, or nil.
func (prog *program) calledBy(p *pkg, c *ast.CallExpr) *function {
	fn, ok := typeutil.Callee(p.Info, c).(*types.Func)
	if !ok {
		return nil
	}
	return prog.declared[fn.Origin()]
}

// callsOf returns the calls of a function, those through interfaces that its receiver implements and those through the
// variable that a literal is bound to among them.
func (prog *program) callsOf(f *function) []call {
	if f.obj == nil {
		if f.bound != nil {
			return prog.calls[f.bound]
		}
		return nil
	}
	all := prog.calls[f.obj]
	recv := f.sig.Recv()
	if recv == nil {
		return all
	}
	for _, c := range prog.byMethod[f.obj.Name()] {
		m, ok := typeutil.Callee(c.pkg.Info, c.expr).(*types.Func)
		if !ok {
			continue
		}
		if i, ok := m.Signature().Recv().Type().Underlying().(*types.Interface); ok && implements(recv.Type(), i) {
			all = append(all[:len(all):len(all)], c)
		}
	}
	return all
}

func implements(t types.Type, i *types.Interface) bool {
	if types.Implements(t, i) {
		return true
	}
	_, pointer := types.Unalias(t).(*types.Pointer)
	return !pointer && types.Implements(types.NewPointer(t), i)
}

// arguments returns the argument for a parameter: of a variadic one all that are given, of one without any none.
func (f *function) arguments(c call, index int) []ast.Expr {
	args := c.expr.Args
	if sel, ok := ast.Unparen(c.expr.Fun).(*ast.SelectorExpr); ok {
		if s := c.pkg.Info.Selections[sel]; s != nil && s.Kind() == types.MethodExpr && len(args) > 0 {
			args = args[1:]
		}
	}
	switch variadic := f.sig.Variadic() && index == f.sig.Params().Len()-1; {
	case index >= len(args):
		return nil
	case variadic && !c.expr.Ellipsis.IsValid():
		return args[index:]
	}
	return args[index : index+1]
}
