package convert

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/schema"
)

// expr writes a type as generated code has to write it, or says why generated code cannot. An alias that cannot be
// written gives way to the type that it stands for.
func (c *Converter) expr(t types.Type) (schema.Expr, string) {
	message := c.unwritable(t)
	if alias, ok := t.(*types.Alias); ok && message != "" {
		return c.expr(alias.Rhs())
	}
	if message != "" {
		return schema.Expr{}, message
	}
	var e schema.Expr
	e.Text = types.TypeString(t, func(p *types.Package) string {
		if p == c.own {
			return ""
		}
		imp := schema.Import{Path: p.Path(), Name: p.Name()}
		for _, known := range e.Imports {
			if known == imp {
				return "«" + p.Path() + "»"
			}
		}
		e.Imports = append(e.Imports, imp)
		return "«" + p.Path() + "»"
	})
	return e, ""
}

// text writes a type for a message.
func (c *Converter) text(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == c.own {
			return ""
		}
		return p.Name()
	})
}

// unwritable says why a type cannot be written in the package being generated, or nothing.
func (c *Converter) unwritable(t types.Type) string {
	switch t := t.(type) {
	case *types.Named:
		return c.unwritableName(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return c.unwritableName(t.Obj(), t.TypeArgs())
	case *types.Pointer:
		return c.unwritable(t.Elem())
	case *types.Slice:
		return c.unwritable(t.Elem())
	case *types.Array:
		return c.unwritable(t.Elem())
	case *types.Chan:
		return c.unwritable(t.Elem())
	case *types.Map:
		if message := c.unwritable(t.Key()); message != "" {
			return message
		}
		return c.unwritable(t.Elem())
	case *types.Struct:
		for v := range t.Fields() {
			if !v.Exported() && v.Pkg() != c.own {
				return fmt.Sprintf("it has the unexported field %s of package %s", v.Name(), v.Pkg().Path())
			}
			if message := c.unwritable(v.Type()); message != "" {
				return message
			}
		}
	}
	return ""
}

func (c *Converter) unwritableName(obj *types.TypeName, args *types.TypeList) string {
	if name, ok := strings.CutPrefix(obj.Name(), "_Ctype_"); ok {
		return fmt.Sprintf("C.%s is known only in files that import C", name)
	}
	if p := obj.Pkg(); p != nil && p != c.own && c.own != nil {
		switch {
		case !obj.Exported():
			return fmt.Sprintf("type %s.%s is not exported", p.Name(), obj.Name())
		case p.Name() == "main":
			return fmt.Sprintf("type %s stands in a main package, which cannot be imported", obj.Name())
		case !importable(p.Path(), c.own.Path()):
			return fmt.Sprintf("type %s.%s stands in %s, which this package may not import",
				p.Name(), obj.Name(), p.Path())
		}
	}
	for arg := range args.Types() {
		if message := c.unwritable(arg); message != "" {
			return message
		}
	}
	return ""
}

// importable applies the rule for internal packages (go help packages), and keeps out the packages that the standard
// library vendors.
func importable(path, from string) bool {
	if strings.HasPrefix(path, "vendor/") || strings.HasPrefix(path+"/", "internal/") {
		return false
	}
	i := strings.LastIndex(path+"/", "/internal/")
	return i < 0 || from == path[:i] || strings.HasPrefix(from, path[:i]+"/")
}

// valid reports whether a type could be resolved as far as it is written. Declared types are not looked into.
func valid(t types.Type) bool {
	switch t := t.(type) {
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.Alias:
		return valid(t.Rhs()) && validAll(t.TypeArgs())
	case *types.Named:
		return t.Underlying() != types.Typ[types.Invalid] && validAll(t.TypeArgs())
	case *types.Pointer:
		return valid(t.Elem())
	case *types.Slice:
		return valid(t.Elem())
	case *types.Array:
		return valid(t.Elem())
	case *types.Chan:
		return valid(t.Elem())
	case *types.Map:
		return valid(t.Key()) && valid(t.Elem())
	case *types.Struct:
		for v := range t.Fields() {
			if !valid(v.Type()) {
				return false
			}
		}
	}
	return true
}

func validAll(args *types.TypeList) bool {
	for arg := range args.Types() {
		if !valid(arg) {
			return false
		}
	}
	return true
}
