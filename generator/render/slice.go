package render

import (
	"github.com/dave/jennifer/jen"
	"github.com/sessiongen/sessiongen/generator/schema"
)

type sliceCodec struct{}

func (sliceCodec) read(o *output, t *schema.Type) *jen.Statement {
	return jen.Qual(recordPath, "ReadSlice").Types(o.expr(t.Expr)).Call(o.local("r"), o.readFunc(t.Elem))
}

func (sliceCodec) write(o *output, t *schema.Type, v *jen.Statement) *jen.Statement {
	elements := jen.Qual(recordPath, "StartSlice").Call(o.local("w"), v)
	return jen.For(jen.List(jen.Id("_"), o.local("e")).Op(":=").Range().Add(elements)).Block(
		o.writeElement(t.Elem, o.local("e")),
	)
}
