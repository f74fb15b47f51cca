package secretleak

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
)

// isPlain reports whether a selector selects a field of a Snapshot that is not secret.
func (x *secrets) isPlain(sel *ast.SelectorExpr) bool {
	t := x.snapshotOf(sel.X)
	if t == nil {
		return false
	}
	for _, f := range t.Fields {
		for _, step := range f.Path {
			if f.Secret && step.Name == sel.Sel.Name {
				return false
			}
		}
	}
	return true
}

// snapshotOf returns the session type whose Snapshot an expression is, or nil.
func (x *secrets) snapshotOf(e ast.Expr) *generated.Type {
	call, ok := x.vars.Resolve(e).(*ast.CallExpr)
	if !ok {
		return nil
	}
	m, t, _ := x.Called(call)
	if m.Kind != generated.Snapshots {
		return nil
	}
	return t
}

// cleared reports whether all secrets of a Snapshot in a variable have been replaced.
func (x *secrets) cleared(v *types.Var, at token.Pos) bool {
	value := x.valueAt(v, at)
	t := x.snapshotOf(value)
	if t == nil {
		return false
	}
	for _, f := range t.Fields {
		replaced := !f.Secret
		for _, step := range f.Path {
			_, ok := x.stored(v, step.Name, at)
			replaced = replaced || ok
		}
		if !replaced {
			return false
		}
	}
	return true
}
