package load

import (
	"bytes"
	"errors"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"strings"
	"sync"

	"github.com/sessiongen/sessiongen/generator/schema"
)

const outputSuffix = "_gen.go"

// A File is one file that the user wrote.
type File struct {
	Name   string    // base name
	Syntax *ast.File // never nil; without function bodies, and without the parts that could not be parsed
	Source []byte

	bodies []span
	errs   scanner.ErrorList
}

type span struct{ from, to token.Pos }

// InBody reports whether pos lies within the body of a function.
func (f *File) InBody(pos token.Pos) bool {
	for _, b := range f.bodies {
		if b.from < pos && pos < b.to {
			return true
		}
	}
	return false
}

// SyntaxErrors returns the errors that the parser found in the file.
func (f *File) SyntaxErrors() scanner.ErrorList { return f.errs }

// MentionsSchema reports whether a schema may stand in the file: a cheap guess that is never wrong about its absence.
func (f *File) MentionsSchema() bool { return bytes.Contains(f.Source, []byte("sessiongen:schema")) }

// A fileParser parses files for packages.Load, and keeps them by path.
type fileParser struct {
	mu    sync.Mutex
	found map[string]*File
}

// parse is the hook for packages.Config.ParseFile. Our own output it takes away altogether, so that neither its state
// nor its age matters. Syntax errors are kept and not returned: most do not concern a schema.
func (p *fileParser) parse(fset *token.FileSet, path string, src []byte) (*ast.File, error) {
	if strings.HasSuffix(path, outputSuffix) {
		if _, ours := schema.Owned(src); ours || len(bytes.TrimSpace(src)) == 0 {
			return nil, nil
		}
	}
	f := &File{Source: src}
	f.parse(fset, path)
	p.mu.Lock()
	p.found[path] = f
	p.mu.Unlock()
	return f.Syntax, nil
}

func (f *File) parse(fset *token.FileSet, path string) {
	// AllErrors: without it the parser gives up after ten, and with it go the comments of the rest of the file.
	syntax, err := parser.ParseFile(fset, path, f.Source,
		parser.ParseComments|parser.SkipObjectResolution|parser.AllErrors)
	f.Syntax = syntax
	errors.As(err, &f.errs)
	ast.Inspect(syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncDecl:
			if n.Body != nil {
				f.bodies = append(f.bodies, span{n.Body.Lbrace, n.Body.End()})
				n.Body = nil // a function of which the checker sees only the head, as it would be with one in assembly
			}
			return false
		case *ast.FuncLit:
			f.bodies = append(f.bodies, span{n.Body.Lbrace, n.Body.End()})
			n.Body = &ast.BlockStmt{Lbrace: n.Body.Lbrace, Rbrace: n.Body.Rbrace}
			return false
		case *ast.TypeSpec, *ast.ImportSpec:
			return false
		}
		return true
	})
}
