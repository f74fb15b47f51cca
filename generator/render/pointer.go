package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

type pointerCodec struct{}

func (pointerCodec) read(o *output, t *schema.Type) *jen.Statement {
	return jen.Qual(recordPath, "ReadPointer").Call(o.local("r"), o.readFunc(t.Elem))
}

func (pointerCodec) write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement {
	return jen.Qual(recordPath, "WritePointer").Call(o.local("w"), v, o.writeFunc(t.Elem))
}
