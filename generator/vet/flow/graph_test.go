package flow

import (
	"go/ast"
	"go/parser"
	"slices"
	"testing"

	"golang.org/x/tools/go/cfg"
)

// graph makes a function of a body: each call is an event that is named after it.
func graph(t *testing.T, body string) *Func {
	t.Helper()
	e, err := parser.ParseExpr("func() {" + body + "}")
	if err != nil {
		t.Fatal(err)
	}
	f := &Func{}
	for _, b := range cfg.New(e.(*ast.FuncLit).Body, func(*ast.CallExpr) bool { return true }).Blocks {
		block := &Block{Block: b}
		for _, n := range b.Nodes {
			if stmt, ok := n.(*ast.ExprStmt); ok {
				block.Events = append(block.Events, Event{Node: stmt, What: stmt.X.(*ast.CallExpr).Fun.(*ast.Ident).Name})
			}
		}
		f.Blocks = append(f.Blocks, block)
	}
	return f
}

func (f *Func) at(t *testing.T, what string) Point {
	t.Helper()
	for i, b := range f.Blocks {
		for j := range b.Events {
			if b.Events[j].What == what {
				return Point{i, j}
			}
		}
	}
	t.Fatalf("there is no %s", what)
	return Point{}
}

func is(what string) func(*Event) bool { return func(e *Event) bool { return e.What == what } }

func TestAPointReachesWhatStandsBehindItAndAroundItsLoop(t *testing.T) {
	f := graph(t, `a(); if c { b(); return }; for range n { d(); e() }; g()`)
	for _, tt := range []struct {
		from, to string
		want     bool
	}{
		{"a", "b", true}, {"a", "g", true}, {"b", "g", false}, {"g", "a", false},
		{"d", "e", true}, {"e", "d", true}, {"a", "a", false}, {"d", "d", true},
	} {
		if got := f.Reaches(f.at(t, tt.from), f.at(t, tt.to), nil); got != tt.want {
			t.Errorf("%s reaches %s: %t, want %t", tt.from, tt.to, got, tt.want)
		}
	}
	withoutLoops := func(b *Block, edge int) bool { return b.Succs[edge].Index > b.Index }
	if f.Reaches(f.at(t, "e"), f.at(t, "d"), withoutLoops) {
		t.Error("e reaches d without going back")
	}
}

func TestFirstsAreTheFirstEventsOnEachPath(t *testing.T) {
	f := graph(t, `a(); if c { u1(); u2() } else { b(); u3() }; u4()`)
	var firsts []string
	for _, at := range f.Firsts(f.at(t, "a"), func(e *Event) bool { return e.What[0] == 'u' }) {
		firsts = append(firsts, f.Event(at).What)
	}
	slices.Sort(firsts)
	if want := []string{"u1", "u3"}; !slices.Equal(firsts, want) {
		t.Errorf("the first events are %v, want %v", firsts, want)
	}
}

func TestAllPathsLeaveNoWayPastAnEvent(t *testing.T) {
	for body, want := range map[string]bool{
		`a(); u()`:                                  true,
		`a(); if c { u() } else { u() }`:            true,
		`a(); if c { u() }`:                         false,
		`a(); if c { return }; u()`:                 false,
		`a(); switch { case c: u() }`:               false,
		`a(); switch { case c: u(); default: u() }`: true,
	} {
		f := graph(t, body)
		if got := f.AllPaths(f.at(t, "a"), is("u"), 0); got != want {
			t.Errorf("%s: all paths come to u: %t, want %t", body, got, want)
		}
	}
	f := graph(t, `a(); if c { return }; u()`)
	for _, b := range f.Blocks {
		b.Fails = true
	}
	if !f.AllPaths(f.at(t, "a"), is("u"), 0) {
		t.Error("a return that fails counts")
	}
}

func TestABackwardStateIsFoundThroughLoops(t *testing.T) {
	f := graph(t, `a(); for c { if d { b(); continue }; e() }; g()`)
	behind := solve(f, false, func(b *Block, all []bool) bool {
		return slices.ContainsFunc(b.Succs, func(succ *cfg.Block) bool { return all[succ.Index] })
	}, func(found bool, e *Event) bool { return found || e.What == "e" })
	for what, want := range map[string]bool{"a": true, "b": true, "e": true, "g": false} {
		if got := behind[f.at(t, what).Block]; got != want {
			t.Errorf("e may come from the block of %s on: %t, want %t", what, got, want)
		}
	}
}
