package load

import (
	"cmp"
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const programMode = mode | packages.NeedTypesInfo | packages.NeedTypesSizes

// A Program is the packages of a program with their function bodies, and the declarations of what they import.
type Program struct {
	Fset     *token.FileSet
	Packages []*Code // in the order of their directories
	Root     string  // of the module that most of them are in
}

// A Code is one package of a program, with all that go/types knows of its syntax.
type Code struct {
	Path, Name, Dir string
	Root            string // of its module
	Module          string // path of its module, or empty
	Files           []*ast.File
	Types           *types.Package
	Info            *types.Info
	Errors          []string // the package may lack what they name
}

// LoadProgram loads packages for whoever reads function bodies. Dependencies come from export data, as with Load;
// those for which the go command has none (they do not compile, or cannot be downloaded) from their source without
// bodies, as far as it is there. A package with type errors is returned all the same, with what could be told of it.
func LoadProgram(ctx context.Context, cfg Config) (*Program, error) {
	fset := token.NewFileSet()
	loaded, err := packages.Load(&packages.Config{
		Mode:      programMode,
		Context:   ctx,
		Dir:       cfg.Dir,
		Env:       cfg.Env,
		Fset:      fset,
		ParseFile: parseProgram,
	}, cfg.Patterns...)
	if err != nil {
		return nil, listError(err)
	}
	if len(loaded) == 0 {
		return nil, nothing(ctx, cfg)
	}
	prog := &Program{Fset: fset}
	roots := map[string]int{}
	for _, p := range loaded {
		if p.Types == nil || p.TypesInfo == nil || len(p.Syntax) == 0 {
			continue
		}
		c := &Code{
			Path: p.PkgPath, Name: p.Name, Dir: p.Dir, Root: p.Dir,
			Files: p.Syntax, Types: p.Types, Info: p.TypesInfo,
		}
		for _, err := range p.Errors {
			c.Errors = append(c.Errors, belowHeading(err.Msg))
		}
		if p.Module != nil && p.Module.Dir != "" {
			c.Root, c.Module = p.Module.Dir, p.Module.Path
		}
		roots[c.Root]++
		if roots[c.Root] > roots[prog.Root] {
			prog.Root = c.Root
		}
		prog.Packages = append(prog.Packages, c)
	}
	if len(prog.Packages) == 0 {
		for _, p := range loaded {
			if len(p.Errors) > 0 {
				return nil, listError(p.Errors[0])
			}
		}
		return nil, nothing(ctx, cfg)
	}
	slices.SortFunc(prog.Packages, func(a, b *Code) int { return cmp.Compare(a.Dir, b.Dir) })
	return prog, nil
}

// parseProgram parses a file. Of other modules' files it keeps declarations alone. Resolution of identifiers is
// go/types'.
func parseProgram(fset *token.FileSet, path string, src []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, path, src, parser.SkipObjectResolution|parser.AllErrors)
	if file == nil || !isDependency(path) {
		return file, err
	}
	for _, decl := range file.Decls {
		if fn, ok := decl.(*ast.FuncDecl); ok {
			fn.Body = nil
		}
	}
	return file, err
}

// isDependency tells a file of the module cache or of a vendor folder from one of the program.
func isDependency(path string) bool {
	path = filepath.ToSlash(path)
	return strings.Contains(path, "/pkg/mod/") || strings.Contains(path, "/vendor/")
}
