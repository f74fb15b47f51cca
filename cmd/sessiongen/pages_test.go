package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/tools/txtar"
)

// Each fence of Go on a page is a package of its own: with the shop's schema and what testdata/doc takes for given, and
// with the imports that it needs. It has to generate and to pass go vet.
func TestTheCodeOnEveryPageCompiles(t *testing.T) {
	pages, err := filepath.Glob("../../doc/*.md")
	if err != nil {
		t.Fatal(err)
	}
	schema, given := read(t, "../../testdata/doc/session.go"), read(t, "../../testdata/doc/given.go")
	script := &txtar.Archive{Comment: []byte("module example.com/pages\nexec sessiongen ./...\nexec go vet ./...\n")}
	fenced := 0
	for _, page := range append(pages, "../../README.md") {
		for i, code := range fences(string(read(t, page)), "go") {
			if strings.HasPrefix(code, "package ") {
				continue // the README's first screen is performed as a whole
			}
			fenced++
			name := strings.TrimSuffix(filepath.Base(page), ".md")
			dir := fmt.Sprintf("%s%d/", strings.ToLower(name), i+1)
			source, err := complete(code)
			if err != nil {
				t.Errorf("%s, fence %d is no Go: %v\n%s", page, i+1, err, code)
				continue
			}
			script.Files = append(script.Files, txtar.File{Name: dir + "fence.go", Data: source},
				txtar.File{Name: dir + "given.go", Data: given})
			if !strings.Contains(code, "//sessiongen:schema") {
				script.Files = append(script.Files, txtar.File{Name: dir + "session.go", Data: schema})
			}
		}
	}
	if fenced < 10 {
		t.Fatalf("only %d fences of Go were found", fenced)
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pages.txtar"), txtar.Format(script), 0o666); err != nil {
		t.Fatal(err)
	}
	p := params(t)
	p.Dir = dir
	testscript.Run(t, p)
}

// Links between pages lead to pages and headings that exist.
func TestLinksOnThePagesLeadSomewhere(t *testing.T) {
	pages, err := filepath.Glob("../../doc/*.md")
	if err != nil {
		t.Fatal(err)
	}
	more, err := filepath.Glob("../../*.md")
	if err != nil {
		t.Fatal(err)
	}
	links := 0
	for _, page := range append(pages, more...) {
		for _, m := range regexp.MustCompile(`\]\(([^)\s]+)\)`).FindAllStringSubmatch(string(read(t, page)), -1) {
			target, heading, _ := strings.Cut(m[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			links++
			path := page
			if target != "" {
				path = filepath.Join(filepath.Dir(page), target)
			}
			if _, err := os.Stat(path); err != nil {
				t.Errorf("%s links to %s: %v", page, m[1], err)
			} else if heading != "" && !slices.Contains(headings(string(read(t, path))), heading) {
				t.Errorf("%s links to %s: no such heading", page, m[1])
			}
		}
	}
	if links < 10 {
		t.Fatalf("only %d links were found", links)
	}
}

// Who follows the page for contributors finds the files and folders that it names.
func TestThePathsInContributingExist(t *testing.T) {
	named := regexp.MustCompile("`([\\w.-]+(?:/[\\w.-]+)+)`").FindAllSubmatch(read(t, "../../CONTRIBUTING.md"), -1)
	for _, m := range named {
		if _, err := os.Stat(filepath.Join("../..", string(m[1]))); err != nil {
			t.Errorf("CONTRIBUTING.md names %s: %v", m[1], err)
		}
	}
	if len(named) < 50 {
		t.Fatalf("only %d paths were found", len(named))
	}
}

// An auditor who follows a page finds the tests that it names, and each requirement of ASVS 5.0's chapter 7 once.
func TestTheTestsThatPagesNameExist(t *testing.T) {
	declared := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || path != "../.." && strings.HasPrefix(d.Name(), ".")):
			return fs.SkipDir
		case strings.HasSuffix(path, "_test.go"):
			for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllSubmatch(read(t, path), -1) {
				declared[string(m[1])] = true
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pages, err := filepath.Glob("../../doc/*.md")
	if err != nil {
		t.Fatal(err)
	}
	named := 0
	for _, page := range pages {
		for _, m := range regexp.MustCompile("`(Test[A-Z]\\w+)`").FindAllSubmatch(read(t, page), -1) {
			if named++; !declared[string(m[1])] {
				t.Errorf("%s names %s: no such test", page, m[1])
			}
		}
	}
	if named < 50 {
		t.Fatalf("only %d tests are named", named)
	}

	var got, want []string
	for _, m := range regexp.MustCompile(`(?m)^\| (7\.\d\.\d) \|`).FindAllSubmatch(read(t, "../../doc/security.md"), -1) {
		got = append(got, string(m[1]))
	}
	for section, requirements := range []int{3, 4, 2, 5, 3, 2} {
		for r := range requirements {
			want = append(want, fmt.Sprintf("7.%d.%d", section+1, r+1))
		}
	}
	if !slices.Equal(got, want) {
		t.Errorf("the table has the requirements\n%v, want\n%v", got, want)
	}
}

// headings returns the anchors of a page's headings.
func headings(markdown string) []string {
	var anchors []string
	for _, m := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(markdown, -1) {
		anchor := strings.ReplaceAll(strings.ToLower(m[1]), " ", "-")
		anchors = append(anchors, regexp.MustCompile(`[^\p{L}\p{N}_-]`).ReplaceAllString(anchor, ""))
	}
	return anchors
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// knownPackages are the packages that pages speak of, by the name that stands before the dot.
var knownPackages = map[string]string{
	"httptest": "net/http/httptest", "http": "net/http", "slog": "log/slog", "template": "html/template",
	"session":     "github.com/sessiongen/sessiongen/runtime/session",
	"sessiontest": "github.com/sessiongen/sessiongen/runtime/sessiontest",
	"inspect":     "github.com/sessiongen/sessiongen/runtime/inspect",
	"file":        "github.com/sessiongen/sessiongen/runtime/store/file",
	"memcached":   "github.com/sessiongen/sessiongen/runtime/store/memcached",
	"memory":      "github.com/sessiongen/sessiongen/runtime/store/memory",
	"redis":       "github.com/sessiongen/sessiongen/runtime/store/redis",
	"hmac":        "crypto/hmac", "sha256": "crypto/sha256",
	"context": "context", "errors": "errors", "fmt": "fmt", "log": "log", "os": "os", "strings": "strings", "testing": "testing", "time": "time",
}

// complete makes a file of a fence: of declarations, or of statements that find a handler's variables around them.
func complete(code string) ([]byte, error) {
	const clause = "package shop\n"
	f, err := parser.ParseFile(token.NewFileSet(), "", clause+code, 0)
	if err != nil {
		const head = "func _(w http.ResponseWriter, r *http.Request, s *Session, ctx context.Context) {\n"
		var statements error
		if f, statements = parser.ParseFile(token.NewFileSet(), "", clause+head+code+"}\n", 0); statements != nil {
			return nil, statements
		}
		code = head + code + used(f) + "}\n"
		f, err = parser.ParseFile(token.NewFileSet(), "", clause+code, 0)
		if err != nil {
			return nil, err
		}
	}
	var b bytes.Buffer
	b.WriteString(clause)
	for _, path := range imports(f) {
		fmt.Fprintf(&b, "import %q\n", path)
	}
	b.WriteString(code)
	return b.Bytes(), nil
}

// used returns a statement that uses all that the last function of a file defines in its own block: on a page the use
// is left to the reader.
func used(f *ast.File) string {
	var names []string
	for _, s := range f.Decls[len(f.Decls)-1].(*ast.FuncDecl).Body.List {
		if a, ok := s.(*ast.AssignStmt); ok && a.Tok == token.DEFINE {
			for _, l := range a.Lhs {
				names = append(names, l.(*ast.Ident).Name)
			}
		}
	}
	var b strings.Builder
	for _, name := range names {
		if name != "_" {
			fmt.Fprintf(&b, "_ = %s\n", name)
		}
	}
	return b.String()
}

func imports(f *ast.File) []string {
	var paths []string
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok {
				if path := knownPackages[x.Name]; path != "" && !slices.Contains(paths, path) {
					paths = append(paths, path)
				}
			}
		}
		return true
	})
	return paths
}
