package vet

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/token"
	"slices"

	"github.com/sessiongen/sessiongen/generator/schema"
	"golang.org/x/tools/go/analysis"
)

// CountLimit reports limits that parallel requests pass together.
var CountLimit = &analysis.Analyzer{
	Name: "countlimit",
	Doc: `report counters that are compared and added to in two steps

Question: does a function compare a counter of a session with a bound, refuse on one side, and add to the counter otherwise? Of
requests that come at the same time each reads the same count, and all of them are let in: five attempts at a password become
five hundred. CountF adds in the store at once and returns the sum, so that no two requests see the same.

A comparison is <, <=, > or >= on what the getter returns, be it through a variable that is assigned once, a conversion or
a sum. To refuse is to return on that side alone, or to answer with a status of 400 or more. To add is AddF, or SetF of a
value that the getter's is part of, on the other side; or before the comparison, when no Save has come in between and the
refusal has a status or is an error.

Out of scope: counters that are compared to show something, and go on to be added to on both sides or to the same return;
comparisons with none at all (n > 0, n < 1), unless the refusal has a status or is an error; fields that are no counters;
what another function compares or adds.

	if s.Tries() >= 5 {
		http.Error(w, "too many attempts", http.StatusTooManyRequests)
		return
	}
	s.AddTries(1) // n, err := s.CountTries(1); if err != nil || n > 5 { refuse }`,
	URL:      docURL,
	Requires: []*analysis.Analyzer{flow},
	Run:      runCountLimit,
}

func runCountLimit(pass *analysis.Pass) (any, error) {
	p := pass.ResultOf[flow].(*program)
	if p == nil {
		return nil, nil
	}
	for _, f := range p.functions {
		if f.adds && f.summary != nil && !p.skipped[pass.Fset.File(f.node.Pos())] {
			f.reportLimits(pass)
		}
	}
	return nil, nil
}

// reportLimits looks at each branch on a counter.
func (f *function) reportLimits(pass *analysis.Pass) {
	for i, b := range f.blocks {
		cond, ok := lastExpr(b.Block)
		if !ok || !b.start.reached || len(b.Succs) != 2 {
			continue
		}
		for _, c := range f.comparisonsIn(cond) {
			if add := f.limited(c, i); add != nil {
				f.reportLimit(pass, c, add)
			}
		}
	}
}

// limited returns where the counter is added to that a branch is to limit, or nil.
func (f *function) limited(c comparison, at int) *event {
	sides := [2]map[int]bool{f.branch(at, 0), f.branch(at, 1)}
	for i, refused := range sides {
		admitted, up := sides[1-i], c.above == (i == 0)
		fails := f.refuses(refused, admitted, true)
		if fails || !c.none && f.refuses(refused, admitted, false) {
			if add := f.addsOn(c, admitted, refused, up); add != nil {
				return add
			}
		}
		if fails {
			if add := f.addsBefore(c, f.blocks[at], up); add != nil {
				return add
			}
		}
	}
	return nil
}

func (f *function) reportLimit(pass *analysis.Pass, c comparison, add *event) {
	name := c.field.Name
	pass.Report(analysis.Diagnostic{
		Pos: c.expr.Pos(), End: c.expr.End(),
		Message: fmt.Sprintf("this is no limit: requests that come together read the same %[1]s before %[2]s on line %[3]d adds to it: compare what Count%[1]s returns",
			name, add.what, pass.Fset.Position(add.node.Pos()).Line),
		Related: []analysis.RelatedInformation{{Pos: add.node.Pos(), Message: "here the counter is added to"}},
	})
}

// A comparison is one of a counter with a bound.
type comparison struct {
	expr  ast.Expr
	cell  *cell
	field *schema.Field
	above bool // it is true if the counter is above the bound
	none  bool // the bound is none at all: n > 0, n < 1
}

// comparisonsIn returns the comparisons of counters that a condition is made of.
func (f *function) comparisonsIn(cond ast.Expr) []comparison {
	switch e := f.vars.resolve(cond).(type) {
	case *ast.UnaryExpr:
		negated := f.comparisonsIn(e.X)
		for i := range negated {
			negated[i].above = !negated[i].above
		}
		return negated
	case *ast.BinaryExpr:
		if isShortCircuit(e) {
			return append(f.comparisonsIn(e.X), f.comparisonsIn(e.Y)...)
		}
		if c, ok := f.comparison(e); ok {
			return []comparison{c}
		}
	}
	return nil
}

// comparison returns what is compared, if that is a counter.
func (f *function) comparison(e *ast.BinaryExpr) (comparison, bool) {
	op, bound := e.Op, e.Y
	cell, field := f.counterIn(e.X)
	if cell == nil {
		cell, field = f.counterIn(e.Y)
		op, bound = mirrored(op), e.X
	}
	c := comparison{expr: e, cell: cell, field: field}
	if cell == nil {
		return c, false
	}
	n, known := int64(0), false
	if v := f.prog.info.Types[bound].Value; v != nil && v.Kind() == constant.Int {
		n, known = constant.Int64Val(v)
	}
	switch op {
	case token.GTR, token.GEQ:
		c.above = true
	case token.LSS, token.LEQ:
	default:
		return c, false
	}
	c.none = known && (n <= 0 || n == 1 && (op == token.GEQ || op == token.LSS))
	return c, true
}

// mirrored returns the comparison that holds for y and x where op holds for x and y.
func mirrored(op token.Token) token.Token {
	switch op {
	case token.LSS:
		return token.GTR
	case token.LEQ:
		return token.GEQ
	case token.GTR:
		return token.LSS
	case token.GEQ:
		return token.LEQ
	}
	return op
}

// counterIn returns the counter whose value is part of a number, or nil.
func (f *function) counterIn(e ast.Expr) (*cell, *schema.Field) {
	switch e := f.vars.resolve(e).(type) {
	case *ast.BinaryExpr:
		if c, field := f.counterIn(e.X); c != nil {
			return c, field
		}
		return f.counterIn(e.Y)
	case *ast.CallExpr:
		if f.prog.info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return f.counterIn(e.Args[0])
		}
		m, _, session := f.prog.sessions.callee(f.prog.info, e)
		if m.kind == kindValue && m.field.Counter && session != nil {
			return f.cells.of(session), m.field
		}
	}
	return nil, nil
}

// branch returns the blocks that control may come to behind the i-th edge of a block, before it comes to the block again.
func (f *function) branch(from, i int) map[int]bool {
	seen := map[int]bool{from: true}
	todo := []int32{f.blocks[from].Succs[i].Index}
	for len(todo) > 0 {
		next := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		if seen[int(next)] {
			continue
		}
		seen[int(next)] = true
		for _, succ := range f.blocks[next].Succs {
			todo = append(todo, succ.Index)
		}
	}
	delete(seen, from)
	return seen
}

// refuses reports whether the function returns on one side of a branch alone, or answers there with an error status.
// Where only a failure counts, returning alone is not enough.
func (f *function) refuses(side, other map[int]bool, onlyFailure bool) bool {
	for i, b := range f.blocks {
		if !side[i] || other[i] {
			continue
		}
		if b.Return() != nil && (b.fails || !onlyFailure) ||
			slices.ContainsFunc(b.events, func(e event) bool { return e.response.fails }) {
			return true
		}
	}
	return false
}

// addsOn returns where the counter is added to on the side that is let in.
func (f *function) addsOn(c comparison, admitted, refused map[int]bool, up bool) *event {
	for i, b := range f.blocks {
		if !admitted[i] || refused[i] {
			continue
		}
		for j := range b.events {
			if e := &b.events[j]; f.addsTo(e, c, up) {
				return e
			}
		}
	}
	return nil
}

// addsBefore returns where the counter has been added to before a block ends, and not been saved since.
func (f *function) addsBefore(c comparison, b *block, up bool) *event {
	for _, e := range b.end.cells[c.cell.index].pending {
		if f.addsTo(e, c, up) {
			return e
		}
	}
	return nil
}

// addsTo reports whether an event adds to the counter, towards the bound: up, or down where what is refused is below.
func (f *function) addsTo(e *event, c comparison, up bool) bool {
	call, ok := e.node.(*ast.CallExpr)
	if !ok || e.cell != c.cell || e.field != c.field || e.deferred || len(call.Args) == 0 {
		return false
	}
	value := call.Args[len(call.Args)-1]
	switch e.what {
	case "Add" + c.field.Name:
		if v := f.prog.info.Types[value].Value; v != nil {
			return constant.Sign(v) > 0 == up
		}
		return true
	case "Set" + c.field.Name:
		of, field := f.counterIn(value)
		return of == c.cell && field == c.field
	}
	return false
}
