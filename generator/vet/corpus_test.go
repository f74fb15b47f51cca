package vet_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// The promise is 60 functions that are reported and 100 correct ones that are not, of all analyzers together. The
// bounds are higher, just below the present numbers, so that a lost file is missed.
func TestTheCorpusIsAsLargeAsPromised(t *testing.T) {
	reported, correct := 0, 0
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".go" {
			return err
		}
		if strings.HasSuffix(path, "_gen.go") || !strings.Contains(path, "testdata") {
			return nil
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		wants := wantedLines(fset, file)
		for _, decl := range file.Decls {
			fn, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			switch {
			case within(fset, fn, wants):
				reported++
			case strings.HasPrefix(path, filepath.Join("testdata", "correct")) && handlesSession(fn):
				correct++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d functions are reported, %d are correct", reported, correct)
	if reported < 270 || correct < 350 {
		t.Errorf("%d functions are reported, want 270; %d are correct, want 350", reported, correct)
	}
}

// wantedLines returns the lines on which a diagnostic is expected, not a fact.
func wantedLines(fset *token.FileSet, file *ast.File) []int {
	var lines []int
	for _, group := range file.Comments {
		for _, c := range group.List {
			if strings.HasPrefix(c.Text, "// want `") || strings.HasPrefix(c.Text, "// want \"") {
				lines = append(lines, fset.Position(c.Pos()).Line)
			}
		}
	}
	return lines
}

func within(fset *token.FileSet, n ast.Node, lines []int) bool {
	from, to := fset.Position(n.Pos()).Line, fset.Position(n.End()).Line
	for _, line := range lines {
		if from <= line && line <= to {
			return true
		}
	}
	return false
}

// handlesSession reports whether a function gets a session or has one as a parameter.
func handlesSession(fn *ast.FuncDecl) bool {
	found := false
	ast.Inspect(fn, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			switch sel.Sel.Name {
			case "Load", "Open", "Get", "Session", "Admin":
				found = true
			}
		}
		return !found
	})
	return found
}
