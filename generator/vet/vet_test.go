package vet_test

import (
	"path/filepath"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
)

// All analyzers read the test data here; each has more of its own in its folder. It is a module of its own, in a
// workspace with this one, so that it imports the runtime of this checkout.
func TestMistakesAreReportedAndCorrectHandlersAreNot(t *testing.T) {
	t.Parallel()
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.RunWithSuggestedFixes(t, dir, together(), "./...")
}

// together returns all analyzers as one, whose messages begin with the name of the one that speaks.
func together() *analysis.Analyzer {
	all := &analysis.Analyzer{Name: "sessionvet", Doc: "all analyzers of sessionvet"}
	for _, a := range vet.Analyzers() {
		all.Requires = append(all.Requires, a.Requires...)
		all.FactTypes = append(all.FactTypes, a.FactTypes...)
	}
	all.Run = func(pass *analysis.Pass) (any, error) {
		for _, a := range vet.Analyzers() {
			one := *pass
			one.Report = func(d analysis.Diagnostic) {
				d.Message = a.Name + ": " + d.Message
				pass.Report(d)
			}
			if _, err := a.Run(&one); err != nil {
				return nil, err
			}
		}
		return nil, nil
	}
	return all
}
