package adopt

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"
)

// member rewrites an access to one of the keys that are made at run time, which become the keys of one map.
func (r *rewriter) member(s *site, k *key, on string, group any) bool {
	hole := holeOf(s.pkg, keyArgument(s))
	if hole == nil || k.typ == nil || !types.Identical(types.Default(s.pkg.Info.TypeOf(hole)), k.hole) {
		return false
	}
	at := r.source(hole)
	look := fmt.Sprintf("%s.Lookup%s(%s)", on, k.name, at)
	n := s.cur.Node()
	switch s.op {
	case opWrite, opRemove:
		statement, check := ownStatement(s)
		if a, ok := s.cur.Parent().Node().(*ast.AssignStmt); ok && s.op == opWrite && len(a.Lhs) == 1 && a.Lhs[0] == n {
			statement = a
		}
		if statement == nil {
			return false
		}
		r.drop(s, check, group)
		if s.op == opRemove {
			r.replace(s, statement, fmt.Sprintf("%s.Delete%s(%s)", on, k.name, at), group)
			return true
		}
		amp, ok := r.fits(s, k)
		if !ok {
			return false
		}
		r.keep(s, statement, fmt.Sprintf("%s.Put%s(%s, ", on, k.name, at)+amp, s.value.expr, ")", group)
		return true
	case opExists:
		r.replace(s, n, orNil+"("+look+") != nil", group)
		return true
	case opRead:
		return r.lookUp(s, k, look, group)
	}
	return false
}

// lookUp rewrites a read of a member: with what says whether it is there, or as the value that it was.
func (r *rewriter) lookUp(s *site, k *key, look string, group any) bool {
	up := outOfParens(s.cur).Parent()
	assertion, ok := up.Node().(*ast.TypeAssertExpr)
	switch {
	case s.typ != nil:
		if !types.Identical(s.typ, k.typ) {
			return false
		}
		r.replace(s, s.cur.Node(), orZero+"("+look+")", group)
	case ok && assertion.Type != nil:
		if !types.Identical(s.pkg.Info.TypeOf(assertion.Type), k.typ) {
			return false
		}
		if !isCommaOK(up) {
			look = orZero + "(" + look + ")"
		}
		r.replace(s, assertion, look, group)
	case isCommaOK(s.cur):
		return false
	default:
		r.replace(s, s.cur.Node(), orNil+"("+look+")", group)
	}
	return true
}

// keyArgument is the expression of a site's key, or nil.
func keyArgument(s *site) ast.Expr {
	if len(s.carriers) > 0 {
		return nil
	}
	switch n := s.cur.Node().(type) {
	case *ast.IndexExpr:
		return n.Index
	case *ast.CallExpr:
		fn, _ := typeutil.Callee(s.pkg.Info, n).(*types.Func)
		if fn == nil {
			if len(n.Args) == 2 { // delete(values, key)
				return n.Args[1]
			}
			return nil
		}
		if i := keyParam(fn.Signature()); i >= 0 && i < len(n.Args) {
			return n.Args[i]
		}
	}
	return nil
}

// holeOf is what makes a key of many, or nil: the id of fmt.Sprintf("block_%d", id), or of "block_" + id.
func holeOf(p *pkg, e ast.Expr) ast.Expr {
	one := func(all ...ast.Expr) ast.Expr {
		var found ast.Expr
		for _, x := range all {
			if p.Info.Types[x].Value != nil {
				continue
			}
			if found != nil {
				return nil
			}
			found = x
		}
		return found
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return nil
		}
		x := one(e.X, e.Y)
		if call, ok := x.(*ast.CallExpr); ok {
			if inner := holeOf(p, call); inner != nil {
				return inner
			}
		}
		return x
	case *ast.CallExpr:
		fn, _ := typeutil.Callee(p.Info, e).(*types.Func)
		if fn == nil {
			return nil
		}
		switch fn.FullName() {
		case "fmt.Sprintf":
			return one(e.Args...)
		case "strconv.Itoa":
			return one(e.Args...)
		}
	}
	return nil
}
