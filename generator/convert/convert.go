package convert

import (
	"fmt"
	"go/types"
	"strings"

	"github.com/sessiongen/sessiongen/generator/schema"
)

const wayOut = "use another type, or leave the field out with `session:\"-\"`"

// convert returns the model of a type. Its Kind is KindInvalid if there are mistakes.
func (c *Converter) convert(t types.Type) (*schema.Type, []Mistake) {
	if !valid(t) {
		return &schema.Type{}, []Mistake{{Part: InType}}
	}
	expr, message := c.expr(t)
	if message != "" {
		return &schema.Type{}, []Mistake{c.unnamed(t, message)}
	}
	if known := c.known[expr.Text]; known != nil {
		return known, nil
	}
	for i, o := range c.open {
		if types.Identical(o.typ, t) {
			return &schema.Type{}, []Mistake{{Part: InType, Message: fmt.Sprintf(
				"type %s contains itself (through %s): add the json option to the schema's field, or refer to what "+
					"it contains by a key", c.text(t), c.route(i))}}
		}
	}
	if _, declared := types.Unalias(t).(*types.Named); declared {
		c.open = append(c.open, open{typ: types.Unalias(t)})
		defer func() { c.open = c.open[:len(c.open)-1] }()
	}
	s := &schema.Type{Expr: expr}
	mistakes := c.fill(s, t)
	if len(mistakes) > 0 {
		s.Kind = schema.KindInvalid
		return s, mistakes
	}
	c.known[expr.Text] = s
	return s, nil
}

func (c *Converter) unnamed(t types.Type, why string) Mistake {
	return Mistake{Part: InType, Message: fmt.Sprintf(
		"generated code cannot name %s: %s; use a type that it can name, or leave the field out with `session:\"-\"`",
		c.text(t), why)}
}

// route names the fields that lead from the open type at i back to itself.
func (c *Converter) route(i int) string {
	var names []string
	for _, o := range c.open[i:] {
		if o.via != "" {
			names = append(names, c.text(o.typ)+"."+o.via)
		}
	}
	if len(names) == 0 {
		return "its own elements"
	}
	return strings.Join(names, ", ")
}

// fill finds the kind of a type and converts its parts.
func (c *Converter) fill(s *schema.Type, t types.Type) []Mistake {
	_, s.Named = types.Unalias(t).(*types.Named)
	switch {
	case isTime(t, "Time"):
		s.Kind, s.Named = schema.KindTime, false
		return nil
	case isTime(t, "Duration"):
		s.Kind, s.Named = schema.KindDuration, false
		return nil
	case c.marshals(t, "Binary"):
		s.Kind, s.Comparable = schema.KindBinary, types.Comparable(t)
		return c.piece(t, "MarshalBinary")
	case c.marshals(t, "Text"):
		s.Kind, s.Comparable = schema.KindText, types.Comparable(t)
		return c.piece(t, "MarshalText")
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		c.guardName(t)
		return c.basic(s, t, u)
	case *types.Slice:
		if isByte(u.Elem()) {
			s.Kind = schema.KindBytes
			return nil
		}
		s.Kind = schema.KindSlice
		return c.elem(s, u.Elem())
	case *types.Array:
		c.guardName(t)
		s.Kind, s.Len = schema.KindArray, int(u.Len())
		return c.elem(s, u.Elem())
	case *types.Pointer:
		s.Kind = schema.KindPointer
		return c.elem(s, u.Elem())
	case *types.Map:
		s.Kind = schema.KindMap
		mistakes := c.mapKey(s, u.Key())
		return append(mistakes, c.elem(s, u.Elem())...)
	case *types.Struct:
		if isWrappedTime(u) {
			s.Kind = schema.KindTime
			return nil
		}
		s.Kind = schema.KindStruct
		if mistakes := c.members(s, t, u); len(mistakes) > 0 {
			return mistakes
		}
		return c.lock(t)
	case *types.Interface:
		return typeMistake("%s is an interface, which does not say what type to read back: use a concrete type%s, or "+
			"leave the field out with `session:\"-\"`", c.text(t), jsonHint(u))
	case *types.Signature:
		return typeMistake("a function cannot be stored: leave the field out with `session:\"-\"`")
	case *types.Chan:
		return typeMistake("a channel cannot be stored: leave the field out with `session:\"-\"`")
	}
	return typeMistake("type %s cannot be stored: %s", c.text(t), wayOut)
}

func typeMistake(format string, args ...any) []Mistake {
	return []Mistake{{Part: InType, Message: fmt.Sprintf(format, args...)}}
}

// jsonHint offers the json option where it helps: encoding/json reads into an empty interface, and into no other.
func jsonHint(i *types.Interface) string {
	if i.Empty() {
		return ", add the json option to the schema's field"
	}
	return ""
}

func (c *Converter) elem(s *schema.Type, t types.Type) []Mistake {
	var mistakes []Mistake
	s.Elem, mistakes = c.convert(t)
	return mistakes
}

func (c *Converter) basic(s *schema.Type, t types.Type, b *types.Basic) []Mistake {
	switch b.Kind() {
	case types.Complex64, types.Complex128:
		return typeMistake("%s cannot be stored: store the real and the imaginary part as two float64 fields",
			c.text(t))
	case types.Uintptr, types.UnsafePointer:
		return typeMistake("%s means nothing outside this process: %s", c.text(t), wayOut)
	case types.String:
		s.Kind = schema.KindString
	case types.Bool:
		s.Kind = schema.KindBool
	default:
		s.Kind, s.Bits = number(b)
	}
	return nil
}

func number(b *types.Basic) (schema.Kind, int) {
	bits := map[types.BasicKind]int{
		types.Int8: 8, types.Int16: 16, types.Int32: 32, types.Int64: 64,
		types.Uint8: 8, types.Uint16: 16, types.Uint32: 32, types.Uint64: 64,
		types.Float32: 32, types.Float64: 64,
	}[b.Kind()]
	switch {
	case b.Info()&types.IsFloat != 0:
		return schema.KindFloat, bits
	case b.Info()&types.IsUnsigned != 0:
		return schema.KindUint, bits
	}
	return schema.KindInt, bits
}

// The compiler refuses such a map, too, and again wherever generated code repeats its type.
const noMapKeys = "Go has no map keys of type %s%s: they cannot be compared; use strings, or a slice of structs"

// mapKey converts the key of a map. Of strings and integers only the underlying type counts: a marshaler's text need
// not be as distinct as the keys are. Any other key is stored as its text.
func (c *Converter) mapKey(s *schema.Type, t types.Type) []Mistake {
	if !valid(t) {
		return []Mistake{{Part: InType}}
	}
	b, plain := t.Underlying().(*types.Basic)
	plain = plain && b.Info()&(types.IsString|types.IsInteger) != 0 && b.Kind() != types.Uintptr
	switch {
	case !types.Comparable(t):
		return typeMistake(noMapKeys, c.text(t), "")
	case !plain && !c.marshals(t, "Text"):
		return typeMistake("map key %s cannot be stored: %s", c.text(t), c.keyHint(t))
	}
	expr, message := c.expr(t)
	if message != "" {
		return []Mistake{c.unnamed(t, message)}
	}
	s.Key = &schema.Type{Expr: expr}
	_, s.Key.Named = types.Unalias(t).(*types.Named)
	if plain {
		c.guardName(t)
		return c.basic(s.Key, t, b)
	}
	s.Key.Kind = schema.KindTextKey
	return c.piece(t, "MarshalText")
}

// keyHint says how a type that is no key can become one.
func (c *Converter) keyHint(t types.Type) string {
	_, named := types.Unalias(t).(*types.Named)
	switch writes, reads := c.has(t, "MarshalText"), c.has(t, "UnmarshalText"); {
	case named && writes && !reads:
		return "it has MarshalText but no UnmarshalText to read it back: declare that, too"
	case named && reads && !writes:
		return "it has UnmarshalText but no MarshalText: declare that, too"
	}
	return "keys are strings, integers or types with MarshalText and UnmarshalText; use one of them, " +
		"or a slice of structs"
}

// members converts the fields of a struct within a field. Their tags say key and - only.
func (c *Converter) members(s *schema.Type, t types.Type, st *types.Struct) []Mistake {
	mistakes := c.guard(t, st)
	fields, more := c.fields(t, st)
	mistakes = append(mistakes, more...)
	for _, f := range fields {
		if len(f.Tag.Options) > 0 {
			o := f.Tag.Options[0]
			mistakes = append(mistakes, Mistake{Var: f.Var, Part: InTag, At: o.At, Message: fmt.Sprintf(
				"option %s has no effect inside a stored struct, where a tag gives only the key or -: write it on "+
					"the field of the schema, or remove it", o.Name)})
			continue
		}
		if n := len(c.open); n > 0 {
			c.open[n-1].via = f.Var.Name()
		}
		typ, more := c.convert(f.Var.Type())
		mistakes = append(mistakes, of(f.Var, more)...)
		s.Members = append(s.Members, &schema.Member{Name: f.Var.Name(), Path: f.path, Key: f.key, Type: typ})
	}
	if named, ok := types.Unalias(t).(*types.Named); ok && named.Obj().Pkg() != c.own && len(mistakes) > 1 {
		return mistakes[:1] // the struct is not the user's to correct: one reason not to store it is enough
	}
	return mistakes
}

// of gives mistakes that lie in the type of a field to that field.
func of(v *types.Var, mistakes []Mistake) []Mistake {
	for i := range mistakes {
		if mistakes[i].Var == nil {
			mistakes[i].Var = v
		}
	}
	return mistakes
}

// json returns the model of a type that encoding/json stores. Nothing is known of it but its name.
func (c *Converter) json(t types.Type) (*schema.Type, []Mistake) {
	s := &schema.Type{}
	if !valid(t) {
		return s, []Mistake{{Part: InType}}
	}
	var message string
	if s.Expr, message = c.expr(t); message != "" {
		return s, []Mistake{c.unnamed(t, message)}
	}
	if b, ok := t.Underlying().(*types.Basic); ok &&
		(b.Info()&types.IsComplex != 0 || b.Kind() == types.UnsafePointer) {
		return s, c.basic(s, t, b)
	}
	if mistakes := append(c.jsonMistake(t), c.lock(t)...); len(mistakes) > 0 {
		return s, mistakes
	}
	_, s.Named = types.Unalias(t).(*types.Named)
	s.Kind = schema.KindJSON
	return s, c.jsonLoss(t)
}
