package latesave_test

import (
	"path/filepath"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet/latesave"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestUsesAfterTheResponseHasBegunAreReported(t *testing.T) {
	t.Parallel()
	shop, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.RunWithSuggestedFixes(t, shop, latesave.Analyzer, "example.com/latesave/...")
}
