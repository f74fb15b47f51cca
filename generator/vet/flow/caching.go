package flow

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// cachingHeader returns which header that caches go by a constant name is, or "".
func (f *Func) cachingHeader(e ast.Expr) string {
	if name, whole := f.constantText(e); whole {
		return known.CachingHeader(name)
	}
	return ""
}

// setsCaching returns the caching directive that a call sets: by h.Set, h.Add and h.Del of a response's header, and
// by gin's c.Header.
func (f *Func) setsCaching(call *ast.CallExpr, fn *types.Func) (Response, bool) {
	recv := source.Receiver(call)
	if fn == nil || recv == nil || len(call.Args) == 0 {
		return Response{}, false
	}
	change := known.HeaderChangeOf(fn)
	inContext := change == known.ReadsHeader && known.SetsHeader(fn.Name()) && known.IsContext(f.pkg.Info.TypeOf(recv))
	if change == known.ReadsHeader && !inContext {
		return Response{}, false
	}
	name := f.cachingHeader(call.Args[0])
	if name == "" {
		return Response{}, false
	}
	to, ok := f.WriterOf(recv)
	if !inContext {
		to, ok = f.headerOf(recv)
	}
	if !ok {
		return Response{}, false
	}
	r := Response{To: to, Header: name}
	switch {
	case change == known.HeaderDeleted && name == known.CacheControl: // this removes no-store
		r.Caching = known.AllowsCaching
	case change == known.HeaderAdded && name == known.CacheControl: // no-store stays, and wins
	case len(call.Args) == 2:
		r.Caching = f.cachingIn(call.Args[1])
	}
	return r, r.Caching != known.SaysNothing
}

// assignsCaching is setsCaching for h["Cache-Control"] = []string{…}.
func (f *Func) assignsCaching(target, value ast.Expr) (Response, bool) {
	index, ok := ast.Unparen(target).(*ast.IndexExpr)
	if !ok {
		return Response{}, false
	}
	name := f.cachingHeader(index.Index)
	if name == "" {
		return Response{}, false
	}
	to, ok := f.headerOf(index.X)
	lit, isLit := f.Vars.Resolve(value).(*ast.CompositeLit)
	if !ok || !isLit || len(lit.Elts) != 1 {
		return Response{}, false
	}
	r := Response{To: to, Header: name, Caching: f.cachingIn(lit.Elts[0])}
	return r, r.Caching != known.SaysNothing
}

// headerOf returns the response writer whose header an expression is.
func (f *Func) headerOf(e ast.Expr) (origin.Writer, bool) {
	call, ok := f.Vars.Resolve(e).(*ast.CallExpr)
	if !ok {
		return origin.Writer{}, false
	}
	sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Header" || len(call.Args) > 0 {
		return origin.Writer{}, false
	}
	return f.WriterOf(sel.X)
}

// cachingIn classifies the value of a header by its constant parts.
func (f *Func) cachingIn(value ast.Expr) known.Caching {
	return known.CachingOf(f.constantText(value))
}

// constantText returns the constant parts of a string, and whether that is all of it.
func (f *Func) constantText(e ast.Expr) (text string, whole bool) {
	e = f.Vars.Resolve(e)
	if v := f.pkg.Info.Types[e].Value; v != nil && v.Kind() == constant.String {
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
		if fn := f.pkg.StaticCallee(e); fn != nil && known.Name(fn) == "fmt.Sprintf" {
			format, _ := f.constantText(e.Args[0])
			return format, false
		}
	}
	return "", false
}
