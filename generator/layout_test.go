package generator_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/sessiongen/sessiongen"

type listed struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
}

// Dependencies keep to the layout: the reader of one part need not know the others, and a program that only uses
// sessions does not carry the generator.
func TestPackagesDependOnEachOtherAsTheLayoutSays(t *testing.T) {
	pkgs := list(t, module+"/...")
	for _, p := range pkgs {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		within := func(folder string) bool { return path == folder || strings.HasPrefix(path, folder+"/") }
		if within("runtime") {
			for _, d := range p.Deps {
				if strings.HasPrefix(d, module+"/generator") || strings.HasPrefix(d, "github.com/dave/jennifer") ||
					strings.HasPrefix(d, "golang.org/x/tools") {
					t.Errorf("%s depends on %s: the runtime stays free of the generator", path, d)
				}
			}
		}
		if path == "generator/schema" || path == "generator/diag" {
			for _, d := range p.Deps {
				if first, _, _ := strings.Cut(d, "/"); strings.Contains(first, ".") {
					t.Errorf("%s depends on %s: it imports the standard library only", path, d)
				}
			}
		}
		for _, d := range p.Imports {
			switch {
			case d == "golang.org/x/tools/go/packages" && path != "generator/load",
				strings.HasPrefix(d, "github.com/dave/jennifer") && path != "generator/render",
				strings.HasPrefix(d, module+"/generator") && !within("generator") && !within("cmd"):
				t.Errorf("%s imports %s", path, d)
			}
		}
	}
	if !slices.ContainsFunc(pkgs, func(p listed) bool { return p.ImportPath == module+"/generator/load" }) {
		t.Error("the packages of this module were not listed")
	}
}

// The parts of the generator know only those before them, and of sessionvet's analyzers none knows another.
func TestThePipelineRunsOneWay(t *testing.T) {
	parts := allowed{
		"generator": {
			"generator/check", "generator/diag", "generator/load", "generator/output", "generator/parse",
			"generator/render", "generator/schema",
		},
		"generator/diag":    {},
		"generator/schema":  {},
		"generator/load":    {"generator/schema"},
		"generator/convert": {"generator/diag", "generator/schema"},
		"generator/parse":   {"generator/convert", "generator/diag", "generator/load", "generator/schema"},
		"generator/check":   {"generator/diag", "generator/schema", "internal/kebab"},
		"generator/render":  {"generator/schema"},
		"generator/output":  {"generator/schema"},
		"generator/adopt":   {"generator/diag", "generator/load", "generator/schema"},
	}
	seen := 0
	for _, p := range list(t, module+"/generator/...") {
		if path := strings.TrimPrefix(p.ImportPath, module+"/"); !strings.HasPrefix(path, "generator/vet") {
			parts.check(t, path, p.Imports)
			seen++
		}
	}
	if seen < len(parts) {
		t.Errorf("%d of %d packages were listed", seen, len(parts))
	}
}

func TestAnalyzersStandOnTheirPartsAndNotOnEachOther(t *testing.T) {
	const vet = "generator/vet/"
	parts := allowed{
		vet + "known":      {},
		vet + "source":     {vet + "known"},
		vet + "generated":  {"generator/convert", "generator/schema", vet + "source"},
		vet + "middleware": {vet + "generated", vet + "known", vet + "source"},
		vet + "origin":     {vet + "generated", vet + "known", vet + "middleware", vet + "source"},
		vet + "flow":       {"generator/schema", vet + "generated", vet + "known", vet + "origin", vet + "source"},
	}
	below := []string{"generator/schema", vet + "generated", vet + "known", vet + "source"}
	withOrigin := append(slices.Clip(below), vet+"origin")
	withFlow := append(slices.Clip(withOrigin), vet+"flow")
	analyzers := allowed{
		vet + "lostresult": below, vet + "aliased": below, vet + "secretleak": below, vet + "timeouthandler": below,
		vet + "escape":  withOrigin,
		vet + "unsaved": withFlow, vet + "latesave": withFlow, vet + "countlimit": withFlow,
	}
	maps.Copy(parts, analyzers)
	parts["generator/vet"] = slices.Collect(maps.Keys(analyzers))
	seen := 0
	for _, p := range list(t, module+"/generator/vet/...") {
		if slices.Contains(p.Deps, "golang.org/x/tools/go/packages") {
			t.Errorf("%s depends on go/packages: an analyzer loads nothing", p.ImportPath)
		}
		parts.check(t, strings.TrimPrefix(p.ImportPath, module+"/"), p.Imports)
		seen++
	}
	if seen < len(parts) {
		t.Errorf("%d of %d packages were listed", seen, len(parts))
	}
}

// allowed says which packages of this module each may import.
type allowed map[string][]string

func (a allowed) check(t *testing.T, path string, imports []string) {
	known, ok := a[path]
	if !ok {
		t.Errorf("%s is not in the layout: say here what it may import", path)
	}
	for _, d := range imports {
		if d, own := strings.CutPrefix(d, module+"/"); own && ok && !slices.Contains(known, d) {
			t.Errorf("%s imports %s", path, d)
		}
	}
}

// All file work goes through one package, where the rules about links and about files that are not ours are kept.
func TestOnlyPackageOutputChangesFiles(t *testing.T) {
	changes := map[string]bool{
		"Chmod": true, "Create": true, "CreateTemp": true, "CopyFS": true, "Link": true, "Mkdir": true, "MkdirAll": true, "MkdirTemp": true,
		"OpenFile": true, "OpenInRoot": true, "OpenRoot": true, "Remove": true, "RemoveAll": true, "Rename": true, "Symlink": true,
		"Truncate": true, "WriteFile": true,
	}
	seen := 0
	for _, p := range list(t, module+"/...") {
		path := strings.TrimPrefix(p.ImportPath, module+"/")
		if !strings.HasPrefix(path, "cmd/") && !strings.HasPrefix(path, "generator") {
			continue
		}
		for _, name := range p.GoFiles {
			file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(p.Dir, name), nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				s, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				if x, ok := s.X.(*ast.Ident); ok && x.Name == "os" && changes[s.Sel.Name] {
					seen++
					if path != "generator/output" {
						t.Errorf("%s/%s calls os.%s: let package output do it", path, name, s.Sel.Name)
					}
				}
				return true
			})
			for _, imp := range file.Imports {
				if imp.Path.Value == `"io/ioutil"` || imp.Path.Value == `"syscall"` || imp.Name != nil && imp.Path.Value == `"os"` {
					t.Errorf("%s/%s imports %s, in which this test sees nothing", path, name, imp.Path.Value)
				}
			}
		}
	}
	if seen == 0 {
		t.Error("package output changes no files either, so this test looks at nothing")
	}
}

func list(t *testing.T, pattern string) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-e", "-json=ImportPath,Dir,GoFiles,Imports,Deps", pattern).Output()
	if err != nil {
		t.Fatal(err)
	}
	var pkgs []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p listed
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}
