package vet

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A definition is one place where a variable gets a value.
type definition struct {
	value  ast.Expr // nil if it cannot be told: an element of a range, a received value, an assignment in a closure
	result int      // which result, if value is a call with several; else -1
	zero   bool     // declared without a value
}

// vars tells where the variables of a function get their values. It knows nothing of order: a variable with one
// definition has that value wherever it has one.
type vars struct {
	prog     *program
	f        *function // nil: of all functions of the package
	defs     map[*types.Var][]definition
	parts    map[*types.Var]int           // how often an element or a field of a variable gets a value
	called   map[*types.Var]int           // how often a variable is called
	used     map[*types.Var]int           // how often it is used, calls included
	replaced map[*types.Var]bool          // structs whose response writer is assigned
	tags     map[*ast.CaseClause]ast.Expr // of switches with a tag
	typeTags map[*ast.CaseClause]ast.Expr // of type switches: what is switched on
}

func newVars(p *program, f *function) *vars {
	return &vars{
		prog: p, f: f, defs: map[*types.Var][]definition{}, parts: map[*types.Var]int{},
		called: map[*types.Var]int{}, used: map[*types.Var]int{}, replaced: map[*types.Var]bool{},
		tags: map[*ast.CaseClause]ast.Expr{}, typeTags: map[*ast.CaseClause]ast.Expr{},
	}
}

// scanVars reads the definitions in f. Function literals in it are looked at for assignments to what they capture.
func scanVars(f *function) *vars {
	v := newVars(f.prog, f)
	v.scan(f.body, false)
	return v
}

func (v *vars) scan(root ast.Node, captured bool) {
	info := v.prog.info
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if n != root && v.f != nil {
				v.scan(n.Body, true)
				return false
			}
		case *ast.FuncType:
			if v.f == nil { // of f itself it is known what its parameters are
				for _, field := range n.Params.List {
					for _, name := range field.Names {
						v.define(name, definition{}, captured)
					}
				}
			}
		case *ast.Ident:
			if x, ok := info.Uses[n].(*types.Var); ok {
				v.used[x]++
			}
		case *ast.AssignStmt:
			v.assign(n, captured)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				v.define(name, pairOf(n.Values, len(n.Names), i), captured)
			}
		case *ast.IncDecStmt:
			v.define(n.X, definition{}, captured)
		case *ast.RangeStmt:
			v.define(n.Key, definition{}, captured)
			v.define(n.Value, v.elementOf(n.X), captured)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				v.define(n.X, definition{}, captured)
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if x, ok := info.Uses[id].(*types.Var); ok {
					v.called[x]++
				}
			}
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && v.f == nil && changesReceiver(info.Selections[sel]) {
				v.define(sel.X, definition{}, captured)
			}
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				v.tags[c.(*ast.CaseClause)] = n.Tag
			}
		case *ast.TypeSwitchStmt:
			for _, c := range n.Body.List {
				v.typeTags[c.(*ast.CaseClause)] = typeSwitchOperand(n)
			}
		}
		return true
	})
}

// elementOf returns what a loop over a list or a table gives its second variable. To functions it is unknown; for the
// package as a whole, where it matters what shows in a value, an element stands for all.
func (v *vars) elementOf(list ast.Expr) definition {
	if v.f == nil {
		switch v.prog.info.TypeOf(list).Underlying().(type) {
		case *types.Slice, *types.Array, *types.Map:
			return definition{value: list, result: -1}
		}
	}
	return definition{}
}

// changesReceiver reports whether the call of a method takes the address of a variable.
func changesReceiver(sel *types.Selection) bool {
	if sel == nil || sel.Kind() != types.MethodVal {
		return false
	}
	_, held := sel.Recv().Underlying().(*types.Pointer)
	_, wanted := sel.Obj().(*types.Func).Signature().Recv().Type().Underlying().(*types.Pointer)
	return wanted && !held
}

func typeSwitchOperand(n *ast.TypeSwitchStmt) ast.Expr {
	var e ast.Expr
	switch s := n.Assign.(type) {
	case *ast.AssignStmt:
		e = s.Rhs[0]
	case *ast.ExprStmt:
		e = s.X
	}
	if a, ok := ast.Unparen(e).(*ast.TypeAssertExpr); ok {
		return a.X
	}
	return nil
}

func (v *vars) assign(n *ast.AssignStmt, captured bool) {
	for i, lhs := range n.Lhs {
		d := pairOf(n.Rhs, len(n.Lhs), i)
		if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
			d = definition{}
		}
		v.define(lhs, d, captured)
	}
}

// pairOf returns what the i-th of n variables gets from the values on the right.
func pairOf(values []ast.Expr, n, i int) definition {
	switch {
	case len(values) == n:
		return definition{value: values[i], result: -1}
	case len(values) == 1:
		return definition{value: values[0], result: i}
	case len(values) == 0: // var x T
		return definition{zero: true}
	}
	return definition{}
}

func (v *vars) define(target ast.Expr, d definition, captured bool) {
	target = ast.Unparen(target)
	id, ok := target.(*ast.Ident)
	if !ok {
		if sel, ok := target.(*ast.SelectorExpr); ok {
			v.replace(sel)
		}
		if x := v.prog.rootOf(target); x != nil {
			v.parts[x]++
		}
		return
	}
	x, ok := v.prog.info.ObjectOf(id).(*types.Var)
	if !ok {
		return
	}
	if captured {
		if !v.f.contains(x) {
			return
		}
		d = definition{}
	}
	v.defs[x] = append(v.defs[x], d)
}

// replace notes that a field with a response writer is assigned: middleware does that to record or to hold back what is
// written, so nothing is known of what is written through that struct.
func (v *vars) replace(sel *ast.SelectorExpr) {
	if !v.prog.isWriter(v.prog.info.TypeOf(sel)) {
		return
	}
	if x := v.of(sel.X); x != nil {
		v.replaced[x] = true
	}
}

// isParam reports whether x is a parameter or the receiver of the function itself.
func (f *function) isParam(x *types.Var) bool { return f.paramIndex(x) >= 0 }

// paramIndex returns the place of x among the receiver and the parameters, or -1.
func (f *function) paramIndex(x *types.Var) int {
	for i, p := range params(f.sig) {
		if p == x {
			return i
		}
	}
	return -1
}

// value returns what a variable always holds, or nil if that cannot be told: it is a parameter, captured, or assigned
// more than once. Of a call with several results it returns the call and which result.
func (v *vars) value(x *types.Var) (ast.Expr, int) {
	defs := v.defs[x]
	if len(defs) != 1 || defs[0].value == nil || v.f != nil && (v.f.isParam(x) || !v.f.contains(x)) {
		return nil, -1
	}
	return defs[0].value, defs[0].result
}

// of returns the variable that an expression is, or nil.
func (v *vars) of(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	x, _ := v.prog.info.ObjectOf(id).(*types.Var)
	return x
}

// resolve follows an expression through variables that are assigned once: x, after y := f() and x := y, is f().
func (v *vars) resolve(e ast.Expr) ast.Expr {
	for range 8 { // enough for people; a bound against x := x
		x := v.of(e)
		if x == nil {
			break
		}
		val, result := v.value(x)
		if val == nil || result >= 0 {
			break
		}
		e = val
	}
	return ast.Unparen(e)
}

// literal returns the function literal that a called expression is: written there, or held by a variable that is
// assigned once.
func (v *vars) literal(e ast.Expr) *ast.FuncLit {
	lit, _ := v.resolve(e).(*ast.FuncLit)
	return lit
}

// valuesOf returns the values that a variable gets in a part of the source, up to a position if there is one.
func valuesOf(info *types.Info, in ast.Node, v *types.Var, before token.Pos) []ast.Expr {
	var values []ast.Expr
	ast.Inspect(in, func(n ast.Node) bool {
		if n == nil || before.IsValid() && n.Pos() >= before {
			return false
		}
		switch n := n.(type) {
		case *ast.AssignStmt:
			for i, lhs := range n.Lhs {
				if id, ok := ast.Unparen(lhs).(*ast.Ident); ok && info.ObjectOf(id) == v {
					values = append(values, n.Rhs[min(i, len(n.Rhs)-1)])
				}
			}
		case *ast.ValueSpec:
			for i, name := range n.Names {
				if info.Defs[name] == v && len(n.Values) > 0 {
					values = append(values, n.Values[min(i, len(n.Values)-1)])
				}
			}
		}
		return true
	})
	return values
}
