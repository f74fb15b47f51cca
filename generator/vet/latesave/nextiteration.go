package latesave

import (
	"go/token"

	"github.com/sessiongen/sessiongen/generator/vet/flow"
	"golang.org/x/tools/go/cfg"
)

// nextIteration adds the uses that a loop around a write comes to in its next iteration, if every iteration comes to
// one.
func (l *search) nextIteration(at flow.Point, write token.Pos) {
	for i, b := range l.f.Blocks {
		if b.Kind != cfg.KindForBody && b.Kind != cfg.KindRangeBody || !b.Start.Reached {
			continue
		}
		if b.Stmt.Pos() > write || write >= b.Stmt.End() {
			continue
		}
		head, body := l.headOf(i), flow.Point{Block: i, Index: -1}
		if l.f.Reaches(at, flow.Point{Block: head}, withoutFailure) && l.f.AllPaths(body, l.isUse, head) {
			l.addFirsts(body, write)
		}
	}
}

// withoutFailure leaves out the error edges, on which perhaps nothing was written.
func withoutFailure(b *flow.Block, edge int) bool { return !b.FailsOn(edge) }

// headOf returns the block to which a loop goes back: its condition, or its body if it has none.
func (l *search) headOf(body int) int {
	for i, b := range l.f.Blocks {
		if b.Stmt == l.f.Blocks[body].Stmt && (b.Kind == cfg.KindForLoop || b.Kind == cfg.KindRangeLoop) {
			return i
		}
	}
	return body
}
