package vet

import (
	"go/ast"
	"go/token"

	"golang.org/x/tools/go/cfg"
)

// nextRound adds the uses that a loop around a write comes to in its next round, if every round comes to one.
func (l *lateness) nextRound(at place, write token.Pos) {
	for bi, b := range l.f.blocks {
		switch b.Kind {
		case cfg.KindForBody, cfg.KindRangeBody:
		default:
			continue
		}
		head := l.headOf(bi)
		if b.start.reached && within(b.Stmt, write) && l.comesTo(at, place{head, 0}, true) && l.always(place{bi, -1}, head, map[int]bool{}) {
			l.follow(place{bi, -1}, write, map[int]bool{})
		}
	}
}

// headOf returns the block to which a loop goes back: its condition, or its body if it has none.
func (l *lateness) headOf(body int) int {
	for bi, b := range l.f.blocks {
		if b.Stmt == l.f.blocks[body].Stmt && (b.Kind == cfg.KindForLoop || b.Kind == cfg.KindRangeLoop) {
			return bi
		}
	}
	return body
}

// always reports whether every way from a place comes to a use before it comes to the head of the loop or leaves the
// function, unless that is a failure.
func (l *lateness) always(from place, head int, seen map[int]bool) bool {
	b := l.f.blocks[from.block]
	for i := from.index + 1; i < len(b.events); i++ {
		if l.isUse(&b.events[i]) {
			return true
		}
	}
	if b.Return() != nil {
		return b.fails
	}
	for _, succ := range b.Succs {
		next := int(succ.Index)
		if next == head {
			return false
		}
		if !seen[next] {
			seen[next] = true
			if !l.always(place{next, -1}, head, seen) {
				return false
			}
		}
	}
	return true
}

func within(n ast.Node, pos token.Pos) bool { return n.Pos() <= pos && pos < n.End() }
