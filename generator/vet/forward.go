package vet

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// A state is what has surely happened when control reaches a point: whatever way it came.
type state struct {
	reached bool
	failed  bool         // an answer with an error status has been given
	errs    []*types.Var // errors that are not nil
	cells   []cellState
	written []certainty     // by writer
	caching []known.Caching // by writer: what its header says when it goes out
}

// A cellState is what has surely happened to a session.
type cellState struct {
	level     level
	pending   []*event // the changes that make it dirty
	safe      bool     // on some way: a deferred Save waits, or somebody else has the session
	changed   bool
	committed bool      // saved or destroyed
	sent      certainty // by that, a cookie may have been set
}

// A level tells whether a session has changes that are not saved.
type level uint8

const (
	clean   level = iota // on some way at least
	excused              // it has, but control has passed an error edge since
	dirty
)

// A certainty tells whether something has been written to a response, or a cookie has been set.
type certainty uint8

const (
	notWritten certainty = iota // on some way at least
	perhaps                     // by a call that reported an error, which says otherwise if it is not nil
	written
)

// failed returns what is certain where some error is not nil.
func (c certainty) failed() certainty {
	if c == perhaps {
		return notWritten
	}
	return c
}

// An exit is the state at a return.
type exit struct {
	stmt   *ast.ReturnStmt
	failed bool
	state
}

// forward computes the states at the start and the end of each block: the greatest solution of the equations, by
// iteration until nothing changes.
func (f *function) forward() {
	f.prepare()
	if len(f.blocks) == 0 {
		return
	}
	f.blocks[0].start = state{reached: true, cells: make([]cellState, len(f.cells.list)), written: make([]certainty, len(f.writers)), caching: make([]known.Caching, len(f.writers))}
	todo := []*block{f.blocks[0]}
	for len(todo) > 0 {
		b := todo[0]
		todo = todo[1:]
		b.end = b.start.clone()
		for i := range b.events {
			b.end.apply(&b.events[i])
		}
		b.end.forget(f, b)
		for i, succ := range b.Succs {
			next := f.blocks[succ.Index]
			if next.start.join(f.through(b, i)) && !slices.Contains(todo, next) {
				todo = append(todo, next)
			}
		}
	}
	for _, b := range f.blocks {
		if ret := b.Return(); ret != nil && b.start.reached {
			b.fails = f.failsAt(b.end, ret)
		}
	}
}

// returns lists the exits of the function.
func (f *function) returns() []exit {
	var out []exit
	for _, b := range f.blocks {
		if ret := b.Return(); ret != nil && b.start.reached {
			out = append(out, exit{stmt: ret, failed: b.fails, state: b.end})
		}
	}
	return out
}

func (f *function) failsAt(s state, ret *ast.ReturnStmt) bool {
	return s.failed || f.failedReturn(ret, func(v *types.Var) bool { return slices.Contains(s.errs, v) })
}

func (s state) clone() state {
	s.errs = slices.Clone(s.errs)
	s.cells = slices.Clone(s.cells)
	s.written = slices.Clone(s.written)
	s.caching = slices.Clone(s.caching)
	return s
}

// apply changes the state by an event.
func (s *state) apply(e *event) {
	if r := e.response; r.to.root != nil && r.caching != known.SaysNothing && s.written[e.writer] == notWritten {
		s.caching[e.writer] = r.caching
	}
	if r := e.response; r.to.root != nil && r.written {
		if r.mayFail {
			s.written[e.writer] = max(s.written[e.writer], perhaps)
		} else {
			s.written[e.writer] = written
		}
	}
	if e.response.fails {
		s.failed = true
		s.excuse()
	}
	if e.cell == nil {
		return
	}
	c := &s.cells[e.cell.index]
	if e.created {
		*c = cellState{safe: c.safe && !e.cell.alone()}
	}
	if e.effect.MayCount && !e.deferred {
		c.counted()
	}
	switch {
	case e.deferred:
		c.safe = c.safe || e.effect.MaySave || e.effect.MayCount
	case e.effect.MaySave || e.effect.Escapes:
		c.level, c.pending = clean, nil
		c.safe = c.safe || e.effect.Escapes
	case e.effect.MustChange && !c.safe:
		c.level = dirty
		if !slices.Contains(c.pending, e) {
			c.pending = append(slices.Clone(c.pending), e)
		}
	}
	if !e.deferred {
		c.changed = c.changed || e.effect.MustChange
		c.committed = c.committed || e.effect.MustCommit
		if e.effect.MustCommit {
			c.sent = max(c.sent, perhaps)
		}
	}
}

// counted drops the changes that CountF may have saved: those of counters, and those of functions, which may be of counters.
func (c *cellState) counted() {
	c.pending = slices.DeleteFunc(slices.Clone(c.pending), func(e *event) bool {
		return e.field != nil && e.field.Counter || e.field == nil && e.what != "Renew"
	})
	if len(c.pending) == 0 {
		c.level, c.changed = clean, false
	}
}

// alone reports whether one call makes all sessions of the cell: executed again it makes a new one, and the old is gone.
func (c *cell) alone() bool { return len(c.made) == 1 && len(c.sources) == 1 }

func (s *state) excuse() {
	for i := range s.cells {
		if s.cells[i].level == dirty {
			s.cells[i].level = excused
		}
	}
}

// through returns the state behind the i-th edge of a block.
func (f *function) through(b *block, i int) state {
	e := b.edges[i]
	s := b.end.clone()
	f.excuseDoubtful(&s, b, i)
	for _, c := range e.absent { // then there is nothing to lose
		s.cells[c.index].level, s.cells[c.index].pending = clean, nil
	}
	if !e.failed {
		return s
	}
	s.excuse()
	for _, v := range e.errs {
		if !slices.Contains(s.errs, v) {
			s.errs = append(s.errs, v)
		}
	}
	for i := range s.written {
		s.written[i] = s.written[i].failed()
	}
	for i := range s.cells {
		s.cells[i].sent = s.cells[i].sent.failed()
	}
	return s
}

// forget drops what was known of variables that a block assigns.
func (s *state) forget(f *function, b *block) {
	if len(s.errs) == 0 {
		return
	}
	for _, n := range b.Nodes {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, lhs := range a.Lhs {
				if v := f.vars.of(lhs); v != nil {
					s.errs = slices.DeleteFunc(s.errs, func(x *types.Var) bool { return x == v })
				}
			}
		}
	}
}

// join makes s what holds both in s and in other, and reports whether that changed it.
func (s *state) join(other state) bool {
	if !s.reached {
		*s = other
		return true
	}
	changed := false
	update := func(did bool) { changed = changed || did }
	update(s.failed && !other.failed)
	s.failed = s.failed && other.failed
	n := len(s.errs)
	s.errs = slices.DeleteFunc(s.errs, func(v *types.Var) bool { return !slices.Contains(other.errs, v) })
	update(len(s.errs) < n)
	for i := range s.cells {
		update(s.cells[i].join(other.cells[i]))
	}
	for i := range s.written {
		update(other.written[i] < s.written[i])
		s.written[i] = min(s.written[i], other.written[i])
		if s.caching[i] != other.caching[i] && s.caching[i] != known.SaysNothing {
			s.caching[i], changed = known.SaysNothing, true
		}
	}
	return changed
}

func (c *cellState) join(other cellState) bool {
	before := *c
	c.level = min(c.level, other.level)
	c.safe = c.safe || other.safe
	c.changed = c.changed && other.changed
	c.committed = c.committed && other.committed
	c.sent = min(c.sent, other.sent)
	if c.level == clean {
		c.pending = nil
	} else {
		for _, e := range other.pending {
			if !slices.Contains(c.pending, e) {
				c.pending = append(slices.Clone(c.pending), e)
			}
		}
	}
	return c.level != before.level || c.safe != before.safe || c.changed != before.changed ||
		c.committed != before.committed || c.sent != before.sent || len(c.pending) != len(before.pending)
}
