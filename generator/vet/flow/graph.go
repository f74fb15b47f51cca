package flow

import "slices"

// A Point is the place of an event: its block, and its number there. -1 is in front of the block's first event.
type Point struct{ Block, Index int }

// Event returns the event at a point.
func (f *Func) Event(at Point) *Event { return &f.Blocks[at.Block].Events[at.Index] }

// Events calls visit for each event that control may come to, with the state in front of it.
func (f *Func) Events(visit func(at Point, e *Event, before *State)) {
	for i, b := range f.Blocks {
		if !b.Start.Reached {
			continue
		}
		s := b.Start.clone()
		for j := range b.Events {
			visit(Point{i, j}, &b.Events[j], &s)
			s.apply(&b.Events[j])
		}
	}
}

// Reachable returns the blocks that control may come to from some blocks on, these included. follows says which edges
// it may take; nil is all of them.
func (f *Func) Reachable(follows func(b *Block, edge int) bool, from ...int) []bool {
	seen := make([]bool, len(f.Blocks))
	todo := slices.Clone(from)
	for len(todo) > 0 {
		b := f.Blocks[todo[len(todo)-1]]
		todo = todo[:len(todo)-1]
		if seen[b.Index] {
			continue
		}
		seen[b.Index] = true
		for i, succ := range b.Succs {
			if follows == nil || follows(b, i) {
				todo = append(todo, int(succ.Index))
			}
		}
	}
	return seen
}

// Reaches reports whether control may come from one point to another. follows is as for Reachable.
func (f *Func) Reaches(from, to Point, follows func(b *Block, edge int) bool) bool {
	if from.Block == to.Block && from.Index < to.Index {
		return true
	}
	var behind []int
	b := f.Blocks[from.Block]
	for i, succ := range b.Succs {
		if follows == nil || follows(b, i) {
			behind = append(behind, int(succ.Index))
		}
	}
	return f.Reachable(follows, behind...)[to.Block]
}

// Firsts returns the first event of a kind on each path from a point on.
func (f *Func) Firsts(from Point, is func(*Event) bool) []Point {
	firsts, _, _ := f.paths(from, is)
	return firsts
}

// AllPaths reports whether each path from a point on comes to an event of a kind before it comes to the block before,
// or leaves the function without a failure.
func (f *Func) AllPaths(from Point, is func(*Event) bool, before int) bool {
	_, ends, entered := f.paths(from, is)
	return !entered[before] && !slices.ContainsFunc(ends, func(b *Block) bool { return b.Return() != nil && !b.Fails })
}

// paths follows the paths from a point on: to the first event of a kind, or to the block at which they end. entered
// are the blocks that they come to.
func (f *Func) paths(from Point, is func(*Event) bool) (firsts []Point, ends []*Block, entered []bool) {
	entered = make([]bool, len(f.Blocks))
	todo := []Point{from}
	for len(todo) > 0 {
		at := todo[len(todo)-1]
		todo = todo[:len(todo)-1]
		b := f.Blocks[at.Block]
		behind := b.Events[at.Index+1:]
		if i := slices.IndexFunc(behind, func(e Event) bool { return is(&e) }); i >= 0 {
			firsts = append(firsts, Point{at.Block, at.Index + 1 + i})
			continue
		}
		if len(b.Succs) == 0 {
			ends = append(ends, b)
		}
		for _, succ := range b.Succs {
			if !entered[succ.Index] {
				entered[succ.Index] = true
				todo = append(todo, Point{int(succ.Index), -1})
			}
		}
	}
	return firsts, ends, entered
}

// solve computes a backward state at the start of each block, by iteration until nothing changes: atEnd tells the
// state at a block's end from those of its successors, before steps back over an event.
func solve[S comparable](f *Func, greatest S, atEnd func(*Block, []S) S, before func(S, *Event) S) []S {
	out := make([]S, len(f.Blocks))
	for i := range out {
		out[i] = greatest
	}
	for changed := true; changed; {
		changed = false
		for i := len(f.Blocks) - 1; i >= 0; i-- {
			b := f.Blocks[i]
			if !b.Live {
				continue
			}
			s := atEnd(b, out)
			for j := len(b.Events) - 1; j >= 0; j-- {
				s = before(s, &b.Events[j])
			}
			if s != out[i] {
				out[i], changed = s, true
			}
		}
	}
	return out
}
