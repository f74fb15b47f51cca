// Package load reads the packages that the generator works on: the user's syntax without function bodies, their types,
// and nothing of what the generator wrote before.
//
// It is the only importer of go/packages, and cheap on purpose: one packages.Load without NeedDeps, so that the types
// of imports come from export data and no dependency is parsed. NeedTypesInfo is left out as well: the checker would
// fill maps for every expression, while a schema needs only the package's scope.
//
// A package that does not compile is normal here, since it often lacks the very code that is about to be generated. The
// go command lists the files and imports of such a package all the same (go list -e), and the checker goes on after
// errors. The package therefore reports an error only for a package that cannot be listed at all; errors in a file or a
// type stay with that file or type, for the caller that needs it.
package load

import (
	"cmp"
	"context"
	"fmt"
	"go/token"
	"go/types"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

const mode = packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedImports |
	packages.NeedTypes | packages.NeedSyntax | packages.NeedModule

// Config says what to load. The zero value means the package in the current directory, in the current environment.
type Config struct {
	Dir      string   // where patterns are resolved
	Env      []string // as in os/exec: nil for the current one
	Patterns []string // as for go list
}

// A Package is one Go package.
type Package struct {
	Path string // import path
	Name string
	Dir  string // absolute
	Root string // of its module; of a package without one its own folder

	Files   []*File   // the user's files that the type checker saw, by name
	Apart   []*File   // the user's other files: tests and files of other platforms, by name; nil without a schema
	Outputs []*Output // files that the generator wrote, by name

	Types         *types.Package
	TypeErrors    []types.Error
	ImportTrouble map[string]string // the errors of packages that this one imports, by path

	fset *token.FileSet
}

// Load loads packages, in the order of their directories. An error says that a pattern or a package cannot be read.
func Load(ctx context.Context, cfg Config) ([]*Package, error) {
	for _, p := range cfg.Patterns {
		if strings.HasSuffix(p, ".go") {
			return nil, fmt.Errorf("%s is a file: name its package, which is %s", p, folder(p))
		}
	}
	return load(ctx, cfg, &fileParser{found: map[string]*File{}})
}

// folder writes the folder of a file as a pattern for a package.
func folder(file string) string {
	dir := filepath.ToSlash(filepath.Dir(file))
	if dir == "." || filepath.IsAbs(file) || strings.HasPrefix(dir, "../") || dir == ".." {
		return dir
	}
	return "./" + dir
}

func load(ctx context.Context, cfg Config, files *fileParser) ([]*Package, error) {
	fset := token.NewFileSet()
	loaded, err := packages.Load(&packages.Config{
		Mode:      mode,
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
	var pkgs []*Package
	for _, p := range loaded {
		if err := unread(p); err != nil {
			return nil, err
		}
		pkg, err := newPackage(p, fset, files)
		if err != nil {
			return nil, err
		}
		pkgs = append(pkgs, pkg)
	}
	slices.SortFunc(pkgs, func(a, b *Package) int { return cmp.Compare(a.Dir, b.Dir) })
	return pkgs, nil
}

// unread reports a package of which there is nothing to read, as of a pattern with a slip in it.
func unread(p *packages.Package) error {
	if len(p.GoFiles) > 0 || len(p.IgnoredFiles) > 0 || len(p.Errors) == 0 {
		return nil
	}
	said := belowHeading(p.Errors[0].Msg)
	if strings.Contains(said, "does not contain main module") {
		said = "it lies in no module, or in another one: run sessiongen within its module"
	}
	return fmt.Errorf("cannot read package %s: %s", p.PkgPath, said)
}

// nothing explains why no package was found. A go list that is asked for export data does not tell (go/packages drops
// what it prints), one that is asked for names does.
func nothing(ctx context.Context, cfg Config) error {
	_, err := packages.Load(&packages.Config{Mode: packages.NeedName, Context: ctx, Dir: cfg.Dir, Env: cfg.Env},
		cfg.Patterns...)
	if err == nil {
		return fmt.Errorf("no packages match %s", strings.Join(cfg.Patterns, " "))
	}
	return listError(err)
}

// listError returns the go command's message, without the text that go/packages wraps around it.
func listError(err error) error {
	_, said, _ := strings.Cut(err.Error(), "stderr: ")
	said = strings.TrimSpace(said)
	switch {
	case strings.Contains(err.Error(), "go command required"):
		return fmt.Errorf("cannot list packages: the go command is not in PATH")
	case strings.Contains(said, "go.mod file not found"):
		return fmt.Errorf("cannot list packages: no go.mod here or above: run sessiongen within a module, or make " +
			"one with go mod init")
	case said != "":
		return fmt.Errorf("cannot list packages: %s", said)
	}
	return fmt.Errorf("cannot list packages: %w", err)
}

func newPackage(p *packages.Package, fset *token.FileSet, files *fileParser) (*Package, error) {
	pkg := &Package{
		Path: p.PkgPath, Name: p.Name, Dir: p.Dir, Root: p.Dir,
		Types: p.Types, TypeErrors: p.TypeErrors, ImportTrouble: map[string]string{},
		fset: fset,
	}
	if p.Module != nil && p.Module.Dir != "" {
		pkg.Root = p.Module.Dir
	}
	for path, imp := range p.Imports {
		if len(imp.Errors) > 0 {
			pkg.ImportTrouble[path] = belowHeading(imp.Errors[0].Msg)
		}
	}
	for _, path := range p.CompiledGoFiles {
		if f := files.found[path]; f != nil {
			f.Name = filepath.Base(path)
			if filepath.Dir(path) != p.Dir { // of cgo's making, from a file whose name is in a line directive
				f.Name = filepath.Base(pkg.Position(f.Syntax.Package).Filename)
			}
			pkg.Files = append(pkg.Files, f)
		}
	}
	slices.SortFunc(pkg.Files, byName)
	return pkg, pkg.readFolder(p.GoFiles)
}

func byName(a, b *File) int { return cmp.Compare(a.Name, b.Name) }

// belowHeading returns the first line of a go command's message below its heading, "# path", with the indented lines
// that continue it.
func belowHeading(message string) string {
	line := ""
	for l := range strings.Lines(message) {
		switch {
		case strings.HasPrefix(l, "# "):
		case line != "" && !strings.HasPrefix(l, "\t"):
			return line
		default:
			line = strings.TrimSpace(line + " " + strings.TrimSpace(l))
		}
	}
	return line
}

// Position tells where something stands in a file that the user wrote. Line directives count only in what cgo made of
// such a file; elsewhere a message shall point at the text that is there.
func (p *Package) Position(pos token.Pos) token.Position {
	position := p.fset.PositionFor(pos, false)
	if position.IsValid() && filepath.Dir(position.Filename) != p.Dir {
		position = p.fset.PositionFor(pos, true)
		position.Filename = filepath.Join(p.Dir, filepath.Base(position.Filename))
	}
	return position
}
