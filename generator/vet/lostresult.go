package vet

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/inspect"
	"golang.org/x/tools/go/ast/inspector"
)

// LostResult reports calls of Save and the like whose error nobody looks at.
var LostResult = &analysis.Analyzer{
	Name: "lostresult",
	Doc: `report that the error of Save, Destroy, CountF or Do is dropped

Question: is Save, Destroy or CountF of a session, or Do of a manager, called as a statement of its own, deferred, or started
as a goroutine? A Save that fails has written nothing, a Destroy that fails may have left the record in the store, a CountF
that fails has counted nothing, and the error of a Do is nobody's but the caller's to answer.

Any session counts, wherever it comes from. A function that returns such an error as it is, or wrapped, and has done nothing
about it before, counts as Save does: whoever drops its error drops that of Save. Out of scope: an error that is assigned, be
it to the blank identifier, which says that dropping it is meant.

	s.SetUserName(name)
	s.Save() // a store that is down looks like a success`,
	URL:       docURL,
	Requires:  []*analysis.Analyzer{flow, inspect.Analyzer},
	FactTypes: []analysis.Fact{new(carriesError)},
	Run:       runLostResult,
}

func runLostResult(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	x := &carriers{program: p, pass: pass, known: map[*function]string{}}
	x.exportFacts()
	root := pass.ResultOf[inspect.Analyzer].(*inspector.Inspector).Root()
	for c := range root.Preorder((*ast.ExprStmt)(nil), (*ast.DeferStmt)(nil), (*ast.GoStmt)(nil)) {
		if p.skipped[pass.Fset.File(c.Node().Pos())] {
			continue
		}
		var call *ast.CallExpr
		how := ""
		switch n := c.Node().(type) {
		case *ast.ExprStmt:
			call, _ = ast.Unparen(n.X).(*ast.CallExpr)
		case *ast.DeferStmt:
			call, how = n.Call, "deferred "
		case *ast.GoStmt:
			call, how = n.Call, "concurrent "
		}
		if call == nil {
			continue
		}
		f := p.enclosing(c)
		var body ast.Node
		if f != nil {
			body = f.body
		}
		of := x.errorOf(call, body)
		if of == "" {
			continue
		}
		d := analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: dropped(call, how, of)}
		if stmt, ok := c.Node().(*ast.ExprStmt); ok {
			d.SuggestedFixes = p.handleError(stmt, call, f)
		}
		pass.Report(d)
	}
	return nil, nil
}

// handleError suggests how to handle the error of a call: to return it where the function returns nothing but an error,
// to answer with it where the function is an HTTP handler.
func (p *program) handleError(stmt *ast.ExprStmt, call *ast.CallExpr, f *function) []analysis.SuggestedFix {
	if f == nil {
		return nil
	}
	message, answer := "", ""
	switch results := f.sig.Results(); {
	case results.Len() == 1 && types.Identical(results.At(0).Type(), types.Universe.Lookup("error").Type()):
		message, answer = "Return the error", "return err"
	case results.Len() == 0:
		w, pkg := p.handlerNames(stmt, f)
		if w == "" || pkg == "" {
			return nil
		}
		message = "Answer that the service is unavailable" // as OnError does by default
		answer = fmt.Sprintf("%[2]s.Error(%[1]s, %[2]s.StatusText(%[2]s.StatusServiceUnavailable), %[2]s.StatusServiceUnavailable)\nreturn", w, pkg)
	default:
		return nil
	}
	others := ""
	if results, ok := p.info.TypeOf(call).(*types.Tuple); ok {
		others = strings.Repeat("_, ", results.Len()-1)
	}
	return []analysis.SuggestedFix{{
		Message: message,
		TextEdits: []analysis.TextEdit{
			{Pos: stmt.Pos(), End: stmt.Pos(), NewText: []byte("if " + others + "err := ")},
			{Pos: stmt.End(), End: stmt.End(), NewText: []byte("; err != nil {\n" + answer + "\n}")},
		},
	}}
}

// handlerNames returns what the response writer and the package net/http are called in an HTTP handler, or nothing.
func (p *program) handlerNames(at ast.Node, f *function) (w, pkg string) {
	if p.writers.of == nil || f.sig.Params().Len() != 2 {
		return "", ""
	}
	param := f.sig.Params().At(0)
	if !known.IsResponseWriter(param.Type()) {
		return "", ""
	}
	scope := p.pass.Pkg.Scope().Innermost(at.Pos())
	if scope == nil {
		return "", ""
	}
	if _, obj := scope.LookupParent(param.Name(), at.Pos()); obj != param {
		return "", ""
	}
	for _, imp := range p.pass.Pkg.Imports() {
		if imp.Path() != "net/http" {
			continue
		}
		if _, obj := scope.LookupParent(imp.Name(), at.Pos()); obj != nil {
			if name, ok := obj.(*types.PkgName); ok && name.Imported() == imp {
				return param.Name(), imp.Name()
			}
		}
	}
	return "", ""
}
