// Package lostresult has the analyzer that reports errors of Save and the like at which nobody looks.
package lostresult

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports calls of Save and the like whose error nobody looks at.
var Analyzer = &analysis.Analyzer{
	Name:      "lostresult",
	Doc:       strings.TrimSpace(doc),
	URL:       "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/lostresult",
	Requires:  []*analysis.Analyzer{generated.Analyzer},
	FactTypes: []analysis.Fact{new(carriesError)},
	Run:       run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[generated.Analyzer].(*generated.Package)
	if p == nil || !p.KnowsSessions {
		return nil, nil
	}
	x := &carriers{Package: p, pass: pass, known: map[*source.Func]string{}}
	x.exportFacts()
	for c := range p.Root.Preorder((*ast.ExprStmt)(nil), (*ast.DeferStmt)(nil), (*ast.GoStmt)(nil), (*ast.AssignStmt)(nil)) {
		if p.PassedOver(c.Node()) {
			continue
		}
		var call *ast.CallExpr
		how := ""
		switch n := c.Node().(type) {
		case *ast.ExprStmt:
			call, _ = ast.Unparen(n.X).(*ast.CallExpr)
		case *ast.DeferStmt:
			call, how = n.Call, "the deferred "
		case *ast.GoStmt:
			call, how = n.Call, "the concurrent "
		case *ast.AssignStmt:
			call = x.countWithoutError(n)
		}
		if call == nil {
			continue
		}
		f := p.Enclosing(c)
		var body ast.Node
		if f != nil {
			body = f.Body
		}
		of := x.errorOf(call, body)
		if of == "" {
			continue
		}
		d := analysis.Diagnostic{Pos: call.Pos(), End: call.End(), Message: dropped(call, how, of)}
		if stmt, ok := c.Node().(*ast.ExprStmt); ok {
			d.SuggestedFixes = x.handleError(stmt, call, f)
		}
		pass.Report(d)
	}
	return nil, nil
}

// countWithoutError returns the call of CountF whose sum an assignment takes without its error, or nil. Other errors
// that go to the blank identifier are dropped on purpose; who wants the sum wants to know whether it is one.
func (x *carriers) countWithoutError(n *ast.AssignStmt) *ast.CallExpr {
	if len(n.Lhs) != 2 || len(n.Rhs) != 1 || source.IsBlank(n.Lhs[0]) || !source.IsBlank(n.Lhs[1]) {
		return nil
	}
	call, ok := ast.Unparen(n.Rhs[0]).(*ast.CallExpr)
	if !ok {
		return nil
	}
	if m, _, _ := x.Called(call); m.Kind != generated.Counts {
		return nil
	}
	return call
}

// handleError suggests how to handle the error of a call: to return it where the function returns nothing but an error,
// to answer with it where the function is an HTTP handler.
func (x *carriers) handleError(stmt *ast.ExprStmt, call *ast.CallExpr, f *source.Func) []analysis.SuggestedFix {
	if f == nil {
		return nil
	}
	message, answer := "", ""
	switch results := f.Sig.Results(); {
	case results.Len() == 1 && types.Identical(results.At(0).Type(), types.Universe.Lookup("error").Type()):
		message, answer = "Return the error", "return err"
	case results.Len() == 0:
		w, pkg := x.handlerNames(stmt, f)
		if w == "" || pkg == "" {
			return nil
		}
		message = "Answer that the service is unavailable" // as OnError does by default
		const unavailable = "%[2]s.StatusServiceUnavailable"
		answer = fmt.Sprintf("%[2]s.Error(%[1]s, %[2]s.StatusText("+unavailable+"), "+unavailable+")\nreturn", w, pkg)
	default:
		return nil
	}
	others := ""
	if results, ok := x.Info.TypeOf(call).(*types.Tuple); ok {
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

// handlerNames returns the names of the response writer and of the package net/http in an HTTP handler, or "".
func (x *carriers) handlerNames(at ast.Node, f *source.Func) (w, pkg string) {
	if !x.KnowsResponses() || f.Sig.Params().Len() != 2 {
		return "", ""
	}
	param := f.Sig.Params().At(0)
	if !known.IsResponseWriter(param.Type()) {
		return "", ""
	}
	scope := x.Types.Scope().Innermost(at.Pos())
	if scope == nil {
		return "", ""
	}
	if _, obj := scope.LookupParent(param.Name(), at.Pos()); obj != param {
		return "", ""
	}
	for _, imp := range x.Types.Imports() {
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
