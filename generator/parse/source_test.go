package parse

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

func TestAnOffsetInATagIsFoundInItsLiteral(t *testing.T) {
	for _, literal := range []string{
		"`session:\"a,renw\"`",
		"`json:\"é\" session:\"a,renw\"`",
		`"session:\"a,renw\""`,
		`"json:\"é\\\"\u00e9\" session:\"a,renw\""`,
	} {
		src := "package p\n\ntype T struct {\n\tF int " + literal + "\n}\n"
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "p.go", src, 0)
		if err != nil {
			t.Fatal(err)
		}
		var lit *ast.BasicLit
		ast.Inspect(f, func(n ast.Node) bool {
			if field, ok := n.(*ast.Field); ok {
				lit = field.Tag
			}
			return true
		})
		text, err := strconv.Unquote(lit.Value)
		if err != nil {
			t.Fatal(err)
		}
		offset := fset.Position(tagPos(lit, strings.Index(text, "renw"))).Offset
		if !strings.HasPrefix(src[offset:], "renw") {
			t.Errorf("%s: found at %q", literal, src[offset:])
		}
	}
}
