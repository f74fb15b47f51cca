package vet

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// cachingHeader returns which header that caches go by a constant name is, or "".
func (f *function) cachingHeader(e ast.Expr) string {
	if name, whole := f.constantText(e); whole {
		return known.CachingHeader(name)
	}
	return ""
}

// setsCaching returns what a call says to caches, and in which header: h.Set, h.Add and h.Del of a response's header, and
// gin's c.Header.
func (f *function) setsCaching(call *ast.CallExpr, fn *types.Func) (response, bool) {
	recv := receiverOf(call)
	if fn == nil || recv == nil || len(call.Args) == 0 {
		return response{}, false
	}
	change := known.HeaderChangeOf(fn)
	inContext := change == known.ReadsHeader && known.SetsHeader(fn.Name()) && known.IsContext(f.prog.info.TypeOf(recv))
	if change == known.ReadsHeader && !inContext {
		return response{}, false
	}
	name := f.cachingHeader(call.Args[0])
	if name == "" {
		return response{}, false
	}
	to, ok := f.writerOf(recv)
	if !inContext {
		to, ok = f.headerOf(recv)
	}
	if !ok {
		return response{}, false
	}
	r := response{to: to, header: name}
	switch {
	case change == known.HeaderDeleted && name == known.CacheControl: // no-store goes with it; the others were none
		r.caching = known.AllowsCaching
	case change == known.HeaderAdded && name == known.CacheControl: // beside no-store, which wins
	case len(call.Args) == 2:
		r.caching = f.cachingIn(call.Args[1])
	}
	return r, r.caching != known.SaysNothing
}

// assignsCaching is setsCaching for h["Cache-Control"] = []string{…}.
func (f *function) assignsCaching(target, value ast.Expr) (response, bool) {
	index, ok := ast.Unparen(target).(*ast.IndexExpr)
	if !ok {
		return response{}, false
	}
	name := f.cachingHeader(index.Index)
	if name == "" {
		return response{}, false
	}
	to, ok := f.headerOf(index.X)
	lit, isLit := f.vars.resolve(value).(*ast.CompositeLit)
	if !ok || !isLit || len(lit.Elts) != 1 {
		return response{}, false
	}
	r := response{to: to, header: name, caching: f.cachingIn(lit.Elts[0])}
	return r, r.caching != known.SaysNothing
}

// headerOf returns the response writer whose header an expression is.
func (f *function) headerOf(e ast.Expr) (writer, bool) {
	call, ok := f.vars.resolve(e).(*ast.CallExpr)
	if !ok {
		return writer{}, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Header" || len(call.Args) > 0 {
		return writer{}, false
	}
	return f.writerOf(sel.X)
}

// cachingIn returns what the value of a header says, as far as its constant parts tell.
func (f *function) cachingIn(value ast.Expr) known.Caching {
	return known.CachingOf(f.constantText(value))
}

// constantText returns the constant parts of a string, and whether that is all of it.
func (f *function) constantText(e ast.Expr) (text string, whole bool) {
	e = f.vars.resolve(e)
	if v := f.prog.info.Types[e].Value; v != nil && v.Kind() == constant.String {
		return constant.StringVal(v), true
	}
	switch e := e.(type) {
	case *ast.BinaryExpr:
		if e.Op == token.ADD {
			x, all := f.constantText(e.X)
			y, too := f.constantText(e.Y)
			return x + y, all && too
		}
	case *ast.CallExpr:
		if fn := f.prog.staticCallee(e); fn != nil && known.Name(fn) == "fmt.Sprintf" {
			format, _ := f.constantText(e.Args[0])
			return format, false
		}
	}
	return "", false
}
