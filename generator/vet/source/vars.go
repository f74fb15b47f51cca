package source

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A Definition is one place where a variable gets a value.
type Definition struct {
	Value  ast.Expr // nil if it cannot be told: an element of a range, a received value, an assignment in a closure
	Result int      // its number, if Value is a call with several results; else -1
	Zero   bool     // declared without a value
	Of     ast.Expr // without Value: the list of which a range gives the elements
}

// Vars tells where the variables of a function get their values. It knows nothing of order: a variable with one
// definition has that value wherever it has one.
type Vars struct {
	pkg      *Package
	f        *Func // nil: of all functions of the package
	Defs     map[*types.Var][]Definition
	Parts    map[*types.Var]int           // how often an element or a field of a variable gets a value
	Called   map[*types.Var]int           // how often a variable is called
	Used     map[*types.Var]int           // how often it is used, calls included
	Replaced map[*types.Var]bool          // structs whose response writer is assigned
	Tags     map[*ast.CaseClause]ast.Expr // of switches with a tag
	TypeTags map[*ast.CaseClause]ast.Expr // of type switches: the operand
}

func newVars(p *Package, f *Func) *Vars {
	return &Vars{
		pkg: p, f: f, Defs: map[*types.Var][]Definition{}, Parts: map[*types.Var]int{},
		Called: map[*types.Var]int{}, Used: map[*types.Var]int{}, Replaced: map[*types.Var]bool{},
		Tags: map[*ast.CaseClause]ast.Expr{}, TypeTags: map[*ast.CaseClause]ast.Expr{},
	}
}

// VarsOf reads the definitions in a function. Literals in it are looked at for assignments to captured variables.
func (p *Package) VarsOf(f *Func) *Vars {
	v := newVars(p, f)
	v.scan(f.Body, false)
	return v
}

// NoVars knows nothing: no variable has a value.
func (p *Package) NoVars() *Vars { return newVars(p, nil) }

// AllVars reads the definitions in all functions at once: a literal sees the variables around it.
func (p *Package) AllVars() *Vars {
	v := newVars(p, nil)
	for _, f := range p.Funcs {
		if f.Outer == nil {
			v.scan(f.Node, false)
		}
	}
	return v
}

func (v *Vars) scan(root ast.Node, captured bool) {
	info := v.pkg.Info
	ast.Inspect(root, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if n != root && v.f != nil {
				v.scan(n.Body, true)
				return false
			}
		case *ast.FuncType:
			if v.f == nil { // the parameters of f itself are known
				for _, field := range n.Params.List {
					for _, name := range field.Names {
						v.define(name, Definition{}, captured)
					}
				}
			}
		case *ast.Ident:
			if x, ok := info.Uses[n].(*types.Var); ok {
				v.Used[x]++
			}
		case *ast.AssignStmt:
			v.assign(n, captured)
		case *ast.ValueSpec:
			for i, name := range n.Names {
				v.define(name, pairOf(n.Values, len(n.Names), i), captured)
			}
		case *ast.IncDecStmt:
			v.define(n.X, Definition{}, captured)
		case *ast.RangeStmt:
			v.define(n.Key, Definition{}, captured)
			v.define(n.Value, v.elementOf(n.X), captured)
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				v.define(n.X, Definition{}, captured)
			}
		case *ast.CallExpr:
			if id, ok := ast.Unparen(n.Fun).(*ast.Ident); ok {
				if x, ok := info.Uses[id].(*types.Var); ok {
					v.Called[x]++
				}
			}
			sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr)
			if ok && v.f == nil && changesReceiver(info.Selections[sel]) {
				v.define(sel.X, Definition{}, captured)
			}
		case *ast.SwitchStmt:
			for _, c := range n.Body.List {
				v.Tags[c.(*ast.CaseClause)] = n.Tag
			}
		case *ast.TypeSwitchStmt:
			for _, c := range n.Body.List {
				v.TypeTags[c.(*ast.CaseClause)] = typeSwitchOperand(n)
			}
		}
		return true
	})
}

// elementOf returns the value of a loop's second variable, over a list or a table. For one function it is unknown;
// for the package as a whole, where it matters which values show in another, the list stands for its elements.
func (v *Vars) elementOf(list ast.Expr) Definition {
	if v.f == nil {
		switch v.pkg.Info.TypeOf(list).Underlying().(type) {
		case *types.Slice, *types.Array, *types.Map:
			return Definition{Value: list, Result: -1}
		}
	}
	return Definition{Of: list}
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

func (v *Vars) assign(n *ast.AssignStmt, captured bool) {
	for i, lhs := range n.Lhs {
		d := pairOf(n.Rhs, len(n.Lhs), i)
		if n.Tok != token.ASSIGN && n.Tok != token.DEFINE {
			d = Definition{}
		}
		v.define(lhs, d, captured)
	}
}

// pairOf returns the value on the right for the i-th of n variables.
func pairOf(values []ast.Expr, n, i int) Definition {
	switch {
	case len(values) == n:
		return Definition{Value: values[i], Result: -1}
	case len(values) == 1:
		return Definition{Value: values[0], Result: i}
	case len(values) == 0: // var x T
		return Definition{Zero: true}
	}
	return Definition{}
}

func (v *Vars) define(target ast.Expr, d Definition, captured bool) {
	target = ast.Unparen(target)
	id, ok := target.(*ast.Ident)
	if !ok {
		if sel, ok := target.(*ast.SelectorExpr); ok {
			v.replace(sel)
		}
		if x := v.pkg.RootOf(target); x != nil {
			v.Parts[x]++
		}
		return
	}
	x, ok := v.pkg.Info.ObjectOf(id).(*types.Var)
	if !ok {
		return
	}
	if captured {
		if !v.f.Contains(x) {
			return
		}
		d = Definition{}
	}
	v.Defs[x] = append(v.Defs[x], d)
}

// replace notes that a field with a response writer is assigned: middleware does that to record or to buffer the
// response, so nothing is known of writes through that struct.
func (v *Vars) replace(sel *ast.SelectorExpr) {
	if !v.pkg.IsWriter(v.pkg.Info.TypeOf(sel)) {
		return
	}
	if x := v.Of(sel.X); x != nil {
		v.Replaced[x] = true
	}
}

// Value returns the one value of a variable, or nil if it is unknown: a parameter's, a captured variable's, one of
// several. Of a call with several results it returns the call and which result.
func (v *Vars) Value(x *types.Var) (ast.Expr, int) {
	defs := v.Defs[x]
	if len(defs) != 1 || defs[0].Value == nil || v.f != nil && (v.f.IsParam(x) || !v.f.Contains(x)) {
		return nil, -1
	}
	return defs[0].Value, defs[0].Result
}

// Of returns the variable that an expression is, or nil.
func (v *Vars) Of(e ast.Expr) *types.Var {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil
	}
	x, _ := v.pkg.Info.ObjectOf(id).(*types.Var)
	return x
}

// Resolve follows an expression through variables that are assigned once: x, after y := f() and x := y, is f().
func (v *Vars) Resolve(e ast.Expr) ast.Expr {
	for range 8 { // a bound against x := x
		x := v.Of(e)
		if x == nil {
			break
		}
		val, result := v.Value(x)
		if val == nil || result >= 0 {
			break
		}
		e = val
	}
	return ast.Unparen(e)
}

// Literal returns the function literal that a called expression is: written there, or held by a variable that is
// assigned once.
func (v *Vars) Literal(e ast.Expr) *ast.FuncLit {
	lit, _ := v.Resolve(e).(*ast.FuncLit)
	return lit
}

// ValuesOf returns the values that a variable gets in a part of the source, up to a position if there is one.
func ValuesOf(info *types.Info, in ast.Node, v *types.Var, before token.Pos) []ast.Expr {
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
