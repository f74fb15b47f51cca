package flow

import (
	"go/ast"
	"go/constant"
	"go/types"
	"net/http"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// respond returns the effect of a call on a response, without looking into the called function.
func (f *Func) respond(call *ast.CallExpr, fn *types.Func) (Response, bool) {
	p := f.pkg
	if !p.KnowsResponses() {
		return Response{}, false
	}
	var r Response
	var found bool
	recv := source.Receiver(call)
	if fn != nil && len(call.Args) > 0 && known.WritesTo(fn) {
		r.To, found = f.WriterOf(call.Args[0])
		r.Fails = known.AnswersFailure(fn)
		r.Written = found
	}
	if recv != nil && fn != nil && !found {
		if w, ok := f.WriterOf(recv); ok {
			r.To, found = w, true
			switch {
			case known.IsContext(w.Root.Type()) && known.IsContext(p.Info.TypeOf(recv)):
				r.Written, r.Fails = known.ContextMethod(fn.Name())
			default:
				r.Written = known.SendsHeader(fn.Name())
			}
		} else if w, ok := f.wrapped(recv); ok && known.WritesThrough(fn.Name()) {
			r.To, r.Written, found = w, true, true
		}
	}
	if !found { // a handler, or any other function: an error status counts
		for _, arg := range call.Args {
			if w, ok := f.WriterOf(arg); ok {
				r.To, found = w, true
				r.Written = fn == nil && known.IsHandlerFunc(p.Info.TypeOf(call.Fun))
				break
			}
		}
	}
	if !found {
		return Response{}, false
	}
	switch status := p.status(call); {
	case fn != nil && known.Name(fn) != "" && fn.Name() != "WriteHeader": // MaxBytesReader(w, r.Body, 512)
	case status >= 400:
		r.Fails = true
	case 0 < status && status < 200 && status != http.StatusSwitchingProtocols &&
		fn != nil && fn.Name() == "WriteHeader":
		r.Written = false // informational: the response is still to come
	}
	r.MayFail = p.ReturnsError(call)
	return r, r.Written || r.Fails
}

// wrapped returns the response writer below an encoder or the like.
func (f *Func) wrapped(e ast.Expr) (origin.Writer, bool) {
	call, ok := f.Vars.Resolve(e).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return origin.Writer{}, false
	}
	fn := f.pkg.StaticCallee(call)
	if fn == nil || !known.Wraps(fn) {
		return origin.Writer{}, false
	}
	return f.WriterOf(call.Args[0])
}

// status returns the HTTP status that a call is given as a constant, or 0.
func (p *Package) status(call *ast.CallExpr) int {
	for _, arg := range call.Args {
		tv := p.Info.Types[arg]
		if tv.Value == nil || tv.Value.Kind() != constant.Int {
			continue
		}
		if n, ok := constant.Int64Val(tv.Value); ok && 100 <= n && n <= 599 {
			return int(n)
		}
	}
	return 0
}
