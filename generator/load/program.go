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

// A Selection says which function bodies of a program are read. What go/types knows of a body is most of the memory
// that a program takes, and whoever looks for something seldom needs them all.
type Selection interface {
	// Survey is shown each file of the program, one after another, before any is type-checked. It keeps no part of it.
	Survey(path string, file *ast.File)
	// Keep reports whether a function is read with its body. It is called by several goroutines at once, after all of
	// Survey.
	Keep(path string, file *ast.File, fn *ast.FuncDecl) bool
}

// LoadProgram loads packages for whoever reads function bodies: those that the selection keeps, or all without one.
// Dependencies come from export data, as with Load; those for which the go command has none (they do not compile, or
// cannot be downloaded) from their source without bodies, as far as it is there. A package with type errors is returned
// all the same, with what could be told of it.
func LoadProgram(ctx context.Context, cfg Config, of Selection) (*Program, error) {
	fset := token.NewFileSet()
	files := programParser{of: of}
	if of != nil {
		if err := files.survey(ctx, cfg); err != nil {
			return nil, err
		}
	}
	loaded, err := packages.Load(&packages.Config{
		Mode:      programMode,
		Context:   ctx,
		Dir:       cfg.Dir,
		Env:       cfg.Env,
		Fset:      fset,
		ParseFile: files.parse,
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
		if err := unread(p); err != nil {
			return nil, err
		}
		if p.Types == nil || p.TypesInfo == nil || len(p.Syntax) == 0 {
			continue
		}
		c := &Code{
			Path: p.PkgPath, Name: p.Name, Dir: p.Dir, Root: p.Dir,
			Files: p.Syntax, Types: p.Types, Info: p.TypesInfo,
		}
		for _, err := range p.Errors {
			if of != nil && strings.HasSuffix(err.Msg, "and not used") {
				continue // an import, by bodies that are left out
			}
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
		return nil, nothing(ctx, cfg)
	}
	slices.SortFunc(prog.Packages, func(a, b *Code) int { return cmp.Compare(a.Dir, b.Dir) })
	return prog, nil
}

// A programParser parses the files of a program for packages.Load.
type programParser struct {
	of   Selection
	path map[string]string // of the package that a file is in
}

// survey shows the selection all files, of which it keeps none: the parse is done again, which takes a tenth of the
// time of a type check and no memory.
func (p *programParser) survey(ctx context.Context, cfg Config) error {
	listed, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles, Context: ctx, Dir: cfg.Dir, Env: cfg.Env,
	}, cfg.Patterns...)
	if err != nil {
		return listError(err)
	}
	p.path = map[string]string{}
	for _, pkg := range listed {
		for _, name := range pkg.GoFiles {
			file, _ := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if file != nil {
				p.of.Survey(pkg.PkgPath, file)
			}
			p.path[name] = pkg.PkgPath
		}
	}
	return nil
}

// parse parses a file. Of other modules' files it keeps declarations alone, of the program's own files the bodies that
// are selected. Resolution of identifiers is go/types'.
func (p *programParser) parse(fset *token.FileSet, name string, src []byte) (*ast.File, error) {
	file, err := parser.ParseFile(fset, name, src, parser.SkipObjectResolution|parser.AllErrors)
	if file == nil {
		return nil, err
	}
	path, own := p.path[name]
	for _, decl := range file.Decls {
		fn, ok := decl.(*ast.FuncDecl)
		if ok && fn.Body != nil && (isDependency(name) || own && !p.of.Keep(path, file, fn)) {
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
