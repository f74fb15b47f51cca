package secretleak

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"

	"github.com/sessiongen/sessiongen/generator/vet/generated"
	"github.com/sessiongen/sessiongen/generator/vet/source"
	"golang.org/x/tools/go/analysis"
)

// secrets is one run.
type secrets struct {
	*generated.Package
	pass  *analysis.Pass
	vars  *source.Vars                // of all functions at once: a literal sees the variables around it
	found map[*types.Func]*logsParams // of this package

	stores map[*types.Var][]fieldStore
}

// A fieldStore is an assignment to a field of a variable.
type fieldStore struct {
	field string
	value ast.Expr // nil if it cannot be told
	pos   token.Pos
}

// logsParams is the fact that a function passes some of its parameters to a logger.
type logsParams struct{ Params []int }

func (*logsParams) AFact() {}

func (l *logsParams) String() string { return fmt.Sprintf("logs %v", l.Params) }
