package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// A codec writes the code for one kind of type: how a value of it is read from the Reader r, in one expression, and
// written to the Writer w, in one statement.
type codec interface {
	read(o *output, t *schema.Type) *jen.Statement
	write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement
}

// A bodyCodec is a codec for types that take more than that. Its read and write call a pair of generated functions,
// whose bodies are readBody, which fills v, and writeBody, which is given v.
type bodyCodec interface {
	codec
	readBody(o *output, t *schema.Type) []jen.Code
	writeBody(o *output, t *schema.Type) []jen.Code
}

// codecOf returns the codec for the values of a type.
func codecOf(t *schema.Type) codec {
	switch t.Kind {
	case schema.KindSlice:
		return sliceCodec{}
	case schema.KindArray:
		return arrayCodec{}
	case schema.KindMap:
		return mapCodec{}
	case schema.KindPointer:
		return pointerCodec{}
	case schema.KindStruct:
		return structCodec{}
	case schema.KindBinary:
		return marshalerCodec{form: "Binary"}
	case schema.KindText, schema.KindTextKey:
		return marshalerCodec{form: "Text"}
	case schema.KindJSON:
		return marshalerCodec{form: "JSON"}
	default:
		return basicCodec{}
	}
}
