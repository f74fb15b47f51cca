package convert

import (
	"fmt"
	"go/types"
	"reflect"
	"strings"
)

// jsonMistake looks for a type within t that encoding/json refuses for every value, or cannot read back.
func (c *Converter) jsonMistake(t types.Type) []Mistake {
	fault := c.jsonFault(t, map[types.Type]bool{})
	if fault == nil {
		return nil
	}
	within := ""
	if fault.typ != t {
		within = fmt.Sprintf(", which %s holds", c.text(t))
	}
	return typeMistake(fault.format, c.text(fault.typ), within)
}

// A jsonFault is a type that encoding/json does not take, and the words for it and for the type that holds it.
type jsonFault struct {
	typ    types.Type
	format string
}

const (
	jsonRefuses = "encoding/json cannot store %s either%s: leave the field out with `session:\"-\"`"
	jsonForgets = "encoding/json cannot read %s back%s, as it does not say which type: use a concrete type, or " +
		"leave the field out with `session:\"-\"`"
	jsonOneWay = "encoding/json cannot read %s back%s: it has MarshalText but no UnmarshalText; declare that, too, or " +
		"leave the field out with `session:\"-\"`"
	jsonOtherWay = "encoding/json cannot read %s back%s: it has UnmarshalText but no MarshalText; declare that, too, or " +
		"leave the field out with `session:\"-\"`"
	jsonNoMapKeys = "encoding/json cannot store map keys of type %s%s: use strings, integers or a type with " +
		"MarshalText and UnmarshalText, or a slice of structs"
	jsonOneWayKeys = "encoding/json cannot read map keys of type %s back%s: the type has MarshalText but no " +
		"UnmarshalText; declare that, too, or use a slice of structs"
)

func (c *Converter) jsonFault(t types.Type, seen map[types.Type]bool) *jsonFault {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		return c.jsonFault(p.Elem(), seen)
	}
	if i, ok := t.Underlying().(*types.Interface); ok && !i.Empty() {
		return &jsonFault{t, jsonForgets}
	}
	if seen[t] || c.has(t, "MarshalJSON") {
		return nil
	}
	if c.has(t, "MarshalText") {
		if basic(t, types.IsString) || c.has(t, "UnmarshalText") || c.has(t, "UnmarshalJSON") {
			return nil
		}
		return &jsonFault{t, jsonOneWay}
	}
	if c.has(t, "UnmarshalText") && !basic(t, types.IsString) && !c.has(t, "UnmarshalJSON") {
		return &jsonFault{t, jsonOtherWay}
	}
	seen[t] = true
	switch u := t.Underlying().(type) {
	case *types.Signature, *types.Chan:
		return &jsonFault{t, jsonRefuses}
	case *types.Basic:
		if u.Info()&types.IsComplex != 0 || u.Kind() == types.UnsafePointer {
			return &jsonFault{t, jsonRefuses}
		}
	case *types.Pointer:
		return c.jsonFault(u.Elem(), seen)
	case *types.Slice:
		return c.jsonFault(u.Elem(), seen)
	case *types.Array:
		return c.jsonFault(u.Elem(), seen)
	case *types.Map:
		if format := c.jsonKeyFault(u.Key()); format != "" {
			return &jsonFault{u.Key(), format}
		}
		return c.jsonFault(u.Elem(), seen)
	case *types.Struct:
		return c.jsonFieldFault(u, seen)
	}
	return nil
}

// jsonKeyFault says what is wrong with a type of map keys. A key cannot be addressed, so that a MarshalText on its
// pointer does not count; what is a string is stored as one, whatever its methods.
func (c *Converter) jsonKeyFault(t types.Type) (format string) {
	writes := c.hasItself(t, "MarshalText")
	switch {
	case !types.Comparable(t):
		return noMapKeys
	case basic(t, types.IsString), basic(t, types.IsInteger) && !writes:
		return ""
	case !writes:
		return jsonNoMapKeys
	case !c.has(t, "UnmarshalText"):
		return jsonOneWayKeys
	}
	return ""
}

// basic reports whether a type is a basic one, by whatever name, with some property.
func basic(t types.Type, property types.BasicInfo) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&property != 0
}

// jsonFieldFault looks into the fields that encoding/json stores. An interface there may be nil for ever: jsonLoss
// remarks on it.
func (c *Converter) jsonFieldFault(st *types.Struct, seen map[types.Type]bool) *jsonFault {
	for i := range st.NumFields() {
		v, tag := st.Field(i), reflect.StructTag(st.Tag(i)).Get("json")
		if !v.Exported() && !v.Embedded() || tag == "-" || strings.HasSuffix(tag, ",omitzero") ||
			types.IsInterface(v.Type()) {
			continue
		}
		if fault := c.jsonFault(v.Type(), seen); fault != nil {
			return fault
		}
	}
	return nil
}

// has reports whether a type, or a pointer to it, has a method.
func (c *Converter) has(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, true, c.own, name)
	_, ok := obj.(*types.Func)
	return ok
}

// hasItself reports whether a type has a method where a value of it cannot be addressed: the pointer's do not count.
func (c *Converter) hasItself(t types.Type, name string) bool {
	obj, _, _ := types.LookupFieldOrMethod(t, false, c.own, name)
	_, ok := obj.(*types.Func)
	return ok
}
