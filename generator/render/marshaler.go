package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

// marshalerCodec is for types that encode themselves, or that encoding/json encodes. Their methods may be declared on
// the pointer, which has those of the value too.
type marshalerCodec struct {
	functionPair
	form string // Binary, Text or JSON: the end of the names of the runtime's functions, ReadBinary and so on
}

func (c marshalerCodec) readBody(o *output, _ *schema.Type) []jen.Code {
	return []jen.Code{jen.Qual(recordPath, "Read"+c.form).Call(o.local("r"), jen.Op("&").Add(o.local("v")))}
}

func (c marshalerCodec) writeBody(o *output, _ *schema.Type) []jen.Code {
	return []jen.Code{jen.Qual(recordPath, "Write"+c.form).Call(o.local("w"), jen.Op("&").Add(o.local("v")))}
}
