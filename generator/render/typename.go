package render

import (
	"go/ast"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// typeName makes a name of a type, to stand behind read and write: []Item → SliceItem, map[string]url.URL →
// MapStringURL, *shop.Item → PointerShopItem. Different types may get the same name; names.go keeps them apart.
func typeName(t *schema.Type) string {
	name := nameOf(syntax(t.Expr))
	switch t.Kind {
	case schema.KindJSON:
		return "JSON" + name
	case schema.KindTextKey:
		return "Key" + name
	}
	return name
}

func nameOf(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.Ident:
		return upperFirst(x.Name)
	case *ast.SelectorExpr:
		pkg, name := nameOf(x.X), upperFirst(x.Sel.Name)
		if strings.EqualFold(pkg, name) { // url.URL
			return name
		}
		return pkg + name
	case *ast.ParenExpr:
		return nameOf(x.X)
	case *ast.StarExpr:
		return "Pointer" + nameOf(x.X)
	case *ast.ArrayType:
		if length, ok := x.Len.(*ast.BasicLit); ok {
			return "Array" + length.Value + nameOf(x.Elt)
		}
		return "Slice" + nameOf(x.Elt)
	case *ast.MapType:
		return "Map" + nameOf(x.Key) + nameOf(x.Value)
	case *ast.IndexExpr:
		return nameOf(x.X) + nameOf(x.Index)
	case *ast.IndexListExpr:
		name := nameOf(x.X)
		for _, arg := range x.Indices {
			name += nameOf(arg)
		}
		return name
	case *ast.StructType:
		return structName(x)
	case *ast.InterfaceType:
		return "Any"
	}
	return "Value"
}

const structNameFields = 3 // more make no name that anyone can read

func structName(x *ast.StructType) string {
	name := "Struct"
	if len(x.Fields.List) > structNameFields {
		return name
	}
	for _, f := range x.Fields.List {
		if len(f.Names) == 0 {
			name += nameOf(f.Type)
		}
		for _, n := range f.Names {
			name += upperFirst(n.Name)
		}
	}
	return name
}

func upperFirst(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// lowerFirst makes an exported name private: AdminSession → adminSession, HTTPSession → httpSession, ID → id.
func lowerFirst(s string) string {
	runes := []rune(s)
	n := 0
	for n < len(runes) && unicode.IsUpper(runes[n]) {
		n++
	}
	if n > 1 && n < len(runes) && unicode.IsLower(runes[n]) {
		n-- // the last capital begins the next word
	}
	return strings.ToLower(string(runes[:n])) + string(runes[n:])
}
