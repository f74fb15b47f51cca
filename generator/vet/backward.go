package vet

import (
	"go/token"

	"golang.org/x/tools/go/cfg"
)

// An outlook is what may still happen to a session from the start of a block on.
type outlook struct {
	save   bool      // on some way it is saved, be it in part, or given to somebody who may save it
	normal token.Pos // of a return that is no failure, or of a loop, on some way that passes no error edge; or none
	late   bool      // on every way to a return it is saved, destroyed or changed
}

// backward computes the outlook of a session at each block.
func (f *function) backward(c *cell) []outlook {
	out := make([]outlook, len(f.blocks))
	for i := range out {
		out[i].late = true // the greatest solution, so that a loop does not stand in its own way
	}
	for changed := true; changed; {
		changed = false
		for i := len(f.blocks) - 1; i >= 0; i-- {
			b := f.blocks[i]
			if !b.start.reached {
				continue
			}
			o := f.after(b, out)
			for j := len(b.events) - 1; j >= 0; j-- {
				o.apply(&b.events[j], c)
			}
			if o != out[i] {
				out[i], changed = o, true
			}
		}
	}
	return out
}

// after returns the outlook at the end of a block.
func (f *function) after(b *block, all []outlook) outlook {
	if ret := b.Return(); ret != nil {
		if b.fails {
			return outlook{}
		}
		return outlook{normal: ret.Pos()}
	}
	o := outlook{late: true}
	for i, succ := range b.Succs {
		next := all[succ.Index]
		o.save = o.save || next.save
		o.late = o.late && next.late
		if !o.normal.IsValid() && !b.edges[i].failed {
			o.normal = next.normal
			if !o.normal.IsValid() && b.repeats(succ) { // endless but for failures: as good as a return
				o.normal = succ.Stmt.Pos()
			}
		}
	}
	return o
}

// apply steps back over an event.
func (o *outlook) apply(e *event, c *cell) {
	if e.response.fails {
		o.normal = token.NoPos
	}
	if e.cell != c {
		return
	}
	if !e.deferred && (e.effect.MustChange || e.effect.MustCommit) {
		o.late = true
	}
	if e.created && c.alone() { // the session that was there before is gone
		o.save = false
		o.late = false
		if !o.normal.IsValid() {
			o.normal = e.node.Pos()
		}
	}
	if e.effect.MaySave || e.effect.MayCount || e.effect.Escapes {
		o.save = true
	}
}

// behind returns the outlook right after the i-th event of a block.
func (f *function) behind(b *block, i int, c *cell, all []outlook) outlook {
	o := f.after(b, all)
	for j := len(b.events) - 1; j > i; j-- {
		o.apply(&b.events[j], c)
	}
	return o
}

// repeats reports whether the way to a successor goes back to the start of a loop.
func (b *block) repeats(succ *cfg.Block) bool {
	switch succ.Kind {
	case cfg.KindForLoop, cfg.KindRangeLoop, cfg.KindForBody: // the body, if the loop has no condition
		return succ.Stmt != nil && b.Index > succ.Index
	}
	return false
}
