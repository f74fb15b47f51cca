package countlimit_test

import (
	"path/filepath"
	"testing"

	"github.com/sessiongen/sessiongen/generator/vet/countlimit"
	"golang.org/x/tools/go/analysis/analysistest"
)

func TestLimitsThatParallelRequestsPassAreReported(t *testing.T) {
	t.Parallel()
	shop, err := filepath.Abs("../testdata")
	if err != nil {
		t.Fatal(err)
	}
	analysistest.RunWithSuggestedFixes(t, shop, countlimit.Analyzer, "example.com/countlimit/...")
}
