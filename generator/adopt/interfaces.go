package adopt

import (
	"go/ast"
	"go/types"
)

// findInterfaces finds the program's own interfaces into which sessions or managers of a library are put: their
// methods are doors as well.
func (prog *program) findInterfaces() {
	for _, p := range prog.pkgs {
		for cur := range p.root.Preorder((*ast.CallExpr)(nil), (*ast.AssignStmt)(nil), (*ast.ValueSpec)(nil), (*ast.ReturnStmt)(nil), (*ast.CompositeLit)(nil)) {
			switch n := cur.Node().(type) {
			case *ast.CallExpr:
				prog.intoParams(p, n)
			case *ast.AssignStmt:
				if len(n.Lhs) == len(n.Rhs) {
					for i := range n.Lhs {
						prog.into(p, p.Info.TypeOf(n.Lhs[i]), n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				if n.Type != nil {
					for _, v := range n.Values {
						prog.into(p, p.Info.TypeOf(n.Type), v)
					}
				}
			case *ast.ReturnStmt:
				if f := prog.enclosing(cur); f != nil && f.sig.Results().Len() == len(n.Results) {
					for i, v := range n.Results {
						prog.into(p, f.sig.Results().At(i).Type(), v)
					}
				}
			case *ast.CompositeLit:
				prog.intoFields(p, n)
			}
		}
	}
}

func (prog *program) intoParams(p *pkg, n *ast.CallExpr) {
	t := p.Info.TypeOf(n.Fun)
	if t == nil {
		return
	}
	if tv := p.Info.Types[n.Fun]; tv.IsType() && len(n.Args) == 1 {
		prog.into(p, t, n.Args[0])
		return
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return
	}
	for i := range min(sig.Params().Len(), len(n.Args)) {
		prog.into(p, sig.Params().At(i).Type(), n.Args[i])
	}
}

func (prog *program) intoFields(p *pkg, n *ast.CompositeLit) {
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
			if v := variable(p, kv.Key); v != nil {
				prog.into(p, v.Type(), kv.Value)
			}
		} else if i < st.NumFields() {
			prog.into(p, st.Field(i).Type(), e)
		}
	}
}

// into notes that an expression becomes a value of a type.
func (prog *program) into(p *pkg, t types.Type, e ast.Expr) {
	if t == nil {
		return
	}
	i, ok := t.Underlying().(*types.Interface)
	if !ok || i.NumMethods() == 0 {
		return
	}
	from := p.Info.TypeOf(e)
	if sessionType(from) == nil || types.Identical(from, t) || sessionType(t) != nil {
		return
	}
	for m := range i.Methods() {
		obj, _, _ := types.LookupFieldOrMethod(from, true, m.Pkg(), m.Name())
		if fn, ok := obj.(*types.Func); ok {
			if d, ok := prog.doorOf(fn.Origin()); ok {
				prog.doors[m] = d
			}
		}
	}
}
