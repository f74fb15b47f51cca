package generator_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/sessiongen/sessiongen/generator"
	"github.com/sessiongen/sessiongen/generator/diag"
	"github.com/sessiongen/sessiongen/generator/load"
	"github.com/sessiongen/sessiongen/internal/checkout"
)

var update = flag.Bool("update", false, "rewrite the expected messages in testdata/diagnostics")

// Each archive holds the files of a package with a mistake, and in "want" what is printed about it. They are packages
// of one module, so that one run generates for all of them.
func TestEachMistakeIsReportedOnceAndSaysWhatToDo(t *testing.T) {
	archives, err := filepath.Glob("../testdata/diagnostics/*.txtar")
	if err != nil || len(archives) < 40 {
		t.Fatalf("%d cases, %v", len(archives), err)
	}
	module := tempModule(t, "example.com/diagnostics")
	cases := map[string]*txtar.Archive{}
	for _, path := range archives {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		cases[path] = a
		extract(t, a, filepath.Join(module, caseName(path)))
	}
	res, err := generator.Run(t.Context(), load.Config{Dir: module, Patterns: []string{"./..."}})
	if err != nil {
		t.Fatal(err)
	}
	if len(res.Changes) > 0 {
		t.Errorf("%d files would be written in spite of mistakes", len(res.Changes))
	}
	for path, a := range cases {
		t.Run(caseName(path), func(t *testing.T) {
			dir := filepath.Join(module, caseName(path))
			var mine []diag.Diagnostic
			for _, d := range res.Found {
				if strings.HasPrefix(d.Pos.Filename, dir+string(filepath.Separator)) {
					mine = append(mine, d)
				}
			}
			var got bytes.Buffer
			if err := diag.Print(&got, diag.Text, dir, mine); err != nil {
				t.Fatal(err)
			}
			if *update {
				setWant(t, path, a, got.Bytes())
			}
			if diff := cmp.Diff(want(a), got.String()); diff != "" || got.Len() == 0 {
				t.Errorf("messages (-want +got):\n%s", diff)
			}
		})
	}
}

func caseName(path string) string { return strings.TrimSuffix(filepath.Base(path), ".txtar") }

func want(a *txtar.Archive) string {
	for _, f := range a.Files {
		if f.Name == "want" {
			return string(f.Data)
		}
	}
	return ""
}

func setWant(t *testing.T, path string, a *txtar.Archive, text []byte) {
	for i, f := range a.Files {
		if f.Name == "want" {
			a.Files = append(a.Files[:i], a.Files[i+1:]...)
			break
		}
	}
	a.Files = append(a.Files, txtar.File{Name: "want", Data: text})
	if err := os.WriteFile(path, txtar.Format(a), 0o666); err != nil {
		t.Fatal(err)
	}
}

func extract(t *testing.T, a *txtar.Archive, dir string) {
	for _, f := range a.Files {
		if f.Name == "want" {
			continue
		}
		writeFile(t, filepath.Join(dir, f.Name), f.Data)
	}
}

func writeFile(t testing.TB, path string, content []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
}

// requireCheckout makes a folder a module that requires this one.
func requireCheckout(t testing.TB, dir, path string) {
	mod, sum, err := checkout.Module("..", path)
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), mod)
	writeFile(t, filepath.Join(dir, "go.sum"), sum)
}

// tempModule makes a module of its own, that needs no other.
func tempModule(t *testing.T, path string) string {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, "go.mod"), []byte("module "+path+"\n\ngo 1.26\n"))
	return dir
}
