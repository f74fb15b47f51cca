package countlimit

import (
	"go/ast"
	"go/constant"
	"go/token"

	"github.com/sessiongen/sessiongen/generator/schema"
	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

// A comparison is one of a counter with a bound.
type comparison struct {
	expr    ast.Expr
	session *origin.Session
	field   *schema.Field
	above   bool // it is true if the counter is above the bound
	none    bool // the bound is none at all: n > 0, n < 1
}

// comparisonsIn returns the comparisons of counters that a condition is made of.
func (f limits) comparisonsIn(cond ast.Expr) []comparison {
	switch e := f.Vars.Resolve(cond).(type) {
	case *ast.UnaryExpr:
		negated := f.comparisonsIn(e.X)
		for i := range negated {
			negated[i].above = !negated[i].above
		}
		return negated
	case *ast.BinaryExpr:
		if source.IsShortCircuit(e) {
			return append(f.comparisonsIn(e.X), f.comparisonsIn(e.Y)...)
		}
		if c, ok := f.comparison(e); ok {
			return []comparison{c}
		}
	}
	return nil
}

// comparison returns the comparison of a counter that an expression is.
func (f limits) comparison(e *ast.BinaryExpr) (comparison, bool) {
	op, bound := e.Op, e.Y
	session, field := f.counterIn(e.X)
	if session == nil {
		session, field = f.counterIn(e.Y)
		op, bound = mirrored(op), e.X
	}
	c := comparison{expr: e, session: session, field: field}
	if session == nil {
		return c, false
	}
	n, known := int64(0), false
	if v := f.Pkg.Info.Types[bound].Value; v != nil && v.Kind() == constant.Int {
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
func (f limits) counterIn(e ast.Expr) (*origin.Session, *schema.Field) {
	switch e := f.Vars.Resolve(e).(type) {
	case *ast.BinaryExpr:
		if c, field := f.counterIn(e.X); c != nil {
			return c, field
		}
		return f.counterIn(e.Y)
	case *ast.CallExpr:
		if f.Pkg.Info.Types[e.Fun].IsType() && len(e.Args) == 1 {
			return f.counterIn(e.Args[0])
		}
		m, _, session := f.Pkg.Called(e)
		if m.Kind == generated.Returns && m.Field.Counter && session != nil {
			return f.Sessions.Of(session), m.Field
		}
	case *ast.SelectorExpr:
		return f.counterOf(e)
	}
	return nil, nil
}

// counterOf returns the counter that a selector selects from a Snapshot, or nil. A Snapshot in a variable is one as long
// as nobody changes a field of it.
func (f limits) counterOf(sel *ast.SelectorExpr) (*origin.Session, *schema.Field) {
	if v := f.Vars.Of(sel.X); v != nil && f.Vars.Parts[v] > 0 {
		return nil, nil
	}
	call, ok := f.Vars.Resolve(sel.X).(*ast.CallExpr)
	if !ok {
		return nil, nil
	}
	m, t, session := f.Pkg.Called(call)
	if m.Kind != generated.Snapshots || session == nil {
		return nil, nil
	}
	for _, field := range t.Fields {
		if field.Counter && field.Name == sel.Sel.Name {
			return f.Sessions.Of(session), field
		}
	}
	return nil, nil
}

// limits are those of one function.
type limits struct{ *flow.Func }
