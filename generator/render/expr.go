package render

import (
	"go/ast"
	"go/parser"
	"strconv"
	"strings"
	"unicode"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A piece of an Expr is source text, or the import path of a package whose name stands there.
type piece struct {
	text string
	path string
}

// pieces takes an Expr apart. It steps over string literals: a struct tag may contain « and ».
func pieces(text string) []piece {
	var ps []piece
	start := 0
	for i := 0; i < len(text); {
		switch {
		case text[i] == '"':
			i += literalLen(text[i:])
		case strings.HasPrefix(text[i:], "«"):
			end := i + strings.Index(text[i:], "»")
			if i > start {
				ps = append(ps, piece{text: text[start:i]})
			}
			ps = append(ps, piece{path: text[i+len("«") : end]})
			i = end + len("»")
			start = i
		default:
			i++
		}
	}
	if start < len(text) {
		ps = append(ps, piece{text: text[start:]})
	}
	return ps
}

// literalLen returns the length of the quoted string that s begins with.
func literalLen(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// expr writes a type.
func (o *output) expr(e schema.Expr) *jen.Statement {
	s := &jen.Statement{}
	path := ""
	for _, p := range pieces(e.Text) {
		text := p.text
		if path != "" { // text is a dot, a name, and what follows
			name := text[1:]
			if end := strings.IndexFunc(name, outsideName); end >= 0 {
				name = name[:end]
			}
			s.Qual(path, name)
			text = text[1+len(name):]
		}
		if text != "" {
			s.Op(requoteTags(text))
		}
		path = p.path
	}
	return s
}

// requoteTags writes the tags in a struct type as quoteTag does.
func requoteTags(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, `"`)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		n := literalLen(`"` + rest)
		tag, err := strconv.Unquote(`"` + rest[:n-1])
		if err != nil {
			return text // formatting the output says what is wrong
		}
		b.WriteString(quoteTag(tag))
		text = rest[n-1:]
	}
}

func outsideName(r rune) bool { return r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) }

// syntax parses an Expr, with packages under the names that they give themselves.
func syntax(e schema.Expr) ast.Expr {
	var b strings.Builder
	for _, p := range pieces(e.Text) {
		b.WriteString(p.text)
		for _, imp := range e.Imports {
			if imp.Path == p.path {
				b.WriteString(imp.Name)
			}
		}
	}
	x, err := parser.ParseExpr(b.String())
	if err != nil {
		return &ast.BadExpr{} // it names nothing; formatting the output says what is wrong
	}
	return x
}

// mentions adds the names by which n refers to the package and to what is predeclared: no fields, no methods, nothing
// behind the name of another package.
func mentions(n ast.Node, found map[string]bool) {
	var visit func(ast.Node) bool
	visit = func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			found[n.Name] = true
		case *ast.SelectorExpr:
			if _, pkg := n.X.(*ast.Ident); !pkg {
				ast.Inspect(n.X, visit)
			}
			return false
		case *ast.Field:
			ast.Inspect(n.Type, visit)
			return false
		case *ast.KeyValueExpr:
			ast.Inspect(n.Value, visit)
			return false
		}
		return true
	}
	ast.Inspect(n, visit)
}
