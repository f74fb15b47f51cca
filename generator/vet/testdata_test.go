package vet_test

import (
	"path/filepath"
	"testing"

	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
)

func TestTheSessionsUnderTestdataAreWhatIsGeneratedNow(t *testing.T) {
	dir, err := filepath.Abs("testdata")
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOWORK", filepath.Join(dir, "go.work"))
	res, err := generator.Run(t.Context(), load.Config{Dir: dir, Patterns: []string{"./web"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range res.Found {
		t.Error(d.Pos, d.Message)
	}
	if len(res.Changes) != 1 || res.Changes[0].Action != output.Keep {
		t.Errorf("run GOWORK=$PWD/go.work go run ../../../cmd/sessiongen ./web in %s", dir)
	}
}
