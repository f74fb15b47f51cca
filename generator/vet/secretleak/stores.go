package secretleak

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// findStores notes the assignments to fields of variables.
func (x *secrets) findStores() {
	for c := range x.Root.Preorder((*ast.AssignStmt)(nil)) {
		n := c.Node().(*ast.AssignStmt)
		for i, lhs := range n.Lhs {
			sel, ok := ast.Unparen(lhs).(*ast.SelectorExpr)
			if !ok {
				continue
			}
			if v := x.RootOf(sel); v != nil {
				s := fieldStore{field: sel.Sel.Name, pos: n.End()}
				if n.Tok == token.ASSIGN && len(n.Lhs) == len(n.Rhs) && x.vars.Of(sel.X) == v {
					s.value = n.Rhs[i]
				}
				x.stores[v] = append(x.stores[v], s)
			}
		}
	}
}

// stored returns the value of a field that has been assigned above a position in the source, nil if it is unknown,
// and whether the field has been assigned at all.
func (x *secrets) stored(v *types.Var, field string, at token.Pos) (value ast.Expr, ok bool) {
	for _, s := range x.stores[v] {
		if s.field == field && s.pos <= at {
			if ok {
				return nil, true
			}
			value, ok = s.value, true
		}
	}
	return value, ok
}

// variableShows calls in for the values that show in a variable: the one that it gets, less the fields that are
// replaced, and those that its fields get after that.
func (x *secrets) variableShows(v *types.Var, at token.Pos, in func(ast.Expr)) {
	if value := x.valueAt(v, at); value != nil && !x.cleared(v, at) {
		lit, st := x.structLiteral(value)
		if lit == nil || len(x.stores[v]) == 0 || known.PrintsItself(x.Info.TypeOf(lit)) {
			in(value)
		} else {
			for i, elt := range lit.Elts {
				name, part := fieldElement(st, i, elt)
				if _, replaced := x.stored(v, name, at); !replaced {
					in(part)
				}
			}
		}
	}
	for _, s := range x.stores[v] {
		if value, _ := x.stored(v, s.field, at); value != nil {
			in(value)
		}
	}
}

// structLiteral returns the composite literal of a struct that a value is, or points to, or nil.
func (x *secrets) structLiteral(value ast.Expr) (*ast.CompositeLit, *types.Struct) {
	e := x.vars.Resolve(value)
	if ref, ok := e.(*ast.UnaryExpr); ok && ref.Op == token.AND {
		e = ast.Unparen(ref.X)
	}
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil, nil
	}
	st, ok := x.Info.TypeOf(lit).Underlying().(*types.Struct)
	if !ok {
		return nil, nil
	}
	return lit, st
}

// fieldElement returns the field that the i-th element of a literal is for, and its value.
func fieldElement(st *types.Struct, i int, elt ast.Expr) (field string, value ast.Expr) {
	if kv, ok := elt.(*ast.KeyValueExpr); ok {
		key, _ := kv.Key.(*ast.Ident)
		return key.Name, kv.Value
	}
	return st.Field(i).Name(), elt
}

// fieldShows calls in for the values that show in a field.
func (x *secrets) fieldShows(sel *ast.SelectorExpr, in func(ast.Expr)) {
	v := x.vars.Of(sel.X)
	if v == nil {
		in(sel.X)
		return
	}
	if value, ok := x.stored(v, sel.Sel.Name, sel.Pos()); ok {
		if value != nil {
			in(value)
		}
		return
	}
	value := x.valueAt(v, sel.Pos())
	if value == nil {
		return
	}
	lit, st := x.structLiteral(value)
	if lit == nil || len(x.Info.Selections[sel].Index()) != 1 { // or the field is one of an embedded struct
		in(value)
		return
	}
	for i, elt := range lit.Elts {
		if name, part := fieldElement(st, i, elt); name == sel.Sel.Name {
			in(part)
		}
	}
}

// valueAt returns the value of a variable that has been assigned once, further up in the source, but for its
// declaration.
func (x *secrets) valueAt(v *types.Var, at token.Pos) ast.Expr {
	var one *source.Definition
	for _, d := range x.vars.Defs[v] {
		switch {
		case d.Zero:
		case one != nil:
			return nil
		default:
			one = &d
		}
	}
	if one == nil || one.Value == nil || one.Result > 0 || one.Value.Pos() > at {
		return nil
	}
	return one.Value
}
