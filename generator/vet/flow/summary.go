package flow

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
)

func (*Summary) AFact() {}

func (s *Summary) String() string {
	var parts []string
	for i, p := range s.Params {
		if p != (ParamSummary{}) {
			parts = append(parts, fmt.Sprintf("%d:%+v", i, p))
		}
	}
	return "sessionflow(" + strings.Join(parts, " ") + ")"
}

// summaryOf returns the summary of a function, or nil if nothing is known of it.
func (p *Package) summaryOf(fn *types.Func) *Summary {
	fn = fn.Origin()
	if f := p.FuncOf(fn); f != nil {
		return p.summarize(f)
	}
	var fact Summary
	if fn.Pkg() != p.Types && p.pass.ImportObjectFact(fn, &fact) {
		return &fact
	}
	return nil
}

// summarize computes the summary of a function of this package; nil while that is under way.
func (p *Package) summarize(f *Func) *Summary {
	if f.summary != nil || f.inProgress {
		return f.summary
	}
	f.inProgress = true
	defer func() { f.inProgress = false }()
	f.forward()

	ps := source.Params(f.Sig)
	s := &Summary{Params: make([]ParamSummary, len(ps)), captured: map[*types.Var]ParamSummary{}}
	returns := f.returns()
	s.Fails = len(returns) > 0
	for _, r := range returns {
		s.Fails = s.Fails && r.failed
	}
	for _, c := range f.Sessions.List {
		e := f.effectOn(c, returns)
		for _, src := range c.Origins {
			if src.Kind == origin.Param {
				s.Params[src.Param].Session = e
			}
		}
		for _, v := range c.Vars {
			if !f.Contains(v) {
				s.captured[v] = ParamSummary{Session: e}
			}
		}
	}
	for i, w := range f.Writers {
		does := ParamSummary{Writes: f.writtenBy(i, returns), Caching: f.cachingBy(i, returns)}
		if w.Path != "" || does == (ParamSummary{}) {
			continue
		}
		if j := f.ParamIndex(w.Root); j >= 0 {
			s.Params[j] = does
		} else if !f.Contains(w.Root) {
			s.captured[w.Root] = does
		}
	}
	for i := range f.Sig.Results().Len() {
		s.Results = append(s.Results, f.resultOf(i, returns))
	}
	f.summary = s
	return s
}

// IsShared reports whether other code has a session, too, from the start: the function that returns it gives it away.
func (f *Func) IsShared(c *origin.Session) bool {
	shared := false
	f.Events(func(_ Point, e *Event, _ *State) { shared = shared || e.Session == c && e.Created && e.Effect.Escapes })
	return shared
}

// effectOn returns the effect of the function on a session. To return a session is no escape.
func (f *Func) effectOn(c *origin.Session, returns []exit) Effect {
	var e Effect
	for _, b := range f.Blocks {
		for _, ev := range b.Events {
			if b.Live && ev.Session == c && !ev.Returned {
				e.MaySave = e.MaySave || ev.Effect.MaySave
				e.MayCount = e.MayCount || ev.Effect.MayCount
				e.Escapes = e.Escapes || ev.Effect.Escapes
			}
		}
	}
	normal := 0
	e.MustChange, e.MustCommit = true, true
	for _, r := range returns {
		if !r.failed {
			normal++
			e.MustChange = e.MustChange && r.Sessions[c.Index].changed
			e.MustCommit = e.MustCommit && r.Sessions[c.Index].committed
		}
	}
	if normal == 0 {
		e.MustChange, e.MustCommit = false, false
	}
	return e
}

func (f *Func) writtenBy(writer int, returns []exit) bool {
	normal := 0
	for _, r := range returns {
		if !r.failed {
			normal++
			if r.Written[writer] == Not {
				return false
			}
		}
	}
	return normal > 0
}

// cachingBy returns the caching directive of a response, if it is the same at all returns.
func (f *Func) cachingBy(writer int, returns []exit) known.Caching {
	says, first := known.SaysNothing, true
	for _, r := range returns {
		switch {
		case r.failed:
		case first:
			says, first = r.Caching[writer], false
		case r.Caching[writer] != says:
			return known.SaysNothing
		}
	}
	return says
}

// resultOf returns the effects on the session of a result, if all returns return the same session.
func (f *Func) resultOf(i int, returns []exit) ResultSummary {
	if f.pkg.Session(f.Sig.Results().At(i).Type()) == nil {
		return ResultSummary{}
	}
	var session *origin.Session
	for _, r := range returns {
		s, isNil := f.ReturnedBy(r.stmt, i)
		switch {
		case isNil:
		case s == nil || session != nil && s != session:
			return ResultSummary{}
		default:
			session = s
		}
	}
	if session == nil {
		return ResultSummary{}
	}
	e := f.effectOn(session, returns)
	return ResultSummary{
		Changed: e.MustChange && !e.MaySave && !session.From(origin.Param), // of a parameter the caller knows
		Escapes: e.Escapes,
	}
}
