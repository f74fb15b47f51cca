package vet

import (
	"go/ast"
	"go/types"
	"net/http"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// A response is what a call does to a response.
type response struct {
	to      writer
	written bool // something has been written to it
	mayFail bool // the call reports an error, and with one perhaps nothing has been written
	fails   bool // with it the handler answers that the request has failed

	caching known.Caching // what is said to caches, if that still can be said
	header  string        // in which header, or ""
}

// respond returns what a call does to a response, as far as it can be told without looking into the called function.
func (f *function) respond(call *ast.CallExpr, fn *types.Func) (response, bool) {
	p := f.prog
	if p.writers.of == nil {
		return response{}, false
	}
	var r response
	var found bool
	recv := receiverOf(call)
	if fn != nil && len(call.Args) > 0 && known.WritesTo(fn) {
		r.to, found = f.writerOf(call.Args[0])
		r.fails = known.AnswersFailure(fn)
		r.written = found
	}
	if recv != nil && fn != nil && !found {
		if w, ok := f.writerOf(recv); ok {
			r.to, found = w, true
			switch {
			case known.IsContext(w.root.Type()) && known.IsContext(p.info.TypeOf(recv)):
				r.written, r.fails = known.ContextMethod(fn.Name())
			default:
				r.written = known.SendsHeader(fn.Name())
			}
		} else if w, ok := f.wrapped(recv); ok && known.WritesThrough(fn.Name()) {
			r.to, r.written, found = w, true, true
		}
	}
	if !found { // a handler, or any other function: what matters is a status that says the request has failed
		for _, arg := range call.Args {
			if w, ok := f.writerOf(arg); ok {
				r.to, found = w, true
				r.written = fn == nil && known.IsHandlerFunc(p.info.TypeOf(call.Fun))
				break
			}
		}
	}
	if !found {
		return response{}, false
	}
	switch status := p.status(call); {
	case fn != nil && known.Name(fn) != "" && fn.Name() != "WriteHeader": // MaxBytesReader(w, r.Body, 512)
	case status >= 400:
		r.fails = true
	case status < 200 && status > 0 && status != http.StatusSwitchingProtocols && fn != nil && fn.Name() == "WriteHeader":
		r.written = false // informational: the response is still to come
	}
	r.mayFail = p.returnsError(call)
	return r, r.written || r.fails
}

// wrapped returns the response writer below an encoder or the like.
func (f *function) wrapped(e ast.Expr) (writer, bool) {
	call, ok := f.vars.resolve(e).(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return writer{}, false
	}
	fn := f.prog.staticCallee(call)
	if fn == nil || !known.Wraps(fn) {
		return writer{}, false
	}
	return f.writerOf(call.Args[0])
}

func receiverOf(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}
