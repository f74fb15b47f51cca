package adopt

import (
	"cmp"
	"fmt"
	"go/token"
	"path/filepath"
	"strings"

	"github.com/sessiongen/sessiongen/generator/diag"
)

// position is where something stands.
func (prog *program) position(at token.Pos) token.Position { return prog.Fset.Position(at) }

// compare orders what stands in the program by file, line and column.
func (prog *program) compare(a, b token.Pos) int {
	p, q := prog.position(a), prog.position(b)
	return cmp.Or(cmp.Compare(p.Filename, q.Filename), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// importedAt is where the program imports a package first.
func (prog *program) importedAt(path string) (token.Pos, bool) {
	for _, p := range prog.pkgs {
		for _, f := range p.Files {
			for _, imp := range f.Imports {
				if strings.Trim(imp.Path.Value, "`\"") == path {
					return imp.Pos(), true
				}
			}
		}
	}
	return token.NoPos, false
}

// relative is a file's path as a person at the terminal would write it.
func (st *study) relative(file string) string {
	return filepath.ToSlash(diag.Relative(st.dir, file))
}

// pos is a position in the report.
func (st *study) pos(at token.Pos) string {
	p := st.prog.position(at)
	return fmt.Sprintf("%s:%d:%d", st.relative(p.Filename), p.Line, p.Column)
}

// at is a position in a comment or a message.
func (st *study) at(pos token.Pos) string {
	p := st.prog.position(pos)
	return fmt.Sprintf("%s:%d", st.relative(p.Filename), p.Line)
}
