// Package countlimit has the analyzer that reports counters which are compared and added to in two steps.
package countlimit

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/constant"
	"slices"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"golang.org/x/tools/go/analysis"
)

//go:embed doc.txt
var doc string

// Analyzer reports limits that parallel requests pass together.
var Analyzer = &analysis.Analyzer{
	Name:     "countlimit",
	Doc:      strings.TrimSpace(doc),
	URL:      "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet/countlimit",
	Requires: []*analysis.Analyzer{flow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow.Analyzer].(*flow.Package)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.Adding() {
		limits{f}.report(pass)
	}
	return nil, nil
}

// report looks at each branch on a counter.
func (f limits) report(pass *analysis.Pass) {
	for i, b := range f.Blocks {
		cond, ok := b.Condition()
		if !ok || !b.Start.Reached {
			continue
		}
		for _, c := range f.comparisonsIn(cond) {
			add := f.limited(c, i)
			if add == nil {
				continue
			}
			name := c.field.Name
			pass.Report(analysis.Diagnostic{
				Pos: c.expr.Pos(), End: c.expr.End(),
				Message: fmt.Sprintf("this is no limit: requests that come together read the same %[1]s before"+
					" %[2]s on line %[3]d adds to it: compare what Count%[1]s returns",
					name, add.What, pass.Fset.Position(add.Node.Pos()).Line),
				Related: []analysis.RelatedInformation{{Pos: add.Node.Pos(), Message: "here the counter is added to"}},
			})
		}
	}
}

// limited returns where the counter is added to that a branch is to limit, or nil.
func (f limits) limited(c comparison, at int) *flow.Event {
	sides := [2][]bool{f.side(at, 0), f.side(at, 1)}
	for i, refused := range sides {
		admitted, up := sides[1-i], c.above == (i == 0)
		fails := f.refuses(refused, admitted, true)
		if fails || !c.none && f.refuses(refused, admitted, false) {
			if add := f.addsOn(c, admitted, refused, up); add != nil {
				return add
			}
		}
		if fails {
			if add := f.addsBefore(c, at, up); add != nil {
				return add
			}
		}
	}
	return nil
}

// side returns the blocks that control may come to behind the i-th edge of a block, before it comes to the block again.
func (f limits) side(from, i int) []bool {
	next := int(f.Blocks[from].Succs[i].Index)
	if next == from {
		return make([]bool, len(f.Blocks))
	}
	return f.Reachable(func(b *flow.Block, edge int) bool { return int(b.Succs[edge].Index) != from }, next)
}

// refuses reports whether the function returns on one side of a branch alone, or answers there with an error status.
// Where only a failure counts, returning alone is not enough.
func (f limits) refuses(side, other []bool, onlyFailure bool) bool {
	for i, b := range f.Blocks {
		if !side[i] || other[i] {
			continue
		}
		if b.Return() != nil && (b.Fails || !onlyFailure) ||
			slices.ContainsFunc(b.Events, func(e flow.Event) bool { return e.Response.Fails }) {
			return true
		}
	}
	return false
}

// addsOn returns where the counter is added to on the side that is let in.
func (f limits) addsOn(c comparison, admitted, refused []bool, up bool) *flow.Event {
	for i, b := range f.Blocks {
		if !admitted[i] || refused[i] {
			continue
		}
		for j := range b.Events {
			if e := &b.Events[j]; f.addsTo(e, c, up) {
				return e
			}
		}
	}
	return nil
}

// addsBefore returns where the counter has been added to before a block ends, and not been saved since, or where that
// has been deferred.
func (f limits) addsBefore(c comparison, at int, up bool) *flow.Event {
	for _, e := range f.Blocks[at].End.Sessions[c.session.Index].Pending {
		if f.addsTo(e, c, up) {
			return e
		}
	}
	var deferred *flow.Event
	f.Events(func(from flow.Point, e *flow.Event, _ *flow.State) {
		end := flow.Point{Block: at, Index: len(f.Blocks[at].Events)}
		if deferred == nil && e.Deferred && f.addsTo(e, c, up) && f.Reaches(from, end, nil) {
			deferred = e
		}
	})
	return deferred
}

// addsTo reports whether an event adds to the counter, towards the bound: up, or down where the refused side is below.
func (f limits) addsTo(e *flow.Event, c comparison, up bool) bool {
	call, ok := e.Node.(*ast.CallExpr)
	if !ok || e.Session != c.session || e.Field != c.field || len(call.Args) == 0 {
		return false
	}
	value := call.Args[len(call.Args)-1]
	switch e.What {
	case "Add" + c.field.Name:
		if v := f.Pkg.Info.Types[value].Value; v != nil {
			return constant.Sign(v) > 0 == up
		}
		return true
	case "Set" + c.field.Name:
		of, field := f.counterIn(value)
		return of == c.session && field == c.field
	}
	return false
}
