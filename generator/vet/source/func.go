package source

import (
	"go/ast"
	"go/types"
)

// A Func is a declared function or a function literal.
type Func struct {
	Node  ast.Node // *ast.FuncDecl or *ast.FuncLit
	Sig   *types.Signature
	Body  *ast.BlockStmt
	Outer *Func // of a literal: the function that it stands in
}

// Contains reports whether a variable is declared in the function, be it as a parameter.
func (f *Func) Contains(v *types.Var) bool {
	return f.Node.Pos() <= v.Pos() && v.Pos() < f.Node.End()
}

// IsParam reports whether a variable is a parameter or the receiver of the function itself.
func (f *Func) IsParam(v *types.Var) bool { return f.ParamIndex(v) >= 0 }

// ParamIndex returns the place of a variable among the receiver and the parameters, or -1.
func (f *Func) ParamIndex(v *types.Var) int {
	for i, p := range Params(f.Sig) {
		if p == v {
			return i
		}
	}
	return -1
}

// Params returns the receiver, if any, and the parameters.
func Params(sig *types.Signature) []*types.Var {
	var out []*types.Var
	if recv := sig.Recv(); recv != nil {
		out = append(out, recv)
	}
	for v := range sig.Params().Variables() {
		out = append(out, v)
	}
	return out
}
