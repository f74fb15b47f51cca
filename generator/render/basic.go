package render

import (
	"strconv"

	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// basicCodec is for the types that the runtime reads and writes itself, and for those that a user declares of them. The
// methods of Reader, Writer and Core for such a type, and its record.Type, all have one name.
type basicCodec struct{}

func (basicCodec) read(o *output, t *schema.Type) *jen.Statement {
	return o.toNamed(t, o.local("r").Dot(basicName(t)).Call())
}

func (basicCodec) write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement {
	return o.local("w").Dot(basicName(t)).Call(o.toBasic(t, v))
}

func isBasic(t *schema.Type) bool { return basicName(t) != "" }

// basicName returns the name under which the runtime knows a type, or nothing.
func basicName(t *schema.Type) string {
	switch t.Kind {
	case schema.KindBool:
		return "Bool"
	case schema.KindInt:
		return "Int" + bits(t)
	case schema.KindUint:
		return "Uint" + bits(t)
	case schema.KindFloat:
		return "Float" + bits(t)
	case schema.KindString:
		return "String"
	case schema.KindBytes:
		return "Bytes"
	case schema.KindTime:
		return "Time"
	case schema.KindDuration:
		return "Duration"
	}
	return ""
}

func bits(t *schema.Type) string {
	if t.Bits == 0 {
		return ""
	}
	return strconv.Itoa(t.Bits)
}

// converts reports whether values must be converted between a type and the runtime's type for it. Bytes need not:
// []byte and a type that is declared as []byte are assignable to each other.
func converts(t *schema.Type) bool { return t.Named && t.Kind != schema.KindBytes }

func (o *output) toNamed(t *schema.Type, v *jen.Statement) *jen.Statement {
	if !converts(t) {
		return v
	}
	return o.expr(t.Expr).Call(v)
}

func (o *output) toBasic(t *schema.Type, v *jen.Statement) *jen.Statement {
	if !converts(t) {
		return v
	}
	if t.Kind == schema.KindTime {
		return jen.Qual("time", "Time").Call(v)
	}
	return jen.Id(lowerFirst(basicName(t))).Call(v)
}
