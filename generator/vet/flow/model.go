package flow

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/schema"
	"github.com/sessiongen/sessiongen/generator/vet/known"
	"github.com/sessiongen/sessiongen/generator/vet/origin"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"
)

// A Package is a package under analysis with the control flow of its functions. It is not changed once it is made.
type Package struct {
	*origin.Package
	pass  *analysis.Pass
	cfgs  *ctrlflow.CFGs
	funcs map[*source.Func]*Func
	read  []*Func // that open a session or change a counter, in source order
}

// A Func is a function with its control-flow graph. The graph is there if the function opens a session or changes a
// counter.
type Func struct {
	*origin.Func
	Opens   bool            // some call in it returns a session
	Adds    bool            // some call in it changes a counter
	Blocks  []*Block        // as in the control-flow graph
	Writers []origin.Writer // that its events write to

	pkg      *Package
	compared map[string]int             // see comparisons
	saves    map[*origin.Session][]bool // see savedBehind

	summary    *Summary // if the function has been looked at
	inProgress bool     // its summary is being computed: if it is asked for, the function is recursive
}

// A Block is a basic block with its events.
type Block struct {
	*cfg.Block
	Events []Event
	Start  State
	End    State
	Fails  bool // it ends in a return that is a failure

	edges []edge // to its successors
}

// An Event is one thing that happens in a function to a session or to a response. Within a block events are in the
// order of execution.
type Event struct {
	Node     ast.Node        // the position to report
	What     string          // the method or function called
	Field    *schema.Field   // of a generated method that changes one field
	Session  *origin.Session // or nil
	Effect   Effect
	Created  bool // the session is the fresh result of a call
	Returned bool // the session is returned to the caller
	Deferred bool // the effect is put off to the return of the function

	Response Response // its writer's root is nil if there is none
	Writer   int      // number of Response.To in Func.Writers
}

// mayBeOfAnyField reports whether a change may be one of any field: it is made by a function that is called, not by a
// generated method for a field or by Renew or Remember, which change none.
func (e *Event) mayBeOfAnyField() bool {
	return e.Field == nil && e.What != "Renew" && e.What != "Remember"
}

// A Response tells how a call affects an HTTP response.
type Response struct {
	To      origin.Writer
	Written bool // something has been written to it
	MayFail bool // the call returns an error, and if that is not nil perhaps nothing was written
	Fails   bool // it answers that the request has failed

	Caching known.Caching // the caching directive that it sets, if the header has not gone out
	Header  string        // the header that has it, or ""
}

// A Summary has the effects of a function on its parameters, the sessions and response writers, and on the sessions
// that it returns. "On every path" leaves out the paths that fail: they return an error, or come after an answer with
// an error status.
type Summary struct {
	Params  []ParamSummary // the receiver first, if there is one
	Results []ResultSummary
	Fails   bool // every path is a failure

	captured map[*types.Var]ParamSummary // of a function literal
}

// A ParamSummary has the effects on one parameter.
type ParamSummary struct {
	Session Effect
	Writes  bool          // to this response writer, on every path
	Caching known.Caching // the caching directive in its header, on every path
}

// An Effect is one on a session.
type Effect struct {
	MaySave    bool // on some path: saved or destroyed
	MayCount   bool // on some path: pending additions to a counter are saved
	Escapes    bool // on some path: stored, or given to unknown code, which may save it at any time
	MustChange bool // on every path
	MustCommit bool // on every path: saved, destroyed or counted on; a new session is created then
}

// A ResultSummary has the effects on a session that is returned.
type ResultSummary struct {
	Changed bool // on every path, and not saved; never for a session of the caller's
	Escapes bool // on some path: other code has it, too
}

// unknown is the effect of a function of which nothing is known.
func unknown() Effect { return Effect{MaySave: true, Escapes: true} }

// An edge has the facts that hold behind a branch.
type edge struct {
	failed      bool
	errs        []*types.Var      // errors that are not nil
	knownNil    []*origin.Session // sessions that are nil
	correlation correlation
}

// FailsOn reports whether the i-th edge of a block is an error edge.
func (b *Block) FailsOn(i int) bool { return b.edges[i].failed }

// A correlation is why a reader of the code alone cannot say that a branch can be taken with a session that was
// changed: the condition may have to do with the change. If the other branch saves, the author is taken to know why
// this one does not.
type correlation struct {
	always bool     // the condition is a variable that may be set along with the session, or the cases are complete
	fields []string // the condition reads these fields: if s.Visits()%10 == 0 { save }
}

// FuncAt returns the function that a *ast.FuncDecl or *ast.FuncLit is, or nil.
func (p *Package) FuncAt(n ast.Node) *Func { return p.of(p.Package.FuncAt(n)) }

// FuncOf returns the function of this package that a declared one is, or nil.
func (p *Package) FuncOf(fn *types.Func) *Func { return p.of(p.Package.FuncOf(fn)) }

func (p *Package) of(f *origin.Func) *Func {
	if f == nil {
		return nil
	}
	return p.funcs[f.Func]
}

// A State tells what has certainly happened when control reaches a point, on every path to it.
type State struct {
	Reached  bool
	failed   bool         // an answer with an error status has been given
	errs     []*types.Var // errors that are not nil
	Sessions []SessionState
	Written  []Certainty     // by writer
	Caching  []known.Caching // by writer: the caching directive in its header
}

// A SessionState tells what has certainly happened to a session.
type SessionState struct {
	Level     Level
	Pending   []*Event // the changes that make it dirty
	Safe      bool     // on some path: a deferred Save waits, or other code has the session
	changed   bool
	committed bool      // saved or destroyed
	Sent      Certainty // whether that may have set a cookie
}

// A Level tells whether a session has changes that are not saved.
type Level uint8

const (
	Clean      Level = iota // on some path
	Suppressed              // it has, but past an error edge or an answer with an error status
	Dirty
)

// A Certainty tells whether something has been written to a response, or a cookie has been set.
type Certainty uint8

const (
	Not     Certainty = iota // on some path
	Perhaps                  // by a call that returned an error, and has not if that is not nil
	Surely
)

// failed returns the certainty behind an error edge.
func (c Certainty) failed() Certainty {
	if c == Perhaps {
		return Not
	}
	return c
}
