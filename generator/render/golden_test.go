package render_test

import (
	"bytes"
	"context"
	"flag"
	"go/format"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/generator/output"
	"github.com/sessiongen/sessiongen/generator/parse"
	"github.com/sessiongen/sessiongen/generator/render"
)

var update = flag.Bool("update", false, "write the golden files anew")

const (
	root    = "../.."
	goldens = "./testdata/golden/..."
)

// The files under testdata/golden are the generator's output of today. Run with -update to change them, and read the
// diff.
func TestOutputIsGolden(t *testing.T) {
	patterns, least := []string{goldens}, 40
	if testing.Short() && !*update { // the go command compiles what it lists: all of them for 20 s when the runtime has changed
		patterns, least = everyFourth(t, "testdata/golden/*"), 10
	}
	res, err := generator.Run(context.Background(), load.Config{Dir: root, Patterns: patterns})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range res.Found {
		t.Errorf("%s: %s", d.Pos, d.Message)
	}
	if len(res.Changes) < least {
		t.Errorf("%d golden files, want at least %d", len(res.Changes), least)
	}
	for _, c := range res.Changes {
		if formatted, err := format.Source(c.New); err != nil || !bytes.Equal(formatted, c.New) {
			t.Errorf("%s is not formatted as gofmt does it: %v", c.Path, err)
		}
		switch {
		case c.Action == output.Keep:
		case *update:
			if err := output.Write([]output.Change{c}); err != nil {
				t.Fatal(err)
			}
		default:
			t.Errorf("%s differs:\n%s", filepath.Base(filepath.Dir(c.Path)), cmp.Diff(string(c.Old), string(c.New)))
		}
	}
}

// everyFourth returns patterns of packages, of those in a quarter of the folders of this module that a glob names.
func everyFourth(t *testing.T, glob string) (patterns []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(root, glob))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(all); i += 4 {
		rel, err := filepath.Rel(root, all[i])
		if err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, "./"+filepath.ToSlash(rel)+"/...")
	}
	return patterns
}

// All outputs compile, pass go vet, and do what their schemas say: package exercise tries each of them.
func TestOutputCompilesVetsAndWorks(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it compiles all golden packages")
	}
	for _, args := range [][]string{{"vet", goldens}, {"test", goldens}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = root
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
}

// The order in which files were read, and the order of maps, leave no trace.
func TestOutputIsTheSameFromRunToRun(t *testing.T) {
	if testing.Short() {
		t.Skip("not in a short test: it generates all golden packages again")
	}
	pkgs, err := load.Load(context.Background(), load.Config{Dir: root, Patterns: []string{goldens}})
	if err != nil {
		t.Fatal(err)
	}
	const runs = 20
	for _, p := range pkgs {
		want := map[string]string{}
		for range runs {
			rand.Shuffle(len(p.Files), func(i, j int) { p.Files[i], p.Files[j] = p.Files[j], p.Files[i] })
			model, _ := parse.Package(p)
			rand.Shuffle(len(model.Files), func(i, j int) { model.Files[i], model.Files[j] = model.Files[j], model.Files[i] })
			for _, f := range model.Files {
				src, err := render.File(model, f)
				if err != nil {
					t.Fatal(err)
				}
				if first, seen := want[f.Output]; seen && first != string(src) {
					t.Fatalf("%s: %s differs from run to run:\n%s", p.Path, f.Output, cmp.Diff(first, string(src)))
				}
				want[f.Output] = string(src)
			}
		}
		for name, src := range want {
			golden, err := os.ReadFile(filepath.Join(p.Dir, name))
			if err != nil {
				t.Fatal(err)
			}
			if string(golden) != src {
				t.Errorf("%s: %s is not what the generator writes", p.Path, name)
			}
		}
	}
}
