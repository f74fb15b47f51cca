package escape_test

import (
	"path/filepath"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet/escape"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestSessionsThatOutliveTheirRequestAreReported(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it type-checks what the test data imports, the standard library included")
	}
	t.Parallel()
	shop, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.RunWithSuggestedFixes(t, shop, escape.Analyzer, "example.com/escape/...")
}
