// Package unsaved has the analyzer that reports changes of a session which are not saved.
package unsaved

import (
	"cmp"
	_ "embed"
	"fmt"
	"go/token"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports changes that are lost.
var Analyzer = &analysis.Analyzer{
	Name:     "unsaved",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/unsaved",
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow.Analyzer].(*flow.Package)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.Opened() {
		for _, s := range f.Sessions.List {
			if s.From(origin.Load, origin.Open) && !f.IsShared(s) {
				find(pass, f, s)
			}
		}
	}
	return nil, nil
}

// find looks at each branch: taken with a dirty session, and without a Save behind it, it loses the changes under all
// conditions. That a session is dirty on one path to a point and clean on another proves nothing: the code may know
// which.
func find(pass *analysis.Pass, f *flow.Func, s *origin.Session) {
	if !changes(f, s) {
		return
	}
	behind := f.Backward(s)
	reported := map[*flow.Event]bool{}
	for _, b := range f.Blocks {
		switch ret := b.Return(); {
		case !b.Start.Reached || b.End.Sessions[s.Index].Level != flow.Dirty || b.Fails:
		case ret != nil:
			report(pass, reported, b.End.Sessions[s.Index], ret.Pos())
		default:
			for i, succ := range b.Succs {
				if o := behind[succ.Index]; !o.Save && o.Normal.IsValid() {
					report(pass, reported, f.Through(b, i).Sessions[s.Index], o.Normal)
				}
			}
		}
	}
}

// changes reports whether the function changes a session at all.
func changes(f *flow.Func, s *origin.Session) bool {
	for _, b := range f.Blocks {
		for i := range b.Events {
			if b.Events[i].Session == s && b.Events[i].Effect.MustChange {
				return true
			}
		}
	}
	return false
}

// report reports the first of the changes that make a session dirty where it is returned from, once.
func report(pass *analysis.Pass, reported map[*flow.Event]bool, s flow.SessionState, ret token.Pos) {
	if s.Level != flow.Dirty || s.Safe {
		return
	}
	for _, e := range s.Pending {
		if reported[e] {
			return
		}
	}
	for _, e := range s.Pending {
		reported[e] = true
	}
	e := slices.MinFunc(s.Pending, func(a, b *flow.Event) int { return cmp.Compare(a.Node.Pos(), b.Node.Pos()) })
	pass.Report(analysis.Diagnostic{
		Pos: e.Node.Pos(), End: e.Node.End(),
		Message: fmt.Sprintf("what %s changes in the session may be lost: line %d is reached without Save",
			e.What, pass.Fset.Position(ret).Line),
		Related: []analysis.RelatedInformation{{Pos: ret, Message: "here the session is dropped"}},
	})
}
