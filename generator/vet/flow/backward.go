package flow

import (
	"go/token"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"golang.org/x/tools/go/cfg"
)

// A BackwardState tells what may still happen to a session from the start of a block on.
type BackwardState struct {
	Save   bool      // on some path it is saved, or its counters are, or it is given to code that may save it
	Normal token.Pos // the successful return, or the loop, that some path without an error edge comes to; or none
	Late   bool      // on every path to a return it is saved, destroyed or changed
}

// Backward computes the backward state of a session at the start of each block: the greatest solution of the
// equations, so that a loop does not stand in its own way.
func (f *Func) Backward(c *origin.Session) []BackwardState {
	before := func(s BackwardState, e *Event) BackwardState { return s.before(e, c) }
	return solve(f, BackwardState{Late: true}, f.after, before)
}

// savedBehind reports for each block whether the session may still be saved from its start on.
func (f *Func) savedBehind(c *origin.Session) []bool {
	if saves := f.saves[c]; saves != nil {
		return saves
	}
	saves := solve(f, false,
		func(b *Block, all []bool) bool {
			return slices.ContainsFunc(b.Succs, func(succ *cfg.Block) bool { return all[succ.Index] })
		},
		func(save bool, e *Event) bool { return BackwardState{Save: save}.before(e, c).Save })
	if f.saves == nil {
		f.saves = map[*origin.Session][]bool{}
	}
	f.saves[c] = saves
	return saves
}

// after returns the backward state at the end of a block.
func (f *Func) after(b *Block, all []BackwardState) BackwardState {
	if ret := b.Return(); ret != nil {
		if b.Fails {
			return BackwardState{}
		}
		return BackwardState{Normal: ret.Pos()}
	}
	s := BackwardState{Late: true}
	for i, succ := range b.Succs {
		next := all[succ.Index]
		s.Save = s.Save || next.Save
		s.Late = s.Late && next.Late
		if !s.Normal.IsValid() && !b.edges[i].failed {
			s.Normal = next.Normal
			if !s.Normal.IsValid() && b.repeats(succ) { // an endless loop counts as a return
				s.Normal = succ.Stmt.Pos()
			}
		}
	}
	return s
}

// before steps back over an event.
func (o BackwardState) before(e *Event, c *origin.Session) BackwardState {
	if e.Response.Fails {
		o.Normal = token.NoPos
	}
	if e.Session != c {
		return o
	}
	if !e.Deferred && (e.Effect.MustChange || e.Effect.MustCommit) {
		o.Late = true
	}
	if e.Created && c.Alone() { // a new session takes the place of the one before
		o.Save = false
		o.Late = false
		if !o.Normal.IsValid() {
			o.Normal = e.Node.Pos()
		}
	}
	if e.Effect.MaySave || e.Effect.MayCount || e.Effect.Escapes {
		o.Save = true
	}
	return o
}

// Behind returns the backward state right after a point.
func (f *Func) Behind(at Point, c *origin.Session, all []BackwardState) BackwardState {
	b := f.Blocks[at.Block]
	o := f.after(b, all)
	for j := len(b.Events) - 1; j > at.Index; j-- {
		o = o.before(&b.Events[j], c)
	}
	return o
}

// repeats reports whether the way to a successor goes back to the start of a loop.
func (b *Block) repeats(succ *cfg.Block) bool {
	switch succ.Kind {
	case cfg.KindForLoop, cfg.KindRangeLoop, cfg.KindForBody: // the body, if the loop has no condition
		return succ.Stmt != nil && b.Index > succ.Index
	}
	return false
}
