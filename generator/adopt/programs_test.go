package adopt_test

import (
	"bytes"
	"flag"
	"fmt"
	"go/ast"
	"go/format"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/sessiongen/sessiongen/generator/adopt"
	"github.com/sessiongen/sessiongen/generator/load"
)

var update = flag.Bool("update", false, "write the reports under testdata anew")

// Each archive under testdata is a program with one idea, told in its first lines, and what is to be said of it: the
// same whether all function bodies are read, or those alone that are selected.
func TestEachProgramIsReportedAsItsArchiveTells(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatal("no programs", err)
	}
	parsed := map[string]*txtar.Archive{}
	dir := t.TempDir() // one module for all, which is loaded once
	write(t, filepath.Join(dir, "go.mod"), []byte(module(t)))
	for _, file := range archives {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed[file] = archive
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, ".go") {
				write(t, filepath.Join(dir, nameOf(file), f.Name), bytes.ReplaceAll(f.Data, []byte("example.com/site/"), []byte("example.com/site/"+nameOf(file)+"/")))
			}
		}
	}
	env := append(os.Environ(), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local")
	for of, selection := range map[string]load.Selection{"all bodies": nil, "selected bodies": surveys{}} {
		loaded, err := load.LoadProgram(t.Context(), load.Config{Dir: dir, Env: env, Patterns: []string{"./..."}}, selection)
		if err != nil {
			t.Fatal(err)
		}
		t.Run(of, func(t *testing.T) {
			for _, file := range archives {
				t.Run(nameOf(file), func(t *testing.T) {
					compare(t, part(loaded, filepath.Join(dir, nameOf(file))), filepath.Join(dir, nameOf(file)), file, parsed[file])
				})
			}
		})
	}
}

// surveys are one for each archive.
type surveys map[string]load.Selection

func (s surveys) of(path string) load.Selection {
	archive := strings.Split(path, "/")[2]
	if s[archive] == nil {
		s[archive] = adopt.NewSurvey()
	}
	return s[archive]
}

func (s surveys) Survey(path string, file *ast.File) { s.of(path).Survey(path, file) }

func (s surveys) Keep(path string, file *ast.File, fn *ast.FuncDecl) bool {
	return s.of(path).Keep(path, file, fn)
}

// compare holds what is said of a program against its archive.
func compare(t *testing.T, loaded *load.Program, dir, file string, archive *txtar.Archive) {
	r, err := adopt.Study(loaded, adopt.Config{Config: load.Config{Dir: dir}})
	if err != nil {
		t.Fatal(err)
	}
	for name, got := range map[string]string{"want": summary(r), "diff": withoutSchema(r.Diff), "schema": string(r.Shown)} {
		want := section(archive, name)
		if want == nil {
			continue
		}
		if *update {
			want.Data = []byte(got)
			continue
		}
		if diff := cmp.Diff(string(want.Data), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	for _, src := range created(r.Diff) {
		if tidy, err := format.Source(src); err != nil || !bytes.Equal(tidy, src) {
			t.Errorf("gofmt would change a file of the patch (%v):\n%s", err, src)
		}
	}
	if *update {
		if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// section returns a file of an archive, or nil.
func section(a *txtar.Archive, name string) *txtar.File {
	for i := range a.Files {
		if a.Files[i].Name == name {
			return &a.Files[i]
		}
	}
	return nil
}

// withoutSchema leaves the new files of a patch out but for their names: what stands in them is tested elsewhere.
func withoutSchema(patch string) string {
	var kept []string
	created := false
	for line := range strings.Lines(patch) {
		if rest, ok := strings.CutPrefix(line, "diff "); ok {
			if created = strings.HasPrefix(rest, "/dev/null"); created {
				kept = append(kept, line)
			}
		}
		if !created && !strings.HasPrefix(line, "diff ") {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "")
}

// created returns the new files of a patch.
func created(patch string) (files [][]byte) {
	for _, part := range strings.Split(patch, "diff /dev/null ")[1:] {
		var src []byte
		for line := range strings.Lines(part) {
			if strings.HasPrefix(line, "diff ") {
				break
			}
			if text, ok := strings.CutPrefix(line, "+"); ok && !strings.HasPrefix(line, "+++ ") {
				src = append(src, text...)
			}
		}
		files = append(files, src)
	}
	return files
}

func nameOf(file string) string { return strings.TrimSuffix(filepath.Base(file), ".txtar") }

// part is the program in one folder.
func part(p *load.Program, dir string) *load.Program {
	q := &load.Program{Fset: p.Fset, Root: p.Root}
	for _, c := range p.Packages {
		if c.Dir == dir || strings.HasPrefix(c.Dir, dir+string(filepath.Separator)) {
			q.Packages = append(q.Packages, c)
		}
	}
	return q
}

func write(t testing.TB, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o666); err != nil {
		t.Fatal(err)
	}
}

// module is a go.mod that requires the doubles under testdata/stub.
func module(t testing.TB) string {
	t.Helper()
	stubs, err := filepath.Glob("testdata/stub/*/go.mod")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("module example.com/site\n\ngo 1.26.0\n")
	for _, stub := range stubs {
		mod, err := os.ReadFile(stub)
		if err != nil {
			t.Fatal(err)
		}
		line, _, _ := bytes.Cut(mod, []byte("\n"))
		path := strings.TrimPrefix(string(line), "module ")
		dir, err := filepath.Abs(filepath.Dir(stub))
		if err != nil {
			t.Fatal(err)
		}
		version := "v0.0.0"
		if i := strings.LastIndex(path, "/v"); i > 0 {
			version = path[i+1:] + ".0.0"
		}
		fmt.Fprintf(&b, "\nrequire %s %s\n\nreplace %s => %s\n", path, version, path, dir)
	}
	return b.String()
}

// summary writes what matters of a report, a line for each thing.
func summary(r *adopt.Report) string {
	var b strings.Builder
	fmt.Fprintf(&b, "library %s\n", r.Library)
	for _, k := range r.Keys {
		cookie := ""
		if k.Cookie != "" {
			cookie = k.Cookie + ": "
		}
		fmt.Fprintf(&b, "key %s%s: %s %s", cookie, k.Key, k.Name, k.Type)
		if len(k.Options) > 0 {
			fmt.Fprintf(&b, " (%s)", strings.Join(k.Options, ","))
		}
		fmt.Fprintf(&b, ", written %s, read %s\n", positions(k.Written), positions(k.Read))
	}
	for _, f := range r.Findings {
		fmt.Fprintf(&b, "%s: %s: %s\n", f.Pos, f.Kind, f.Text)
	}
	for _, u := range r.Unresolved {
		fmt.Fprintf(&b, "%s: unresolved: %s\n", u.Pos, u.Text)
	}
	for _, p := range r.Trouble {
		fmt.Fprintf(&b, "trouble: %s\n", p)
	}
	return b.String()
}

func positions(all []string) string {
	if len(all) == 0 {
		return "nowhere"
	}
	sort.Strings(all)
	return strings.Join(all, " ")
}
