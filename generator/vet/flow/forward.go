package flow

import (
	"go/ast"
	"go/types"
	"slices"

	"github.com/sessiongen/sessiongen/generator/vet/known"
)

// An exit is the state at a return.
type exit struct {
	stmt   *ast.ReturnStmt
	failed bool
	State
}

// forward computes the states at the start and the end of each block: the greatest solution of the equations, by
// iteration until nothing changes.
func (f *Func) forward() {
	f.prepare()
	if len(f.Blocks) == 0 {
		return
	}
	f.Blocks[0].Start = State{
		Reached:  true,
		Sessions: make([]SessionState, len(f.Sessions.List)),
		Written:  make([]Certainty, len(f.Writers)),
		Caching:  make([]known.Caching, len(f.Writers)),
	}
	todo := []*Block{f.Blocks[0]}
	for len(todo) > 0 {
		b := todo[0]
		todo = todo[1:]
		b.End = b.Start.clone()
		for i := range b.Events {
			b.End.apply(&b.Events[i])
		}
		b.End.forget(f, b)
		for i, succ := range b.Succs {
			next := f.Blocks[succ.Index]
			if next.Start.join(f.Through(b, i)) && !slices.Contains(todo, next) {
				todo = append(todo, next)
			}
		}
	}
	for _, b := range f.Blocks {
		if ret := b.Return(); ret != nil && b.Start.Reached {
			b.Fails = f.failsAt(b.End, ret)
		}
	}
}

// returns lists the exits of the function.
func (f *Func) returns() []exit {
	var out []exit
	for _, b := range f.Blocks {
		if ret := b.Return(); ret != nil && b.Start.Reached {
			out = append(out, exit{stmt: ret, failed: b.Fails, State: b.End})
		}
	}
	return out
}

func (f *Func) failsAt(s State, ret *ast.ReturnStmt) bool {
	return s.failed || f.failedReturn(ret, func(v *types.Var) bool { return slices.Contains(s.errs, v) })
}

func (s State) clone() State {
	s.errs = slices.Clone(s.errs)
	s.Sessions = slices.Clone(s.Sessions)
	s.Written = slices.Clone(s.Written)
	s.Caching = slices.Clone(s.Caching)
	return s
}

// apply changes the state by an event.
func (s *State) apply(e *Event) {
	if r := e.Response; r.To.Root != nil && r.Caching != known.SaysNothing && s.Written[e.Writer] == Not {
		s.Caching[e.Writer] = r.Caching
	}
	if r := e.Response; r.To.Root != nil && r.Written {
		if r.MayFail {
			s.Written[e.Writer] = max(s.Written[e.Writer], Perhaps)
		} else {
			s.Written[e.Writer] = Surely
		}
	}
	if e.Response.Fails {
		s.failed = true
		s.suppress()
	}
	if e.Session == nil {
		return
	}
	c := &s.Sessions[e.Session.Index]
	if e.Created {
		*c = SessionState{Safe: c.Safe && !e.Session.Alone()}
	}
	if e.Effect.MayCount && !e.Deferred {
		c.counted()
	}
	switch {
	case e.Deferred:
		c.Safe = c.Safe || e.Effect.MaySave || e.Effect.MayCount
	case e.Effect.MaySave || e.Effect.Escapes:
		c.Level, c.Pending = Clean, nil
		c.Safe = c.Safe || e.Effect.Escapes
	case e.Effect.MustChange && !c.Safe:
		c.Level = Dirty
		if !slices.Contains(c.Pending, e) {
			c.Pending = append(slices.Clone(c.Pending), e)
		}
	}
	if !e.Deferred {
		c.changed = c.changed || e.Effect.MustChange
		c.committed = c.committed || e.Effect.MustCommit
		if e.Effect.MustCommit {
			c.Sent = max(c.Sent, Perhaps)
		}
	}
}

// counted drops the changes that CountF may have saved: those of counters, and those of functions, which may be of
// counters.
func (c *SessionState) counted() {
	c.Pending = slices.DeleteFunc(slices.Clone(c.Pending), func(e *Event) bool {
		return e.Field != nil && e.Field.Counter || e.mayBeOfAnyField()
	})
	if len(c.Pending) == 0 {
		c.Level, c.changed = Clean, false
	}
}

func (s *State) suppress() {
	for i := range s.Sessions {
		if s.Sessions[i].Level == Dirty {
			s.Sessions[i].Level = Suppressed
		}
	}
}

// Through returns the state behind the i-th edge of a block.
func (f *Func) Through(b *Block, i int) State {
	e := b.edges[i]
	s := b.End.clone()
	f.suppressCorrelated(&s, b, i)
	for _, c := range e.knownNil { // there is nothing to lose
		s.Sessions[c.Index].Level, s.Sessions[c.Index].Pending = Clean, nil
	}
	if !e.failed {
		return s
	}
	s.suppress()
	for _, v := range e.errs {
		if !slices.Contains(s.errs, v) {
			s.errs = append(s.errs, v)
		}
	}
	for i := range s.Written {
		s.Written[i] = s.Written[i].failed()
	}
	for i := range s.Sessions {
		s.Sessions[i].Sent = s.Sessions[i].Sent.failed()
	}
	return s
}

// forget drops the errors that a block assigns anew.
func (s *State) forget(f *Func, b *Block) {
	if len(s.errs) == 0 {
		return
	}
	for _, n := range b.Nodes {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, lhs := range a.Lhs {
				if v := f.Vars.Of(lhs); v != nil {
					s.errs = slices.DeleteFunc(s.errs, func(x *types.Var) bool { return x == v })
				}
			}
		}
	}
}

// join makes s the meet of s and other: the facts that hold in both. It reports whether that changed s.
func (s *State) join(other State) bool {
	if !s.Reached {
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
	for i := range s.Sessions {
		update(s.Sessions[i].join(other.Sessions[i]))
	}
	for i := range s.Written {
		update(other.Written[i] < s.Written[i])
		s.Written[i] = min(s.Written[i], other.Written[i])
		if s.Caching[i] != other.Caching[i] && s.Caching[i] != known.SaysNothing {
			s.Caching[i], changed = known.SaysNothing, true
		}
	}
	return changed
}

func (c *SessionState) join(other SessionState) bool {
	before := *c
	c.Level = min(c.Level, other.Level)
	c.Safe = c.Safe || other.Safe
	c.changed = c.changed && other.changed
	c.committed = c.committed && other.committed
	c.Sent = min(c.Sent, other.Sent)
	if c.Level == Clean {
		c.Pending = nil
	} else {
		for _, e := range other.Pending {
			if !slices.Contains(c.Pending, e) {
				c.Pending = append(slices.Clone(c.Pending), e)
			}
		}
	}
	return c.Level != before.Level || c.Safe != before.Safe || c.changed != before.changed ||
		c.committed != before.committed || c.Sent != before.Sent || len(c.Pending) != len(before.Pending)
}
