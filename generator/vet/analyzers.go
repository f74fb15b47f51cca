package vet

import (
	"go/ast"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzers returns all analyzers, for a driver.
func Analyzers() []*analysis.Analyzer {
	return []*analysis.Analyzer{Unsaved, LateSave, LostResult, Aliased, Escape, SecretLeak}
}

const docURL = "https://pkg.go.dev/github.com/sessiongen/sessiongen/generator/vet"

func isTest(pass *analysis.Pass, n ast.Node) bool {
	return strings.HasSuffix(pass.Fset.File(n.Pos()).Name(), "_test.go")
}
