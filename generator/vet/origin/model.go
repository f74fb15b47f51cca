package origin

import (
	"go/ast"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

// A Package is a package under analysis with the origins of its sessions. If it knows sessions it is not changed once
// it is made; else its functions are read when they are asked for, by one analyzer at a time.
type Package struct {
	*generated.Package
	pass   *analysis.Pass
	inside map[ast.Node]bool // functions that run within Middleware
	funcs  map[*source.Func]*Func
}

// A Func is a function with its sessions.
type Func struct {
	*source.Func
	Pkg      *Package
	Outer    *Func // of a literal
	Vars     *source.Vars
	Sessions *Sessions

	results  []Result // where the sessions come from that it returns, once that is known
	resolved bool
}

// FuncAt returns the function that a *ast.FuncDecl or *ast.FuncLit is, or nil.
func (p *Package) FuncAt(n ast.Node) *Func { return p.Func(p.Package.FuncAt(n)) }

// FuncOf returns the function of this package that a declared one is, or nil.
func (p *Package) FuncOf(fn *types.Func) *Func { return p.Func(p.Package.FuncOf(fn)) }

// A Session is the variables and calls of a function that are one session: an alias set.
//
// Which variables share a session is told without regard to order: t := s makes s and t one for good. That errs on
// the side of silence, since a change of one and a Save of the other then cancel out.
type Session struct {
	Index   int
	Vars    []*types.Var
	calls   []CallResult // that a session comes from or passes through
	made    []CallResult // those of them that it comes from
	Origins []Origin
}

// A CallResult is one result of a call.
type CallResult struct {
	Call   *ast.CallExpr
	Result int
}

// Sessions are the sessions of a function.
type Sessions struct {
	f      *Func
	List   []*Session
	byVar  map[*types.Var]*Session
	byCall map[CallResult]*Session
	sealed bool // all are known: no more come up
}

// An Origin is where a session comes from.
type Origin struct {
	Kind   Kind
	Writer Writer // of Load, its root nil if it is not known
	Param  int    // of Param
}

// A Kind tells where a session comes from.
type Kind int

const (
	Unknown    Kind = iota // a field, a map, a context, a call of which nothing is known
	Load                   // Manager.Load, directly or through functions that return its result
	Open                   // Manager.Open
	Middleware             // Manager.Get, FromContext and Must, or Load where Middleware saves
	Param                  // the caller's
	Outside                // a variable of the function around a literal
)

// A Result is where the session comes from that a function returns as one of its results.
type Result struct {
	From  Kind
	Param int // of Param: which; of Load: the parameter with the response writer, or -1
}

// A Writer is a response writer, by how a function gets at it: w, c.Writer, h.w. All ways from a web framework's
// context to its response are one writer.
type Writer struct {
	Root *types.Var
	Path string
}
